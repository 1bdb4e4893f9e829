"""nbgrader's steps in one gradebook: entered whole or not at all, and as without it."""

from pathlib import Path

import jsonschema
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook, InvalidEntry
from nbgrader.nbgraderformat import MetadataValidator
from torchgrade.grading.book import patiently
from torchgrade.grading.shared import SharedBook
from torchgrade.nbgrader.once import prepare_once


@pytest.fixture
def url(tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(found, "course"):
        return found


def students(url: str) -> list[str]:
    with Gradebook(url, "course") as book:
        return [student.id for student in book.students]


def step_that_fails(shared: SharedBook, url: str) -> None:
    with shared.transaction(), Gradebook(url, "course") as book:
        book.add_student("ada")
        raise RuntimeError("half way")


def test_a_step_that_fails_leaves_nothing(url: str) -> None:
    shared = SharedBook()
    with shared.open():
        with pytest.raises(RuntimeError, match="half way"):
            step_that_fails(shared, url)
        with shared.transaction(), Gradebook(url, "course") as book:
            book.add_student("bob")
    assert students(url) == ["bob"]


def test_others_see_a_step_when_it_has_ended(url: str) -> None:
    shared = SharedBook()
    stock = Gradebook(url, "course")
    with shared.open():
        with shared.transaction():
            with Gradebook(url, "course") as book:
                book.add_student("ada")
            with Gradebook(url) as other:  # as SaveAutoGrades opens it, without the course's name
                assert [student.id for student in other.students] == ["ada"]
            assert not stock.students
            stock.db.rollback()
        assert [student.id for student in stock.students] == ["ada"]
    stock.close()


def test_what_nbgrader_refuses_twice_is_refused_twice(url: str) -> None:
    prepare_once()
    cell = new_code_cell(metadata={"nbgrader": {"schema_version": 3, "grade": True}})
    for _ in range(2):
        with pytest.raises(jsonschema.ValidationError, match="is a required property"):
            MetadataValidator().validate_cell(cell)


def test_an_entry_that_another_program_made_meanwhile_is_found_at_the_second_try() -> None:
    clash = InvalidEntry("(sqlite3.IntegrityError) UNIQUE constraint failed: student.id")
    tries = iter([clash, "entered"])

    def act() -> str:
        found = next(tries)
        if isinstance(found, Exception):
            raise found
        return found

    assert patiently(act, print) == "entered"
    tries = iter([clash, clash])
    with pytest.raises(InvalidEntry, match="UNIQUE"):
        patiently(act, print)
