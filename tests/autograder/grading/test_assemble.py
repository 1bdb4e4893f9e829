"""The instructor's tests in the learner's notebook, whatever became of the test cells there."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from torchgrade.grading.assemble import CannotGrade, assemble, find_source, read_lesson

from tests.autograder.grading.home import NAME, STUB, make_home, student_version
from tests.autograder.nbgrader.notebooks import find, notebook, softmax_lesson


@pytest.fixture
def given() -> NotebookNode:
    return softmax_lesson()


@pytest.fixture
def mine(given: NotebookNode) -> NotebookNode:
    return student_version(given)


def test_hidden_tests_come_into_the_learners_copy_and_solutions_do_not(
    mine: NotebookNode, given: NotebookNode
) -> None:
    before = deepcopy(mine)
    ready, exercises = assemble(mine, given)
    assert find(ready, "test_softmax").source == find(given, "test_softmax").source
    assert find(ready, "softmax").source == find(mine, "softmax").source
    assert [(e.grade_id, e.name, e.points, e.cell_id) for e in exercises] == [
        ("test_softmax", "softmax", 3, "softmax"),
        ("test_double", "double", 2, "double"),
    ]
    assert mine == before, "the learner's own notebook is not touched"


def test_deleted_and_edited_test_cells_do_not_matter(
    mine: NotebookNode, given: NotebookNode
) -> None:
    find(mine, "test_softmax").source = "3.0"
    find(mine, "test_softmax").metadata.nbgrader["points"] = 100
    mine.cells.remove(find(mine, "test_double"))
    ready, exercises = assemble(mine, given)
    for name in ("test_softmax", "test_double"):
        assert find(ready, name).source == find(given, name).source
    assert [each.points for each in exercises] == [3, 2]


def test_a_pasted_stub_does_not_undo_the_answer(mine: NotebookNode, given: NotebookNode) -> None:
    stub = deepcopy(find(mine, "softmax"))
    stub["id"] = "pasted"
    find(mine, "softmax").source = "softmax = torch.nn.Softmax(-1)"
    mine.cells.insert(mine.cells.index(find(mine, "softmax")) + 1, stub)
    ready, exercises = assemble(mine, given)
    assert not any(STUB in cell.source and cell.id == "pasted" for cell in ready.cells)
    assert exercises[0].cell_id == "softmax"


def test_a_deleted_answer_is_named_by_no_cell(mine: NotebookNode, given: NotebookNode) -> None:
    mine.cells.remove(find(mine, "double"))
    _, exercises = assemble(mine, given)
    assert [each.cell_id for each in exercises] == ["softmax", None]


def test_without_the_source_the_open_examples_are_what_there_is(mine: NotebookNode) -> None:
    ready, exercises = assemble(mine, None)
    assert ready.cells == mine.cells
    assert [each.grade_id for each in exercises] == ["test_softmax", "test_double"]


def test_the_source_is_found_around_the_workbench_under_any_file_name(tmp_path: Path) -> None:
    path = make_home(tmp_path)
    renamed = path.rename(path.with_name("my try.ipynb"))
    lesson = read_lesson(renamed)
    assert lesson.given is not None
    assert find_source(renamed, lesson.notebook) == tmp_path / "source" / "01_small" / NAME


def test_the_source_is_found_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_home(tmp_path / "course")
    path = make_home(tmp_path / "elsewhere", hidden=False)
    assert read_lesson(path).given is None
    monkeypatch.setenv("TORCHGRADE_SOURCE", str(tmp_path / "course" / "source"))
    assert read_lesson(path).given is not None


def test_a_slug_leads_to_no_file_outside_the_source_folder(tmp_path: Path) -> None:
    path = make_home(tmp_path)
    learners = nbformat.read(path, as_version=4)
    learners.metadata.torchenstein["slug"] = f"../workbench/01_small/{path.stem}"
    nbformat.write(learners, path)
    assert read_lesson(path).given is None


def test_a_source_may_be_named_as_file_or_folder(tmp_path: Path) -> None:
    make_home(tmp_path / "course")
    path = make_home(tmp_path / "elsewhere", hidden=False)
    folder = tmp_path / "course" / "source"
    assert read_lesson(path, folder).given == read_lesson(path, folder / "01_small" / NAME).given
    with pytest.raises(CannotGrade, match=r"holds no 01_small/01_softmax\.ipynb"):
        read_lesson(path, tmp_path)


def test_a_notebook_without_exercises_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "Untitled.ipynb"
    nbformat.write(notebook([], slug=""), path)
    with pytest.raises(CannotGrade, match=r"Untitled\.ipynb has no exercises"):
        read_lesson(path)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"nbformat": 4, "cells": 1}', b"\xff\xfe\x00"]
)
def test_a_damaged_notebook_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_bytes(content)
    with pytest.raises(CannotGrade, match=r"broken\.ipynb is not a notebook, or it is damaged"):
        read_lesson(path)


def test_a_notebook_that_went_away_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotGrade, match="If it was renamed or moved"):
        read_lesson(tmp_path / "gone.ipynb")
