"""The figures of a class: one object that prints as tables in a terminal and as a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean, median, quantiles

from rich.console import Console

from torchgrade.grading.report.gradebook import Marks, read_marks
from torchgrade.grading.report.lessons import (
    CheckUse,
    ExerciseFigures,
    exercise_figures,
    teach_next,
)
from torchgrade.grading.report.read import Damaged, Receipt, read_receipts
from torchgrade.grading.report.scores import Exercise, exercises
from torchgrade.grading.report.times import (
    LayerUse,
    SlowCell,
    SlowSubmission,
    Stage,
    layers,
    slow_cells,
    slow_submissions,
    stages,
)


@dataclass(frozen=True, slots=True)
class Total:
    """A student's points, a late penalty taken off. `waiting`: a person has yet to look."""

    student: str
    points: float
    penalty: float
    waiting: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the totals lie, in points; quartiles as numpy and spreadsheets compute them."""

    mean: float
    lower_quartile: float
    median: float
    upper_quartile: float


@dataclass(frozen=True, slots=True)
class Problem:
    """Something an instructor should know of one notebook."""

    student: str
    notebook: str
    what: str


@dataclass(frozen=True)
class ClassReport:
    """What grading an assignment says of the class.

    Attributes:
        totals: of everybody who was graded, by name.
        missing: students of the course who handed in nothing.
        ungraded: students who handed in, but have no grade.
        not_entered: students with a result that the gradebook does not have yet.
        max_points: of the assignment.
        spread: None when nobody was graded.
        notes: what to know about where the figures come from.
    """

    assignment: str
    made: datetime
    totals: tuple[Total, ...]
    missing: tuple[str, ...]
    ungraded: tuple[str, ...]
    not_entered: tuple[str, ...]
    max_points: float
    spread: Spread | None
    exercises: tuple[ExerciseFigures, ...]
    slow_cells: tuple[SlowCell, ...]
    slow_submissions: tuple[SlowSubmission, ...]
    stages: tuple[Stage, ...]
    layers: tuple[LayerUse, ...]
    problems: tuple[Problem, ...]
    damaged: tuple[Damaged, ...]
    notes: tuple[str, ...]

    @property
    def waiting(self) -> list[str]:
        """Students for whom a person has yet to mark something."""
        return [total.student for total in self.totals if total.waiting]

    @property
    def troubled(self) -> list[str]:
        """Students with problems."""
        return list(dict.fromkeys(problem.student for problem in self.problems))

    @property
    def teach_next(self) -> list[ExerciseFigures]:
        """The exercises at which the class lost most points."""
        return teach_next(self.exercises)

    @property
    def checks(self) -> list[CheckUse]:
        """The checks of all exercises."""
        return [check for exercise in self.exercises for check in exercise.checks]

    def terminal(self, console: Console) -> None:
        """Print the report as tables."""
        from torchgrade.grading.report.terminal import show

        show(self, console)

    def html(self) -> str:
        """The report as one page that needs nothing but itself."""
        from torchgrade.grading.report.page import page

        return page(self)


def class_report(course_dir: Path, assignment: str) -> ClassReport:
    """Read receipts and gradebook of an assignment and count.

    Args:
        course_dir: the course's root, where `nbgrader_config.py` is.
        assignment: such as `"01_tensors"`.

    A damaged receipt, or a missing gradebook, is told in the report.
    """
    course_dir = course_dir.resolve()
    receipts, damaged = read_receipts(course_dir / ".torchgrade" / "receipts" / assignment)
    marks = read_marks(course_dir, assignment)
    graded = {*(receipt.student for receipt in receipts), *marks.scored}
    handed_in = {path.parent.name for path in course_dir.glob(f"submitted/*/{assignment}")}
    handed_in |= marks.handed_in
    found = exercises(receipts, marks)
    totals = _totals(graded, found, marks)
    return ClassReport(
        assignment=assignment,
        made=datetime.now(),
        totals=totals,
        missing=tuple(sorted(marks.students - graded - handed_in)),
        ungraded=tuple(sorted(handed_in - graded)),
        not_entered=tuple(
            receipt.student
            for receipt in receipts
            if not all(one.entered for one in receipt.notebooks.values())
        ),
        max_points=sum(exercise.max_points for exercise in found),
        spread=_spread([total.points for total in totals]),
        exercises=tuple(map(exercise_figures, found)),
        slow_cells=tuple(slow_cells(receipts)),
        slow_submissions=tuple(slow_submissions(receipts)),
        stages=tuple(stages(receipts)),
        layers=tuple(layers(receipts)),
        problems=tuple(_problems(receipts)),
        damaged=tuple(damaged),
        notes=tuple(_notes(marks)),
    )


def _totals(graded: set[str], found: Sequence[Exercise], marks: Marks) -> tuple[Total, ...]:
    points = dict.fromkeys(graded, 0.0)
    waiting = set()
    for exercise in found:
        for score in exercise.scores:
            points[score.student] += score.points
            if score.standing == "waiting":
                waiting.add(score.student)
    return tuple(
        Total(student, max(0.0, earned - late), late, student in waiting)
        for student, earned in sorted(points.items())
        for late in [marks.penalties.get(student, 0.0)]
    )


def _spread(points: Sequence[float]) -> Spread | None:
    if not points:
        return None
    lower, middle, upper = (
        quantiles(points, n=4, method="inclusive") if len(points) > 1 else [points[0]] * 3
    )
    return Spread(mean(points), lower, median(points) if len(points) > 1 else middle, upper)


def _problems(receipts: Iterable[Receipt]) -> Iterable[Problem]:
    for receipt in receipts:
        for name, graded in receipt.notebooks.items():
            for what in graded.problems:
                yield Problem(receipt.student, name, what)
            for test in graded.tests:
                if test.ended and not any(test.ended in what for what in graded.problems):
                    yield Problem(receipt.student, name, f"{test.grade_id}: {test.ended}")


def _notes(marks: Marks) -> Iterable[str]:
    if marks.missing_because:
        yield (
            f"The scores are the grader's own, because {marks.missing_because}: points given by "
            "hand and late penalties are not in them, and who handed in nothing is not known."
        )
