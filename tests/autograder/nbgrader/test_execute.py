"""Our Execute in any nbgrader course, with a stand-in for the engine."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from nbgrader.converters import Autograde, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute as StockExecute
from nbgrader.preprocessors import IgnorePattern
from torchgrade.engine.task import Graded, GradingFailed, Limits, Task
from torchgrade.nbgrader import execute
from torchgrade.nbgrader.build import load_config
from torchgrade.nbgrader.execute import IGNORE_STDERR, OURS, STOCK, Execute, use_engine, with_engine
from torchgrade.nbgrader.problems import PlainError
from torchgrade.nbgrader.tasks import given_notebook, packed, put_outputs, secret_paths
from traitlets.config import Config

from tests.autograder.grading.class_of import DOUBLE, SOFTMAX, Class
from tests.autograder.grading.conftest import course, released
from tests.autograder.grading.stand_in import StandIn
from tests.autograder.nbgrader.notebooks import MODULE, read, softmax_lesson

__all__ = ["course", "released"]  # fixtures
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted.* not in session")


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[StandIn]:
    """The engines that were started."""
    found: list[StandIn] = []

    def make(settings: Mapping[str, Any]) -> StandIn:
        found.append(StandIn(settings))
        return found[-1]

    monkeypatch.setattr(execute, "make_engine", make)
    monkeypatch.setattr(execute, "_engines", {})
    return found


def autograde(course: Class, extra: str = "") -> None:
    """What `nbgrader autograde` does, with the two lines at the end of the configuration."""
    lines = "from torchgrade.nbgrader.execute import use_engine\nuse_engine(c)\n"
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\n{extra}\n{lines}")
    loaded = load_config(course.root)
    directory = CourseDirectory(config=loaded)
    directory.root = str(course.root)
    directory.assignment_id = MODULE
    Autograde(coursedir=directory, config=loaded).start()


def test_two_lines_make_nbgrader_grade_through_one_engine(
    course: Class, engines: list[StandIn]
) -> None:
    course.submit("ada")
    (course.submit("bob", {"softmax": 1.5}) / "data.csv").write_text("1,2")
    autograde(course, "c.Execute.timeout = 7")
    (engine,) = engines
    assert course.scores("ada")[f"{DOUBLE}/test_double"] == 2
    assert course.scores("bob")[f"{SOFTMAX}/test_softmax"] == 1.5
    assert len(engine.tasks) == 4
    first, last = engine.tasks[0], engine.tasks[-1]
    assert first.name == f"ada/{MODULE}/{SOFTMAX}"
    assert first.limits == Limits(cell_seconds=7)
    assert (first.device, first.judge) == ("cpu", True)
    assert first.given == read(course.root / "source" / MODULE / f"{SOFTMAX}.ipynb")
    assert last.files == {"data.csv": "MSwy", "timestamp.txt": first.files["timestamp.txt"]}
    hidden = map(str, engine.settings["hidden"] if engine.settings else [])
    assert {str(course.root / name) for name in ("source", "gradebook.db")} <= set(hidden)


def test_a_killed_engine_is_tried_again_and_then_costs_one_submission(
    course: Class,
    monkeypatch: pytest.MonkeyPatch,
    engines: list[StandIn],
    caplog: pytest.LogCaptureFixture,
) -> None:
    course.submit("ada")
    course.submit("eve")
    tries: list[str] = []

    def grade(self: StandIn, task: Task) -> Graded:
        tries.append(task.name)
        if task.name.startswith("eve") or len(tries) == 1:
            raise GradingFailed("the judge's process has ended")
        return stock(self, task)

    stock = StandIn.grade
    monkeypatch.setattr(StandIn, "grade", grade)
    with pytest.raises(NbGraderException):
        autograde(course)
    assert tries.count(f"ada/{MODULE}/{SOFTMAX}") == 2
    assert tries.count(f"eve/{MODULE}/{SOFTMAX}") == 2
    assert course.scores("ada")[f"{SOFTMAX}/test_softmax"] == 3
    assert "eve/01_small/01_softmax could not be graded" in caplog.text
    assert "Traceback" not in caplog.text
    assert not course.graded("eve", SOFTMAX).exists()


def test_the_message_says_that_it_is_not_the_submissions_fault(
    course: Class, monkeypatch: pytest.MonkeyPatch, engines: list[StandIn]
) -> None:
    course.submit("ada", {"softmax": 0, "double": 0})

    def grade(self: StandIn, task: Task) -> Graded:
        raise GradingFailed("the judge's process has ended.")

    monkeypatch.setattr(StandIn, "grade", grade)
    directory = CourseDirectory()
    directory.root = str(course.root)
    resources = {
        "nbgrader": {"student": "ada", "assignment": MODULE, "notebook": DOUBLE},
        "metadata": {"path": str(course.folder("ada"))},
    }
    monkeypatch.chdir(course.root)
    with pytest.raises(PlainError, match=r"has ended. This is not the submission's fault"):
        Execute().preprocess(read(course.folder("ada") / f"{DOUBLE}.ipynb"), resources)


@pytest.mark.parametrize("stock", [STOCK, StockExecute, "nbgrader.preprocessors.execute.Execute"])
def test_nbgraders_execute_is_replaced_however_it_is_named(stock: Any) -> None:
    assert with_engine([stock, IgnorePattern]) == [OURS, IGNORE_STDERR, IgnorePattern]


def test_nbgraders_default_list_is_taken_where_a_course_has_none() -> None:
    c = Config()
    use_engine(c)
    steps = c.Autograde.autograde_preprocessors
    assert steps[:2] == [OURS, IGNORE_STDERR]
    assert len(steps) == 1 + len(Autograde.class_traits()["autograde_preprocessors"].default())


def test_using_it_twice_changes_nothing() -> None:
    once = with_engine([STOCK])
    assert with_engine(once) == once


def test_a_list_that_runs_nothing_is_refused() -> None:
    with pytest.raises(PlainError, match=r"has no nbgrader.preprocessors.Execute"):
        with_engine([IgnorePattern])


@pytest.mark.parametrize("timeout", [None, -1])
def test_no_timeout_leaves_a_cell_the_notebooks_time(timeout: int | None) -> None:
    assert Execute(timeout=timeout, notebook_timeout=90.0).limits.cell_seconds == 90


def test_the_student_version_stands_in_for_a_missing_source(course: Class) -> None:
    directory = CourseDirectory()
    directory.root = str(course.root)
    path = course.root / "source" / MODULE / f"{DOUBLE}.ipynb"
    path.unlink()
    released = read(course.root / "release" / MODULE / path.name)
    assert given_notebook(directory, MODULE, DOUBLE) == released
    shutil.rmtree(course.root / "release")
    with pytest.raises(PlainError, match="Put the instructor's notebook back"):
        given_notebook(directory, MODULE, DOUBLE)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(2 << 20))
    assert packed(tmp_path, 2).keys() == {"big"}
    with pytest.raises(PlainError, match="2 MiB of files beside its notebooks"):
        packed(tmp_path, 1)


def test_a_run_notebook_with_other_cells_is_refused() -> None:
    nb, other = softmax_lesson(), softmax_lesson()
    del other.cells[-1]
    with pytest.raises(PlainError, match="has other cells"):
        put_outputs(nb, Graded("ada/a/b", other, (), {}))


def test_only_outputs_and_counts_are_taken_over() -> None:
    nb, run = softmax_lesson(), softmax_lesson()
    run.cells[1].update(source="changed", outputs=[{"output_type": "stream"}], execution_count=4)
    run.cells[1].metadata.nbgrader["points"] = 100
    put_outputs(nb, Graded("ada/a/b", run, (), {}))
    assert nb.cells[1].source != "changed"
    assert "points" not in nb.cells[1].metadata.nbgrader
    assert nb.cells[1].outputs == [{"output_type": "stream"}]
    assert nb.cells[1].execution_count == 4


def test_what_is_hidden_is_all_that_others_wrote(tmp_path: Path) -> None:
    directory = CourseDirectory()
    directory.root = str(tmp_path)
    directory.db_url = "sqlite:////elsewhere/grades.db"
    found = secret_paths(directory)
    assert Path("/elsewhere/grades.db") in found
    names = {"source", "release", "solution", "submitted", "autograded", "feedback", ".torchgrade"}
    assert {tmp_path / name for name in names} <= set(found)
