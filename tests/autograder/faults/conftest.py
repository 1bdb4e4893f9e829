"""A class of six, what it comes to undisturbed, and a table of what was done to it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from torchgrade.nbgrader.execute import make_engine

from tests.autograder.attacks.processes import adopt_orphans
from tests.autograder.faults.class_of_six import STUDENTS, State, hand_in, state
from tests.autograder.grading.class_of import Class
from tests.autograder.grading.conftest import course, released

__all__ = ["course", "released"]
Record = Callable[[str, int, str], None]


@pytest.fixture(scope="session")
def handed_in(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which six students have handed in, and nobody is graded."""
    root = tmp_path_factory.mktemp("handed-in") / "course"
    shutil.copytree(released, root)
    for student, answers in STUDENTS.items():
        hand_in(root, student, answers)
    return root


@pytest.fixture
def class_of_six(handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    """A copy of that course, graded by the engine itself."""
    root = tmp_path / "course"
    shutil.copytree(handed_in, root)
    found = Class(root, monkeypatch)
    found.make = make_engine
    return found


@pytest.fixture(scope="session")
def undisturbed(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> State:
    """What grading it comes to when nothing happens."""
    root = tmp_path_factory.mktemp("undisturbed") / "course"
    shutil.copytree(handed_in, root)
    with pytest.MonkeyPatch.context() as patch:
        course = Class(root, patch)
        course.make = make_engine
        assert course.autograde() == 0
        return state(course)


@pytest.fixture
def orphans() -> Iterator[None]:
    """What a killed process leaves running becomes our child."""
    with adopt_orphans():
        yield


@pytest.fixture
def record(record_property: Callable[[str, object], None]) -> Record:
    """Takes (fault, times, outcome) for the table at the end."""
    return lambda fault, times, outcome: record_property("fault", (fault, times, outcome))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    told = [property for report in reports for property in report.user_properties]
    rows = sorted(tuple(row) for name, row in told if name == "fault")
    if not rows:
        return
    terminalreporter.section("faults")
    lines = [("fault", "times", "outcome"), ("---", "---:", "---"), *rows]
    for line in lines:
        terminalreporter.write_line(f"| {' | '.join(map(str, line))} |")
