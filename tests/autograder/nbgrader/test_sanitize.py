"""Copied, deleted and damaged cells of a submission, in stock nbgrader and here."""

import logging
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import SchemaTooOldError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    DeduplicateIds,
    OverwriteCells,
    OverwriteKernelspec,
)
from torchgrade.nbgrader.build import StudentVersion, convert, load_config
from torchgrade.nbgrader.exporters import SubmissionExporter
from torchgrade.nbgrader.sanitize import SettleCells

from tests.autograder.nbgrader.notebooks import KERNEL, MODULE, find, make_course, read

NAME = "01_softmax"
# nbgrader's own models: SQLAlchemy 2 says so each time a submission is added.
MODELS = "ignore:Object of type <Submitted.* not in session"
pytestmark = pytest.mark.filterwarnings(MODELS)
OURS = (SettleCells, OverwriteKernelspec, OverwriteCells, CheckCellMetadata)
STOCK = (DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Path:
    """A folder with the student version and the gradebook that knows it."""
    folder = tmp_path_factory.mktemp("released")
    shutil.copy(empty_gradebook, folder / "gradebook.db")
    course = make_course(folder / "course")
    source = course / "source" / MODULE
    assert convert(StudentVersion, course, source, load_config(course), folder) == []
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(MODULE, "ada")
    return folder


@pytest.fixture
def submission(released: Path) -> NotebookNode:
    return read(released / "release" / MODULE / f"{NAME}.ipynb")


@pytest.fixture
def resources(released: Path) -> dict[str, Any]:
    place = {"notebook": NAME, "assignment": MODULE, "student": "ada"}
    return {"nbgrader": {**place, "db_url": f"sqlite:///{released / 'gradebook.db'}"}}


def sanitize(
    nb: NotebookNode, resources: dict[str, Any], chain: tuple[type, ...] = OURS
) -> NotebookNode:
    for step in chain:
        nb, resources = step().preprocess(nb, resources)
    return nb


def paste(nb: NotebookNode, grade_id: str, source: str | None = None) -> None:
    """Copy a graded cell and paste it below itself, as JupyterLab does: with its metadata."""
    cell = find(nb, grade_id)
    copy = deepcopy(cell)
    copy.update(id=f"{cell.id}-pasted", source=source or cell.source)
    nb.cells.insert(nb.cells.index(cell) + 1, copy)


def ids(nb: NotebookNode) -> list[str]:
    return [cell.metadata.get("nbgrader", {}).get("grade_id", "-") for cell in nb.cells]


def test_an_honest_submission_only_gets_its_hidden_tests_back(
    submission: NotebookNode, resources: dict[str, Any]
) -> None:
    before = deepcopy(submission)
    after = sanitize(submission, resources)
    assert [cell.id for cell in after.cells] == [cell.id for cell in before.cells]
    assert "over_the_batch" in find(after, "test_softmax").source
    assert find(after, "softmax") == find(before, "softmax")


@pytest.mark.parametrize("grade_id", ["softmax", "test_softmax"])
def test_stock_nbgrader_refuses_a_pasted_cell_as_old_metadata(
    grade_id: str, submission: NotebookNode, resources: dict[str, Any]
) -> None:
    paste(submission, grade_id)
    with pytest.raises(SchemaTooOldError):
        sanitize(submission, resources, STOCK)


def test_a_pasted_test_cell_goes(submission: NotebookNode, resources: dict[str, Any]) -> None:
    before = ids(submission)
    paste(submission, "test_softmax")
    assert ids(sanitize(submission, resources)) == before


def test_a_pasted_test_cell_with_the_students_own_code_still_runs(
    submission: NotebookNode, resources: dict[str, Any]
) -> None:
    find(submission, "test_softmax").source = "helper = 1"
    paste(submission, "test_softmax", "something else")
    after = sanitize(submission, resources)
    assert [cell.source for cell in after.cells[3:4]] == ["helper = 1"]
    assert "nbgrader" not in after.cells[3].metadata
    assert "over_the_batch" in find(after, "test_softmax").source


def test_a_pasted_stub_below_an_answer_does_not_undo_it(
    submission: NotebookNode, resources: dict[str, Any]
) -> None:
    paste(submission, "softmax")
    submission.cells[2].source = "def softmax(x): return torch.softmax(x, -1)"
    after = sanitize(submission, resources)
    assert find(after, "softmax").source == "def softmax(x): return torch.softmax(x, -1)"
    assert not any(c.source.endswith("NotImplementedError()") for c in after.cells[:5])


def test_every_changed_copy_of_an_answer_runs_and_the_last_is_the_answer(
    submission: NotebookNode, resources: dict[str, Any]
) -> None:
    find(submission, "softmax").source = "first = 1"
    paste(submission, "softmax", "second = 2")
    after = sanitize(submission, resources)
    assert [cell.source for cell in after.cells[2:4]] == ["first = 1", "second = 2"]
    assert "nbgrader" not in after.cells[2].metadata
    assert find(after, "softmax").source == "second = 2"


def test_stock_nbgrader_does_not_put_a_deleted_test_back(
    submission: NotebookNode, resources: dict[str, Any]
) -> None:
    submission.cells.remove(find(submission, "test_softmax"))
    assert "test_softmax" not in ids(sanitize(submission, resources, STOCK))


def test_a_deleted_test_comes_back_below_its_answer(
    submission: NotebookNode, resources: dict[str, Any]
) -> None:
    released_order = ids(submission)
    submission.cells.remove(find(submission, "test_softmax"))
    after = sanitize(submission, resources)
    assert ids(after) == released_order
    restored = find(after, "test_softmax")
    assert "over_the_batch" in restored.source
    assert restored.metadata.nbgrader.points == 3


def test_everything_locked_comes_back_in_order(
    submission: NotebookNode, resources: dict[str, Any]
) -> None:
    submission.cells = [find(submission, "softmax"), find(submission, "double")]
    after = sanitize(submission, resources)
    assert ids(after) == ["setup", "softmax", "test_softmax", "double", "test_double"]


def test_a_deleted_answer_stays_deleted_and_its_test_is_graded(
    submission: NotebookNode, resources: dict[str, Any]
) -> None:
    submission.cells.remove(find(submission, "softmax"))
    submission.cells.remove(find(submission, "test_softmax"))
    after = ids(sanitize(submission, resources))
    assert "softmax" not in after
    assert after.count("test_softmax") == 1


@pytest.mark.parametrize(
    "damage",
    [{}, {"grade_id": "softmax"}, {"grade_id": ["x"]}, {"grade_id": "unknown", "solution": True}],
    ids=["empty", "half", "no text", "unknown"],
)
def test_damaged_metadata_is_taken_from_the_gradebook_or_forgotten(
    damage: dict[str, Any], submission: NotebookNode, resources: dict[str, Any]
) -> None:
    find(submission, "softmax").metadata["nbgrader"] = NotebookNode(damage)
    after = sanitize(submission, resources)
    assert after.cells[2].metadata.get("nbgrader", {}).get("solution", False) == (
        damage.get("grade_id") == "softmax"
    )


def test_points_and_kind_cannot_be_changed_in_the_submission(
    submission: NotebookNode, resources: dict[str, Any]
) -> None:
    find(submission, "test_softmax").metadata.nbgrader.update(points=100, grade=False, locked=False)
    metadata = find(sanitize(submission, resources), "test_softmax").metadata.nbgrader
    assert (metadata.points, metadata.grade, metadata.locked) == (3, True, True)


def test_cell_ids_are_distinct_afterwards(
    submission: NotebookNode, resources: dict[str, Any]
) -> None:
    submission.cells += [new_code_cell("1", id="use"), new_code_cell("2", id="use")]
    after = sanitize(submission, resources)
    found = [cell.id for cell in after.cells if cell.id.startswith("use")]
    assert found == ["use", "use-2", "use-3"]


@pytest.mark.parametrize("kernel", [None, {"name": "julia", "display_name": "Julia"}])
def test_a_missing_or_unknown_kernel_becomes_the_courses(
    kernel: dict[str, str] | None, submission: NotebookNode, resources: dict[str, Any]
) -> None:
    submission.metadata.pop("kernelspec")
    if kernel:
        submission.metadata["kernelspec"] = NotebookNode(kernel)
    assert sanitize(submission, resources).metadata.kernelspec == KERNEL


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"{", "it is not JSON"),
        (b"\xff\xfe\xff", "it is not a text file"),
        (b"[]", "it is JSON, but no notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [7]}', "no notebook"),
        (
            b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ['
            b'{"cell_type": "raw", "metadata": {}, "source": 7, "id": "a"}]}',
            "its cell 1 is damaged",
        ),
    ],
    ids=["cut off", "binary", "a list", "a number for a cell", "an empty cell"],
)
def test_an_unreadable_notebook_becomes_a_note_and_waits_for_a_person(
    content: bytes, fault: str, tmp_path: Path, resources: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    path = tmp_path / f"{NAME}.ipynb"
    path.write_bytes(content)
    caplog.set_level(logging.ERROR)
    exporter = SubmissionExporter(log=logging.getLogger("submission"))
    text, _ = exporter.from_filename(str(path))
    assert len([text for text in caplog.messages if fault in text]) == 1
    path.write_text(text)
    nb = sanitize(read(path), resources)
    assert "could not be read" in nb.cells[0].source
    with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
        grades = gradebook.find_submission_notebook(NAME, MODULE, "ada").grades
        assert [grade.needs_manual_grade for grade in grades] == [True, True]
