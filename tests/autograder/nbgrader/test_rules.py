"""Every broken rule is named with its notebook, its cell and its mend."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from torchgrade.nbgrader.rules import check_file

from tests.autograder.nbgrader.notebooks import (
    checks_of,
    find,
    graded,
    hints,
    softmax_lesson,
    write,
)

Change = Callable[[NotebookNode], None]


def drop(grade_id: str) -> Change:
    return lambda nb: nb.cells.remove(find(nb, grade_id))


def source(grade_id: str, text: str) -> Change:
    return lambda nb: find(nb, grade_id).update(source=text)


def append(cell: NotebookNode) -> Change:
    return lambda nb: nb.cells.append(cell)


def rename(old: str, new: str) -> Change:
    return lambda nb: find(nb, old).metadata.nbgrader.update(grade_id=new)


def first(cell_index: int) -> Change:
    return lambda nb: nb.cells.insert(0, nb.cells.pop(cell_index))


BROKEN: dict[str, tuple[Change, str, str, str]] = {
    "an answer without a test": (
        drop("test_double"), 'cell 7 ("double")', "has no test cell", '"test_double"'),
    "a test without an answer": (
        drop("double"), 'cell 7 ("test_double")', "belongs to no answer", 'Name it "test_"'),
    "a test above its answer": (
        first(3), 'cell 4 ("softmax")', "stands before it", "Move the test below"),
    "two cells with one grade id": (
        rename("double", "softmax"), 'cell 7 ("softmax")', "also that of cell 3", "another grade"),
    "two cells with one cell id": (
        append(new_code_cell("1", id="use")), 'cell 9 ("use")', "used twice", "another id"),
    "hints for nobody": (
        append(hints("relu")), 'cell 9 ("hints_relu")', 'point to "relu"', "double, softmax"),
    "hints twice": (
        append(NotebookNode({**hints("softmax"), "id": "more"})), 'cell 9 ("more")', "second hint",
        "Join the two"),
    "a nested region": (
        source("double", "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION"),
        'cell 7 ("double")', "inside another region", "Pair each BEGIN"),
    "an unclosed region": (
        source("test_double", "### BEGIN HIDDEN TESTS"), 'cell 8 ("test_double")', "never closed",
        "Pair each BEGIN"),
    "a solution in an ordinary cell": (
        append(new_code_cell("### BEGIN SOLUTION\n### END SOLUTION", id="stray")),
        'cell 9 ("stray")', "not an answer cell", "nbgrader's panel"),
    "hidden tests in an ordinary cell": (
        append(new_code_cell("### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS", id="stray")),
        'cell 9 ("stray")', "not a test cell", "nbgrader's panel"),
    "old nbgrader metadata": (
        lambda nb: find(nb, "double").metadata.nbgrader.update(schema_version=2),
        'cell 7 ("double")', "not of version 3", "nbgrader update"),
    "a test that is not named after an answer": (
        append(checks_of("", "1", 1)), 'cell 9 ("test_")', "belongs to no answer", "Name it"),
    "another kernel": (
        lambda nb: nb.metadata.kernelspec.update(name="ir"), "", "'ir', not 'python3'", "Python 3"),
    "an older format": (
        lambda nb: nb.update(nbformat_minor=4), "", "format 4.4", "JupyterLab 4"),
    "no valid notebook": (
        lambda nb: nb.cells[1].pop("outputs"), "", "'outputs' is a required property", "Mend"),
}  # fmt: skip


def test_a_good_notebook_has_no_problems(tmp_path: Path) -> None:
    assert check_file(write(softmax_lesson(), tmp_path / "good.ipynb")) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_names_notebook_cell_and_mend(name: str, tmp_path: Path) -> None:
    change, cell, what, mend = BROKEN[name]
    nb = softmax_lesson()
    change(nb)
    (problem, *_) = check_file(write(nb, tmp_path / "broken.ipynb"), "01_small/broken.ipynb")
    assert problem.notebook == "01_small/broken.ipynb"
    assert problem.cell == cell
    assert what in problem.what
    assert mend in problem.mend


@pytest.mark.parametrize(
    ("text", "what"),
    [('{"cells": [', "is not JSON"), ("[1, 2]", "no notebook"), ('{"cells": 3}', "no notebook")],
)
def test_a_file_that_is_no_notebook_is_named(text: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_text(text)
    (problem,) = check_file(path)
    assert what in problem.what


def test_all_broken_rules_are_reported_at_once(tmp_path: Path) -> None:
    nb = softmax_lesson()
    nb.metadata.kernelspec.name = "ir"
    drop("test_double")(nb)
    nb.cells.append(hints("relu"))
    assert len(check_file(write(nb, tmp_path / "broken.ipynb"))) == 3


def test_a_manually_graded_answer_needs_no_test_cell(tmp_path: Path) -> None:
    nb = softmax_lesson()
    essay = {**graded("why"), "grade": True, "points": 2.0}
    nb.cells.append(new_code_cell("", id="why", metadata={"nbgrader": essay}))
    assert check_file(write(nb, tmp_path / "good.ipynb")) == []
