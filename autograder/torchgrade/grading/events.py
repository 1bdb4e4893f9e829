"""Grading one lesson as a stream of events: plain data for a terminal, a panel or a file.

==========  ====================================================================================
`start`     `lesson`, `hidden` (whether the hidden tests are here), `exercises` (each `grade_id`,
            `exercise`, `title`, `points`, `cell_id`)
`cell`      `id`, `index` and `of`: a code cell has run, the index-th of so many
`test`      `grade_id`, `cell_id` (the answer's), `status`, `report`, `score`, `ended`
`end`       `points`, `max_points`, `problems`
`failed`    `message`: there are no grades
==========  ====================================================================================

`status` is that of a report (passed, partial, failed, unfinished). Scores and points are None where
only open examples were checked: they say nothing of the points.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

from torchgrade.engine import engine as engine_module
from torchgrade.engine.task import Graded, GradingFailed, Task
from torchgrade.grading.assemble import CannotGrade, Exercise, Lesson, read_lesson

Event = dict[str, Any]
Hear = Callable[[Event], None]


class Engine(Protocol):
    """What is needed of `torchgrade.engine.engine.Engine`."""

    def grade(self, task: Task, hear: Hear) -> Graded: ...


class Grader:
    """Grades lessons, one after another, in one engine; it starts with the first and stays warm.

    Args:
        unprotected: grade also where nothing keeps the learner's code in.
    """

    def __init__(self, *, unprotected: bool = False, device: str = "cpu") -> None:
        self._unprotected = unprotected
        self._device = device
        self._engine: Engine | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def grade(self, path: Path, hear: Hear, source: Path | None = None) -> None:
        """Grade a lesson; `hear` is called with every event, last with `end` or `failed`."""
        try:
            lesson = read_lesson(path, source)
            hear(start_of(lesson))
            listener = Listener(lesson, hear)
            graded = self._warm(lesson).grade(task_of(lesson, self._device), listener.hear)
        except CannotGrade as error:
            hear({"event": "failed", "message": str(error)})
        except engine_module.NotProtected as error:
            message = f"{error} Code of your own may run all the same, with --unprotected."
            hear({"event": "failed", "message": message})
        except GradingFailed as error:
            hear({"event": "failed", "message": f"The grader itself failed: {error}. Try again."})
        else:
            listener.finish(graded)

    def _warm(self, lesson: Lesson) -> Engine:
        if self._engine is None:
            hidden = [lesson.source.parent] if lesson.source else []
            engine = engine_module.Engine(unprotected=self._unprotected, hidden=hidden)
            self._engine = self._stack.enter_context(engine)
        return self._engine


def start_of(lesson: Lesson) -> Event:
    """Return the first event: what will be checked."""
    return {
        "event": "start",
        "lesson": lesson.path.stem,
        "hidden": lesson.given is not None,
        "exercises": [
            {
                "grade_id": each.grade_id,
                "exercise": each.name,
                "title": each.title,
                "points": each.points,
                "cell_id": each.cell_id,
            }
            for each in lesson.exercises
        ],
    }


def task_of(lesson: Lesson, device: str) -> Task:
    """Return what the engine is to do.

    Without hidden tests there is nothing to keep from the learner's code: the open examples run
    beside it, as they do in the notebook.
    """
    return Task(
        name=lesson.path.stem,
        notebook=lesson.notebook,
        given=lesson.given,
        device=device,
        judge=lesson.given is not None,
    )


class Listener:
    """Turns what the engine tells into events, and keeps count."""

    def __init__(self, lesson: Lesson, hear: Hear) -> None:
        self._hear = hear
        self._hidden = lesson.given is not None
        self._exercises = {each.grade_id: each for each in lesson.exercises}
        code = [cell.id for cell in lesson.notebook.cells if cell.cell_type == "code"]
        self._places = {name: index for index, name in enumerate(code, start=1)}
        self._scores: dict[str, float] = {}

    def hear(self, told: Event) -> None:
        """Hear one event of the engine."""
        if told["event"] == "cell" and told["id"] in self._places:
            index, of = self._places[told["id"]], len(self._places)
            self._hear({"event": "cell", "id": told["id"], "index": index, "of": of})
        elif told["event"] == "test" and told["grade_id"] in self._exercises:
            self._test(self._exercises[told["grade_id"]], told)

    def _test(self, exercise: Exercise, told: Event) -> None:
        full = exercise.points if told["score"] is None else told["score"]
        score = min(max(float(full), 0.0), exercise.points)
        self._scores[exercise.grade_id] = score
        self._hear(
            {
                "event": "test",
                "grade_id": exercise.grade_id,
                "cell_id": exercise.cell_id,
                "status": status_of(told["report"], score, exercise.points),
                "report": told["report"],
                "score": score if self._hidden else None,
                "ended": told["ended"],
            }
        )

    def finish(self, graded: Graded) -> None:
        """Tell the end, after any test that was not heard of: a cell that never ran has failed."""
        for test in graded.tests:
            if test.grade_id in self._exercises and test.grade_id not in self._scores:
                told = {"report": test.report, "score": test.score, "ended": test.ended}
                self._test(self._exercises[test.grade_id], told)
        points = sum(self._scores.values())
        self._hear(
            {
                "event": "end",
                "points": points if self._hidden else None,
                "max_points": sum(each.points for each in self._exercises.values()),
                "problems": list(graded.problems),
            }
        )


def status_of(report: dict[str, Any] | None, score: float, points: float) -> str:
    """Return a report's status; of a test without one, what its score says."""
    if report is not None:
        return str(report["status"])
    if score >= points:
        return "passed"
    return "partial" if score > 0 else "failed"
