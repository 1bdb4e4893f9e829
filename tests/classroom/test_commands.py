"""Stock commands on a source that is good, and on one that is not."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell
from torchgrade.nbgrader.build import build
from torchgrade.nbgrader.compare import differences

from tests.autograder.nbgrader.notebooks import MODULE, double_lesson, make_course, read, write
from tests.classroom.classroom import Classroom

pytestmark = pytest.mark.journey


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    room = Classroom(tmp_path, MODULE)
    make_course(room.course, {"02_double": double_lesson()})
    return room


def break_cell(room: Classroom) -> None:
    nb = double_lesson()
    nb.cells.append(new_code_cell("1 / 0", id="more"))
    write(nb, room.course / "source" / MODULE / "02_double.ipynb")


def test_generate_solution_needs_no_gradebook_entry_and_makes_what_the_build_makes(
    room: Classroom,
) -> None:
    room.nbgrader("generate_solution", MODULE)
    made = shutil.copytree(room.course / "solution", room.root / "made")
    assert build(room.course) == 0
    assert differences(room.course / "solution", made) == []


def test_generate_solution_fails_at_a_cell_that_raises_and_names_it(room: Classroom) -> None:
    break_cell(room)
    log = room.nbgrader("generate_solution", MODULE, status=1)
    assert f'{MODULE}/02_double.ipynb, cell 4 ("more"): raised ZeroDivisionError' in log
    assert "Traceback" not in log
    assert not (room.course / "solution" / MODULE).exists()


def test_stock_nbgrader_publishes_a_solution_that_raises_with_its_hidden_tests(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_cell(room)
    (room.course / "nbgrader_config.py").write_text("c = get_config()\n")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    room.nbgrader("generate_assignment", MODULE)
    room.nbgrader("generate_solution", MODULE)
    path = room.course / "solution" / MODULE / "02_double.ipynb"
    assert read(path).cells[-1].outputs[0].ename == "ZeroDivisionError"
    assert "x is squared" in path.read_text()


def test_generate_assignment_names_every_broken_rule_without_a_traceback(room: Classroom) -> None:
    nb = double_lesson()
    nb.cells.pop()
    nb.metadata.kernelspec.name = "julia-9"
    write(nb, room.course / "source" / MODULE / "02_double.ipynb")
    log = room.nbgrader("generate_assignment", MODULE, status=1)
    assert f'{MODULE}/02_double.ipynb, cell 2 ("double"): the answer has no test cell' in log
    assert f"{MODULE}/02_double.ipynb: asks for the kernel 'julia-9'" in log
    assert "Traceback" not in log


def test_validate_shows_the_verdict_and_not_only_that_points_are_missing(room: Classroom) -> None:
    assert build(room.course) == 0
    log = room.nbgrader("validate", f"release/{MODULE}/02_double.ipynb")
    assert "double: not done yet" in log
    assert "Partial credit" not in log
