"""What is read from the gradebook; patience with one that another program has locked."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import DatabaseError, IntegrityError

from torchgrade.grading.problems import AGAIN, GradingStopped

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.5
SQLITE = "sqlite:///"
Scores = dict[str, dict[str, float | None]]  # by notebook, by graded cell

T = TypeVar("T")


@contextmanager
def gradebook(course: CourseDirectory) -> Iterator[Gradebook]:
    """Open the course's gradebook; never makes a new one.

    Raises:
        GradingStopped: there is none.
    """
    path = Path(str(course.db_url).removeprefix(SQLITE))
    if str(course.db_url).startswith(f"{SQLITE}/") and not path.exists():
        raise GradingStopped(f"There is no gradebook {path}. {_generate(course)}")
    with Gradebook(course.db_url, course.course_id) as book:
        yield book


def notebooks(book: Gradebook, course: CourseDirectory) -> list[Notebook]:
    """Return the assignment's notebooks, by name.

    Raises:
        GradingStopped: the gradebook does not know the assignment, or no notebook of it.
    """
    try:
        found = list(book.find_assignment(course.assignment_id).notebooks)
    except MissingEntry:
        found = []
    if not found:
        raise GradingStopped(
            f"The gradebook has no assignment {course.assignment_id}. {_generate(course)}"
        )
    return found


def scores(book: Gradebook, assignment: str, student: str | None = None) -> dict[str, Scores]:
    """Return the automatic score of every graded cell, by student; of one student if named."""
    query = (
        book.db.query(
            SubmittedAssignment.student_id, Notebook.name, BaseCell.name, Grade.auto_score
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .filter(Assignment.name == assignment)
    )
    if student is not None:
        query = query.filter(SubmittedAssignment.student_id == student)
    found: dict[str, Scores] = {}
    for who, notebook, cell, score in query:
        found.setdefault(who, {}).setdefault(notebook, {})[cell] = score
    return found


def totals(book: Gradebook, assignment: str) -> dict[str, tuple[float, float]]:
    """Return (score, maximum) of every submission, by student."""
    query = (
        book.db.query(
            SubmittedAssignment.student_id, SubmittedAssignment.score, SubmittedAssignment.max_score
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name == assignment)
    )
    return {who: (score or 0.0, maximum or 0.0) for who, score, maximum in query}


def automatic(entry: Notebook) -> set[str]:
    """Return the cells of a notebook that get their score from running, not from a person."""
    answers = {cell.name for cell in entry.solution_cells}
    return {
        cell.name
        for cell in entry.grade_cells
        if cell.cell_type == "code" and cell.name not in answers
    }


def patiently(act: Callable[[], T], tell: Callable[[str], None]) -> T:
    """Do something with the gradebook; while another program has it locked, try again.

    Raises:
        GradingStopped: it stays locked, or cannot be written at all.
    """
    begun, told, clashed = time.monotonic(), False, False
    while True:
        try:
            return act()
        except (DatabaseError, InvalidEntry) as error:
            reason = str(error)
            if "readonly" in reason or "read-only" in reason:
                raise GradingStopped(
                    f"The gradebook may not be written. Mend its rights and its folder's, {AGAIN}"
                ) from error
            if "UNIQUE constraint" in reason and not clashed:
                clashed = True  # another program has just entered the same; now it is found
                continue
            if isinstance(error, InvalidEntry | IntegrityError) and "locked" not in reason:
                raise
            if "locked" not in reason:
                raise GradingStopped(
                    f"The gradebook cannot be used ({getattr(error, 'orig', error)}). If nbgrader "
                    "is newer than the gradebook, copy the file and run `nbgrader db upgrade`."
                ) from error
            if time.monotonic() - begun > PATIENCE_SECONDS:
                raise GradingStopped(
                    f"Another program has kept the gradebook locked for {PATIENCE_SECONDS:.0f} s. "
                    f"End it, {AGAIN}"
                ) from error
            if not told:
                tell("Another program has locked the gradebook; waiting for it.")
                told = True
            time.sleep(PAUSE_SECONDS)


def _generate(course: CourseDirectory) -> str:
    return f"Run `nbgrader generate_assignment {course.assignment_id}` first."
