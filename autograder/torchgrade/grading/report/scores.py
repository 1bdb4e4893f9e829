"""Who has how many points for what: receipts and gradebook, put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from torchgrade.grading.report.gradebook import Cell, Mark, Marks
from torchgrade.grading.report.read import Receipt, Test

Standing = Literal["full", "partial", "failed", "unfinished", "waiting", "absent"]
STANDINGS: dict[Standing, str] = {
    "full": "full points",
    "partial": "part of the points",
    "failed": "no points",
    "unfinished": "unfinished",
    "waiting": "waits for a person",
    "absent": "notebook not handed in",
}


@dataclass(frozen=True, slots=True)
class Score:
    """What one student has for one exercise; `test` is None where no receipt speaks of it."""

    student: str
    points: float
    standing: Standing
    test: Test | None


@dataclass(frozen=True, slots=True)
class Exercise:
    """A graded cell with everybody's score. `max_points` is 0 where nothing says it."""

    notebook: str
    grade_id: str
    name: str
    max_points: float
    scores: tuple[Score, ...]


def exercises(receipts: Sequence[Receipt], marks: Marks) -> list[Exercise]:
    """Every graded cell, lesson by lesson, with the score of each student who was graded.

    The gradebook's score counts. The receipt's does where the gradebook has none, or where the
    notebook's result has not been entered yet.
    """
    by_student = {receipt.student: receipt for receipt in receipts}
    students = sorted({*by_student, *marks.scored})
    tests: dict[Cell, dict[str, Test]] = {}
    for receipt in receipts:
        for notebook, graded in receipt.notebooks.items():
            for test in graded.tests:
                tests.setdefault((notebook, test.grade_id), {})[receipt.student] = test
    # Lessons by name; cells as they stand in the notebook, as far as a receipt tells.
    cells = sorted(dict.fromkeys([*tests, *marks.max_points]), key=lambda cell: cell[0])
    found = []
    for cell in cells:
        seen = tests.get(cell, {})
        max_points = _max_points(cell, seen, marks)
        scores = tuple(
            _score(student, by_student.get(student), cell, seen, max_points, marks)
            for student in students
        )
        name = next((test.exercise for test in seen.values() if test.exercise), cell[1])
        found.append(Exercise(*cell, name, max_points, scores))
    return found


def _max_points(cell: Cell, seen: dict[str, Test], marks: Marks) -> float:
    if cell in marks.max_points:
        return marks.max_points[cell]
    known = [test.max_points for test in seen.values() if test.max_points is not None]
    return max(known or [test.score for test in seen.values() if test.score], default=0.0)


def _score(
    student: str,
    receipt: Receipt | None,
    cell: Cell,
    seen: dict[str, Test],
    max_points: float,
    marks: Marks,
) -> Score:
    graded = receipt.notebooks.get(cell[0]) if receipt else None
    test = seen.get(student)
    pending = graded is not None and not graded.entered
    mark = None if pending else marks.marks.get(student, {}).get(cell)
    if mark is None and test is not None:
        mark = Mark(max_points if test.score is None else test.score, False)
    elif mark is None:
        mark = Mark(0.0, waiting=pending and not seen)
    absent = receipt is not None and graded is None
    return Score(student, mark.score, _standing(mark, max_points, absent, test), test)


def _standing(mark: Mark, max_points: float, absent: bool, test: Test | None) -> Standing:
    if mark.waiting:
        return "waiting"
    if mark.score > 0:
        return "full" if mark.score >= max_points - 1e-9 else "partial"
    if absent:
        return "absent"
    if test is not None and test.status == "unfinished":
        return "unfinished"
    worth_nothing = test is not None and test.score is None
    return "full" if worth_nothing else "failed"
