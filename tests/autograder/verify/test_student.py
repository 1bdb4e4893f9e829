"""The student version: it runs, scores nothing, and gives nothing away."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from torchgrade.verify.findings import Finding
from torchgrade.verify.lesson import read_lesson
from torchgrade.verify.student import CannotMake, leaks, student_version, telling_lines
from torchgrade.verify.verify import LessonResult

from tests.autograder.verify.small_lesson import cell, code, small_lesson, text, write

Prove = Callable[..., LessonResult]
LINE = "shifted = x - x.max(dim=-1, keepdim=True).values"
HIDDEN = "(x - x.logsumexp(-1, keepdim=True)).exp()"


def leaked(notebook: NotebookNode, tmp_path: Path) -> list[Finding]:
    lesson = read_lesson(write(notebook, tmp_path))
    return list(leaks(lesson, student_version(lesson)))


def test_the_student_version_has_stubs_and_no_hidden_tests(tmp_path: Path) -> None:
    lesson = read_lesson(write(small_lesson(), tmp_path))
    student = student_version(lesson)
    assert "raise NotImplementedError()" in cell(student, "ex-softmax").source
    assert LINE not in cell(student, "ex-softmax").source
    assert "matches" not in cell(student, "test-softmax").source
    assert cell(lesson.notebook, "ex-softmax").source.count(LINE) == 1
    assert leaked(small_lesson(), tmp_path) == []


def test_a_solution_line_in_prose_is_a_leak(tmp_path: Path) -> None:
    notebook = small_lesson()
    cell(notebook, "idea").source += f"\n\nWrite `{LINE}` first."
    (finding,) = leaked(notebook, tmp_path)
    assert "a line of the solution" in finding.what
    assert '"idea"' in finding.what
    assert "softmax" in finding.cell


@pytest.mark.parametrize(
    "variant",
    [LINE.replace(" ", "  "), LINE.replace(" - ", "-"), "# " + LINE, f"def other(x):\n    {LINE}"],
)
def test_a_solution_line_is_found_however_it_is_spaced(tmp_path: Path, variant: str) -> None:
    notebook = small_lesson()
    notebook.cells.append(code("added", variant))
    assert [one.rule for one in leaked(notebook, tmp_path)] == ["leak"]


def test_a_line_that_stands_in_any_lesson_is_no_leak(tmp_path: Path) -> None:
    notebook = small_lesson()
    answer = cell(notebook, "ex-softmax")
    answer.source = answer.source.replace(LINE, f"with torch.no_grad():\n        {LINE}")
    notebook.cells.append(code("added", "with torch.no_grad():\n    print(1)"))
    assert leaked(notebook, tmp_path) == []


def test_a_hidden_test_in_a_hint_is_a_leak(tmp_path: Path) -> None:
    notebook = small_lesson()
    cell(notebook, "hints-softmax").source += f"\nOr: `{HIDDEN}`."
    (finding,) = leaked(notebook, tmp_path)
    assert "a line of the hidden tests" in finding.what
    assert "test_softmax" in finding.cell


def test_an_open_example_may_be_made_as_a_hidden_one_and_shows_no_solution(tmp_path: Path) -> None:
    notebook = small_lesson()
    other = cell(notebook, "test-center")
    other.source = f"# {HIDDEN}\n{other.source}"
    assert leaked(notebook, tmp_path) == []
    other.source = f"# {LINE}\n{other.source}"
    (finding,) = leaked(notebook, tmp_path)
    assert "a line of the solution" in finding.what


def test_a_leak_in_metadata_is_found(tmp_path: Path) -> None:
    notebook = small_lesson()
    cell(notebook, "idea").metadata["note"] = {"draft": [LINE]}
    assert [one.rule for one in leaked(notebook, tmp_path)] == ["leak"]
    notebook = small_lesson()
    notebook.metadata["note"] = LINE
    assert [one.rule for one in leaked(notebook, tmp_path)] == ["leak"]


def test_lines_that_say_nothing_of_their_own_are_no_leaks() -> None:
    source = "\n".join(
        ["    return result", "x = 1", "# a comment of some length", "for row in table:",
         "    raise ValueError(", "    else:", "", "return x.exp() / x.exp().sum(-1, True)"]
    )  # fmt: skip
    assert telling_lines(source) == ["return x.exp() / x.exp().sum(-1, True)"]


def test_a_cell_that_needs_the_answer_is_named(prove: Prove) -> None:
    notebook = small_lesson()
    notebook.cells.append(code("uses", "print(softmax(torch.ones(2, 2)))"))
    result = prove(notebook)
    (finding,) = (one for one in result.findings if one.rule == "untouched")
    assert "in the untouched student version it raises NotImplementedError" in finding.what
    assert '"uses"' in finding.cell


def test_an_answer_that_is_no_function_may_raise_where_it_stands(prove: Prove) -> None:
    notebook = small_lesson()
    cell(notebook, "ex-center").source = (
        "# center: a function of (B, C)\n### BEGIN SOLUTION\n"
        "center = lambda x: x - x.mean(0)\n### END SOLUTION"
    )
    result = prove(notebook)
    assert result.findings == []
    assert [one["unfinished"] for one in result.exercises] == [True, True]


def test_an_open_example_that_the_stub_passes_is_found(prove: Prove) -> None:
    notebook = small_lesson()
    source = cell(notebook, "ex-center").source
    cell(notebook, "ex-center").source = source.replace(
        "    ### BEGIN SOLUTION",
        "    if len(x) == 2:\n        return x - 2\n    ### BEGIN SOLUTION",
    )
    result = prove(notebook)
    whats = [one.what for one in result.findings if one.rule == "untouched"]
    assert whats == ["untouched, it is passed and scores full marks"]


def test_a_slow_student_version_is_told(prove: Prove) -> None:
    notebook = small_lesson()
    notebook.cells.append(code("slow", "import time\ntime.sleep(0.3)"))
    result = prove(notebook, student_seconds=0.25)
    assert [one.rule for one in result.findings] == ["seconds"]


def test_the_course_s_own_preprocessors_make_the_version(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.ClearSolutions.code_stub = {'python': '# yours\\nraise NotImplementedError()'}\n"
        "c.GenerateAssignment.preprocessors = ['nbgrader.preprocessors.ClearSolutions',\n"
        "    'nbgrader.preprocessors.SaveCells', 'a_package_that_is_not_here.Mover']\n"
    )
    lesson = read_lesson(write(small_lesson(), tmp_path))
    assert "# yours" in cell(student_version(lesson), "ex-softmax").source


def test_what_nbgrader_refuses_is_a_finding(prove: Prove, tmp_path: Path) -> None:
    notebook = small_lesson()
    notebook.cells.append(text("stray", "### BEGIN SOLUTION\nhere\n### END SOLUTION"))
    with pytest.raises(CannotMake, match="ClearSolutions"):
        student_version(read_lesson(write(notebook, tmp_path)))
    rules = {one.rule for one in prove(notebook).findings}
    assert {"student", "notebook"} <= rules
