"""A line on stderr costs nothing; stock nbgrader takes all points."""

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade
from torchgrade.nbgrader.grading import IgnoreStderr

from tests.autograder.nbgrader.notebooks import DOUBLE, TEST_DOUBLE, answer, checks_of, notebook


@pytest.fixture
def graded() -> NotebookNode:
    nb = notebook([answer("double", DOUBLE), checks_of("double", TEST_DOUBLE, 2)])
    for cell in nb.cells:
        cell.outputs = [
            new_output("stream", name="stderr", text="UserWarning: careful\n"),
            new_output("stream", name="stdout", text="fine\n"),
        ]
    return nb


def test_stock_nbgrader_takes_all_points_for_a_line_on_stderr(graded: NotebookNode) -> None:
    assert determine_grade(graded.cells[1]) == (0, 2)


def test_ours_takes_none(graded: NotebookNode) -> None:
    nb, _ = IgnoreStderr().preprocess(graded, {})
    assert determine_grade(nb.cells[1]) == (2, 2)
    assert [out.text for out in nb.cells[1].outputs] == ["fine\n"]


def test_warnings_in_the_students_own_cells_stay_visible(graded: NotebookNode) -> None:
    nb, _ = IgnoreStderr().preprocess(graded, {})
    assert "careful" in nb.cells[0].outputs[0].text
