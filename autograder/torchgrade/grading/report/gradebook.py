"""The scores that count, read from nbgrader's gradebook without changing it.

nbgrader's own `Gradebook` makes missing tables and courses when it is opened; a report must not, so
its models are asked over a connection that can only read.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

Cell = tuple[str, str]
"""A graded cell: its notebook's name and its grade id."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a student has for one cell. `waiting`: a person has to look at it."""

    score: float
    waiting: bool


@dataclass(frozen=True)
class Marks:
    """What the gradebook says of one assignment.

    Attributes:
        students: everybody in the course.
        handed_in: students with a submission in the gradebook.
        scored: those of them with at least one score.
        max_points: by graded cell.
        marks: by student, then by graded cell.
        penalties: points taken off for being late, by student.
        missing_because: why there is no gradebook to speak of, else "".
    """

    students: frozenset[str] = frozenset()
    handed_in: frozenset[str] = frozenset()
    scored: frozenset[str] = frozenset()
    max_points: dict[Cell, float] = field(default_factory=dict)
    marks: dict[str, dict[Cell, Mark]] = field(default_factory=dict)
    penalties: dict[str, float] = field(default_factory=dict)
    missing_because: str = ""


def read_marks(course_dir: Path, assignment: str) -> Marks:
    """Read an assignment's marks; without a readable gradebook, empty ones that say why."""
    url = make_url(_course(course_dir).db_url)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        if not path.is_file():
            return Marks(missing_because=f"there is no {path.name}")
        address = f"file:{quote(str(path))}?mode=ro"
        engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    else:
        engine = create_engine(url)
    try:
        with Session(engine) as session:
            return _read(session, assignment)
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        return Marks(missing_because=f"the gradebook cannot be read ({reason})")
    finally:
        engine.dispose()


def _course(course_dir: Path) -> CourseDirectory:
    try:
        loader = PyFileConfigLoader("nbgrader_config.py", path=str(course_dir))
        return CourseDirectory(root=str(course_dir), config=loader.load_config())
    except ConfigFileNotFound:
        return CourseDirectory(root=str(course_dir))


def _read(session: Session, assignment: str) -> Marks:
    students = frozenset(session.scalars(select(Student.id)))
    if session.scalar(select(Assignment.id).where(Assignment.name == assignment)) is None:
        why = f"the gradebook does not know the assignment {assignment}"
        return Marks(students=students, missing_because=why)
    marks: dict[str, dict[Cell, Mark]] = defaultdict(dict)
    penalties: dict[str, float] = defaultdict(float)
    scored = set()
    of_assignment = (
        select(SubmittedNotebook)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(Assignment.name == assignment)
    )
    for student, notebook, cell, auto, manual, score, waiting in session.execute(
        of_assignment.join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .with_only_columns(
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.score,
            Grade.needs_manual_grade,
        )
    ):
        marks[student][notebook, cell] = Mark(score, waiting)
        if auto is not None or manual is not None:
            scored.add(student)
    for student, penalty in session.execute(
        of_assignment.with_only_columns(
            SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty
        )
    ):
        penalties[student] += penalty or 0.0
    max_points = {}
    for kind in (GradeCell, TaskCell):
        for notebook, cell, points in session.execute(
            select(Notebook.name, kind.name, kind.max_score)
            .join(Notebook, kind.notebook_id == Notebook.id)
            .join(Assignment, Notebook.assignment_id == Assignment.id)
            .where(Assignment.name == assignment)
        ):
            max_points[notebook, cell] = points
    return Marks(
        students, frozenset(penalties), frozenset(scored), max_points, dict(marks), dict(penalties)
    )
