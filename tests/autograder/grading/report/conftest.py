"""A small class whose figures were computed by hand, with nbgrader's gradebook."""

import os
import shutil
import sysconfig
import warnings
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.autograder.grading.report.classes import (
    ASSIGNMENT,
    exercise,
    notebook,
    outcome,
    write_receipt,
)

MISTAKE = "the sum is over the batch"
MARKS: dict[str, dict[str, tuple[float | None, float | None]]] = {
    "ada": {"test_relu": (2, None), "test_softmax": (2, None), "essay": (None, 3)},
    "bob": {"test_relu": (1, None), "test_softmax": (0, None), "essay": (None, None)},
    "cem": {"test_relu": (0, None), "test_softmax": (1, 2), "essay": (None, 1.5)},
}
"""Points by the grader and by hand."""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course nobody has handed anything in to."""
    path = tmp_path / "course"
    path.mkdir()
    return path


@pytest.fixture
def small_class(course: Path, small_class_made: Path) -> Path:
    """The small class, to do with as one likes."""
    shutil.copytree(small_class_made, course, dirs_exist_ok=True)
    return course


@pytest.fixture(scope="session")
def small_class_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada has all; Bob waits; Cem was late and has a mark changed by hand; Dot and Eve: nothing."""
    course = tmp_path_factory.mktemp("small_class")
    wrong = outcome("values", "failed", MISTAKE)
    for student, relu, softmax in [
        (
            "ada",
            exercise("relu", "passed", outcome("shape"), outcome("values")),
            exercise("softmax", "passed", outcome("shape"), outcome("values")),
        ),
        (
            "bob",
            exercise("relu", "partial", outcome("shape"), wrong),
            exercise("softmax", "failed", outcome("shape", "failed", MISTAKE), wrong),
        ),
        (
            "cem",
            exercise("relu", "unfinished", outcome("relu", "unfinished")),
            exercise("softmax", "partial", outcome("shape"), outcome("values", "failed")),
        ),
    ]:
        write_receipt(course, student, {"lesson": notebook(relu, softmax)})
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        # A new gradebook asks the command `alembic` for its version.
        patch.setenv("PATH", f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}")
        # SQLAlchemy 2 says this of nbgrader's own models; the scores are saved.
        warnings.filterwarnings("ignore", "Object of type <Submitted.* not in session")
        _fill(course / "gradebook.db")
    (course / "submitted" / "eve" / ASSIGNMENT).mkdir(parents=True)
    return course


def _fill(path: Path) -> None:
    with Gradebook(f"sqlite:///{path}") as book:
        book.add_assignment(ASSIGNMENT)
        book.add_notebook("lesson", ASSIGNMENT)
        for cell, points, kind in [
            ("test_relu", 2, "code"),
            ("test_softmax", 2, "code"),
            ("essay", 3, "markdown"),
        ]:
            book.add_grade_cell(cell, "lesson", ASSIGNMENT, max_score=points, cell_type=kind)
        for student in ("ada", "bob", "cem", "dot", "eve"):
            book.add_student(student)
        for student in MARKS:
            book.add_submission(ASSIGNMENT, student)
            for cell, (auto, manual) in MARKS[student].items():
                grade = book.find_grade(cell, "lesson", ASSIGNMENT, student)
                grade.auto_score, grade.manual_score = auto, manual
                grade.needs_manual_grade = auto is None and manual is None
        late = book.find_submission_notebook("lesson", ASSIGNMENT, "cem")
        late.late_submission_penalty = 1
        book.db.commit()
