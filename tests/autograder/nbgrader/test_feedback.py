"""A report shows verdicts and named mistakes, never a hidden test."""

import html

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output
from torchgrade.nbgrader.feedback import NOTE, HideTests
from torchgrade.nbgrader.regions import HIDDEN_TESTS, inside_region

from tests.autograder.nbgrader.notebooks import DOUBLE, TEST_DOUBLE, answer, checks_of, notebook

SECRET = 'test.matches(lambda x: x + x, cases=cases(x="B C"), points=2, title="values")'


def report(*outputs: NotebookNode, cell: int = 1) -> NotebookNode:
    """The report on a submission whose answer (0) or test cell (1) left these outputs."""
    nb = notebook([answer("double", DOUBLE), checks_of("double", TEST_DOUBLE, 2)])
    nb.cells[cell].outputs = list(outputs)
    shown, _ = HideTests().preprocess(nb, {})
    return shown


def error(*traceback: str) -> NotebookNode:
    return new_output("error", ename="ValueError", evalue="bad shape", traceback=list(traceback))


def test_the_secret_is_a_line_of_the_hidden_tests() -> None:
    assert SECRET in inside_region(TEST_DOUBLE, HIDDEN_TESTS).split("\n")


def test_hidden_tests_leave_the_cell_and_a_note_says_so() -> None:
    source = report().cells[1].source
    assert SECRET not in source
    assert "x is squared" not in source
    assert source.splitlines()[2] == NOTE
    assert "test.grade()" in source


def test_the_traceback_of_a_test_cell_is_its_verdict() -> None:
    shown = report(error("Traceback", f"----> 4 {SECRET}", "ValueError: bad shape"))
    assert shown.cells[1].outputs[0].traceback == ["ValueError: bad shape"]


def test_the_traceback_of_the_students_own_cell_stays() -> None:
    lines = ("Traceback", "----> 1 double(3)", "ValueError: bad shape")
    assert report(error(*lines), cell=0).cells[0].outputs[0].traceback == list(lines)


def test_a_traceback_elsewhere_that_quotes_a_hidden_test_is_its_verdict() -> None:
    coloured = f"\x1b[0;32m----> 4\x1b[0m {SECRET[:20]}\x1b[0m{SECRET[20:]}"
    shown = report(error("Traceback", coloured), cell=0)
    assert shown.cells[0].outputs[0].traceback == ["ValueError: bad shape"]


@pytest.mark.parametrize("form", [SECRET, html.escape(SECRET), repr(f"{SECRET}\n")])
def test_a_printed_hidden_test_is_replaced_in_every_form(form: str) -> None:
    stream = new_output("stream", name="stdout", text=f"I found: {form}\n")
    page = new_output("display_data", data={"text/html": f"<pre>{form}</pre>"})
    outputs = report(stream, page, cell=0).cells[0].outputs
    assert "I found: " in outputs[0].text
    assert "x + x" not in outputs[0].text
    assert "x + x" not in outputs[1].data["text/html"]


def test_the_named_mistake_stays_in_the_report() -> None:
    said = "<div>This is what you get when x is squared.</div>"
    shown = report(new_output("display_data", data={"text/html": said}))
    assert shown.cells[1].outputs[0].data["text/html"] == said
