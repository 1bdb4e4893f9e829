"""Accidents in submissions: each costs what it deserves, and only its owner."""

import os
import shutil
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.autograder.nbgrader.notebooks import (
    MODULE,
    double_lesson,
    find,
    make_course,
    read,
    softmax_lesson,
    write,
)
from tests.classroom.answers import answers, reference
from tests.classroom.classroom import Classroom

pytestmark = pytest.mark.journey

SOFTMAX, DOUBLE = "01_softmax", "02_double"
FULL = {f"{SOFTMAX}/test_softmax": 3.0, f"{SOFTMAX}/test_double": 2.0}
Change = Callable[[NotebookNode], None]


def stderr(nb: NotebookNode) -> None:
    cell = find(nb, "double")
    cell.source = cell.source.replace(
        "    return", "    import sys; print('careful', file=sys.stderr)\n    return"
    )


def deleted_test(nb: NotebookNode) -> None:
    nb.cells.remove(find(nb, "test_softmax"))


def pasted(nb: NotebookNode) -> None:
    for name in ("softmax", "test_double"):
        cell = find(nb, name)
        copy = NotebookNode({**deepcopy(cell), "id": f"{name}-pasted"})
        nb.cells.insert(nb.cells.index(cell) + 1, copy)


def pasted_stub(nb: NotebookNode) -> None:
    cell = find(nb, "softmax")
    stub = 'def softmax(x):\n    """Softmax over the last dimension of x (B, C)."""\n'
    stub += "    # YOUR CODE HERE\n    raise NotImplementedError()"
    copy = NotebookNode({**deepcopy(cell), "id": "softmax-pasted", "source": stub})
    nb.cells.insert(nb.cells.index(cell) + 1, copy)


def split(nb: NotebookNode) -> None:
    """Two cells cut in two, as JupyterLab does: each half keeps the metadata."""
    double, test = find(nb, "double"), find(nb, "test_double")
    above, _, below = test.source.partition("test.grade()")
    for cell, halves in (
        (double, ("factor = 2", double.source)),
        (test, (above, f"test.grade(){below}")),
    ):
        later = NotebookNode({**deepcopy(cell), "id": f"{cell.id}-2", "source": halves[1]})
        cell.source = halves[0]
        nb.cells.insert(nb.cells.index(cell) + 1, later)


def merged(nb: NotebookNode) -> None:
    """An answer and its test made one cell, which keeps the first one's metadata."""
    answer, test = find(nb, "softmax"), find(nb, "test_softmax")
    answer.source += "\n\n" + test.source
    nb.cells.remove(test)


def same_ids(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell["id"] = "same"


def unknown_kernel(nb: NotebookNode) -> None:
    nb.metadata["kernelspec"] = NotebookNode(name="julia-9", display_name="Julia", language="julia")


def no_kernel(nb: NotebookNode) -> None:
    nb.metadata.pop("kernelspec")


def threads(nb: NotebookNode) -> None:
    source = "import torch\nprint('threads:', torch.get_num_threads())"
    nb.cells.append(new_code_cell(source, id="threads"))


HARMLESS: dict[str, Change] = {
    "stderr": stderr,
    "deleted": deleted_test,
    "pasted": pasted,
    "stub": pasted_stub,
    "split": split,
    "merged": merged,
    "ids": same_ids,
    "kernel": unknown_kernel,
    "nokernel": no_kernel,
    "threads": threads,
}


def solved(course: Path, name: str, lesson: NotebookNode) -> NotebookNode:
    nb = read(course / "release" / MODULE / f"{name}.ipynb")
    for answer in answers(lesson):
        find(nb, answer).source = reference(lesson, answer)
    return nb


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """One class with an accident a student, graded and given feedback."""
    room = Classroom(tmp_path_factory.mktemp("class"), MODULE)
    course = make_course(room.course)
    room.nbgrader("generate_assignment", MODULE)
    for who, change in HARMLESS.items():
        nb = solved(course, SOFTMAX, softmax_lesson())
        change(nb)
        write(nb, course / "submitted" / who / MODULE / f"{SOFTMAX}.ipynb")
    broken = course / "submitted" / "broken" / MODULE
    write(solved(course, DOUBLE, double_lesson()), broken / f"{DOUBLE}.ipynb")
    (broken / f"{SOFTMAX}.ipynb").write_text('{"cells": [')
    room.nbgrader("autograde", MODULE)
    room.nbgrader("generate_feedback", MODULE)
    return room


@pytest.mark.parametrize("who", HARMLESS)
def test_a_harmless_accident_costs_nothing(who: str, room: Classroom) -> None:
    scores = room.scores(who)
    assert {name: scores[name] for name in FULL} == FULL


def test_a_notebook_that_was_not_handed_in_gets_nothing(room: Classroom) -> None:
    assert room.scores("ids")[f"{DOUBLE}/test_double"] == 0


def test_torch_runs_on_one_thread_while_grading(room: Classroom) -> None:
    last = read(room.autograded("threads", SOFTMAX)).cells[-1]
    assert last.outputs[0].text == "threads: 1\n"


def test_the_students_warning_is_seen_in_no_test_cell(room: Classroom) -> None:
    nb = read(room.autograded("stderr", SOFTMAX))
    assert all(out.get("name") != "stderr" for out in find(nb, "test_double").outputs)


def test_a_deleted_test_is_put_back_with_its_verdict(room: Classroom) -> None:
    assert "softmax: passed, 3 of 3 points" in room.feedback("deleted", SOFTMAX)


def test_an_unreadable_notebook_costs_only_itself(room: Classroom) -> None:
    scores = room.scores("broken")
    assert scores[f"{DOUBLE}/test_double"] == 2
    assert room.waiting("broken") == {SOFTMAX}
    assert "This notebook could not be read" in room.feedback("broken", SOFTMAX)
    log = room.log["instructor: autograde"]
    assert log.count("is not a readable notebook (it is not JSON)") == 1
    assert "Traceback" not in log


def test_autograding_warns_of_accidents_and_of_nothing_else(room: Classroom) -> None:
    log = room.log["instructor: autograde"]
    told = {line.split("WARNING] ")[1] for line in log.splitlines() if "WARNING]" in line}
    assert {line for line in told if not line.startswith("No submitted file")} == {
        "Cell 'test_softmax' was deleted; it is put back",
        "Cell 'test_double' is there 2 times; the last one counts",
        "Cell 'softmax' is there 2 times; the last one counts",
        "Cell 'double' is there 2 times; the last one counts",
    }
    assert "SAWarning" not in log


def test_a_second_submission_replaces_an_unreadable_one(room: Classroom) -> None:
    nb = solved(room.course, SOFTMAX, softmax_lesson())
    write(nb, room.course / "submitted" / "broken" / MODULE / f"{SOFTMAX}.ipynb")
    room.nbgrader("autograde", MODULE, "--student=broken", "--force")
    scores = room.scores("broken")
    assert {name: scores[name] for name in FULL} == FULL
    assert room.waiting("broken") == set()


def test_a_student_validates_with_the_stock_command(room: Classroom) -> None:
    home = room.home("val")
    write(read(room.course / "release" / MODULE / f"{DOUBLE}.ipynb"), home / "untouched.ipynb")
    write(solved(room.course, DOUBLE, double_lesson()), home / "solved.ipynb")
    assert "failed" in room.student("val", "validate", "untouched.ipynb")
    assert "Success" in room.student("val", "validate", "solved.ipynb")


@pytest.fixture
def stock(tmp_path: Path, room: Classroom) -> Classroom:
    """The same course under nbgrader's own configuration."""
    plain = Classroom(tmp_path / "class", MODULE)
    shutil.copytree(room.course / "source", plain.course / "source")
    for name in (SOFTMAX, DOUBLE):
        path = plain.course / "source" / MODULE / f"{name}.ipynb"
        nb = read(path)
        nb.cells = [c for c in nb.cells if "hints" not in c.metadata.get("torchenstein", {})]
        write(nb, path)
    (plain.course / "nbgrader_config.py").write_text("c = get_config()\n")
    return plain


@pytest.mark.parametrize("accident", [pasted, split])
def test_stock_nbgrader_stops_at_a_copied_cell_before_the_next_student(
    accident: Change, stock: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    stock.nbgrader("generate_assignment", MODULE)
    for who, change in (("anna", accident), ("zoe", no_kernel)):
        nb = solved(stock.course, SOFTMAX, softmax_lesson())
        change(nb)
        write(nb, stock.course / "submitted" / who / MODULE / f"{SOFTMAX}.ipynb")
    log = stock.nbgrader("autograde", MODULE, status=1)
    assert "use an old version" in log
    assert not stock.autograded("zoe", SOFTMAX).exists()
