"""Graders beside each other, and students who hand in meanwhile: everybody is graded once."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from torchgrade.engine.task import Graded, Task
from torchgrade.grading.receipts import Receipt, Receipts
from torchgrade.nbgrader.build import StudentVersion, convert, load_config
from torchgrade.nbgrader.execute import make_engine

from tests.autograder.faults.class_of_six import (
    ONE_NOTEBOOK,
    RIGHT,
    STUDENTS,
    State,
    hand_in,
    nothing_runs,
    same,
    state,
    until,
)
from tests.autograder.faults.conftest import Record
from tests.autograder.grading import class_of
from tests.autograder.grading.class_of import DOUBLE, SOFTMAX, Class
from tests.autograder.grading.test_kill import start, wait
from tests.autograder.nbgrader.notebooks import MODULE, double_lesson, write

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the grader"),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted.* not in session"),
    pytest.mark.usefixtures("orphans"),
]
OTHER = "02_other"
HANDED_IN = {
    f"{student}/{MODULE}/{name}"
    for student in STUDENTS
    for name in ([SOFTMAX] if student == ONE_NOTEBOOK else [SOFTMAX, DOUBLE])
}


class Counted:
    """An engine that writes down what it has graded."""

    def __init__(self, settings: Mapping[str, Any], log: Path) -> None:
        self._engine, self._log = make_engine(settings), log

    def start(self) -> None:
        self._engine.start()

    def grade(self, task: Task) -> Graded:
        graded = self._engine.grade(task)
        noted(self._log, task.name)
        return graded

    def close(self) -> None:
        self._engine.close()


def noted(log: Path, what: str) -> None:
    with log.open("a") as file:  # one write of a short line: several processes may do so at once
        file.write(f"{what}\n")


def counted(log: Path) -> Counter[str]:
    return Counter(log.read_text().splitlines())


@pytest.fixture
def runs(class_of_six: Class, tmp_path: Path) -> Path:
    """Where a line is written for each notebook that an engine has graded."""
    log = tmp_path / "runs"
    class_of_six.make = lambda settings: Counted(settings, log)
    return log


@pytest.fixture
def receipts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a line is written for each receipt."""
    log, stock = tmp_path / "receipts", Receipts.write

    def write_and_note(self: Receipts, receipt: Receipt) -> None:
        stock(self, receipt)
        noted(log, f"{receipt.student}/{receipt.assignment}")

    monkeypatch.setattr(Receipts, "write", write_and_note)
    return log


def test_two_graders_of_one_assignment(
    class_of_six: Class, undisturbed: State, runs: Path, receipts: Path, record: Record
) -> None:
    children = [start(class_of_six, "--jobs", "1") for _ in range(2)]
    assert [wait(child) for child in children] == [0, 0]
    same(class_of_six, undisturbed)
    assert counted(runs) == dict.fromkeys(HANDED_IN, 1)
    assert counted(receipts) == {f"{student}/{MODULE}": 1 for student in STUDENTS}
    texts = [" ".join((class_of_six.root / f"said-{c}").read_text().split()) for c in children]
    assert sum("is grading this assignment; waiting for it to finish." in t for t in texts) == 1
    until(nothing_runs)
    record("two graders, one assignment", 1, "both status 0, each submission graded once")


def test_two_graders_of_two_assignments(
    class_of_six: Class,
    undisturbed: State,
    runs: Path,
    receipts: Path,
    record: Record,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = class_of_six
    second_assignment(course.root)
    children = [start(course, "--jobs", "1")]
    with monkeypatch.context() as patch:
        patch.setattr(class_of, "MODULE", OTHER)
        children.append(start(course, "--jobs", "1"))
    assert [wait(child) for child in children] == [0, 0]
    same(course, only(undisturbed, course))
    students = [f"{student}/{OTHER}" for student in ("ada", "bob")]
    assert counted(runs) == dict.fromkeys([*HANDED_IN, *(f"{s}/{DOUBLE}" for s in students)], 1)
    done = [f"{student}/{MODULE}" for student in STUDENTS]
    assert counted(receipts) == dict.fromkeys([*done, *students], 1)
    with course.book() as book:
        scores = {s.student.id: s.score for s in book.assignment_submissions(OTHER)}
    assert scores == {"ada": 2, "bob": 2}
    until(nothing_runs)
    record("two graders, two assignments", 1, "both status 0, each submission graded once")


def second_assignment(root: Path) -> None:
    """A second assignment in the same course, handed in by two."""
    nb = double_lesson()
    nb.metadata.torchenstein.update(module=OTHER, slug=f"{OTHER}/{DOUBLE}")
    source = root / "source" / OTHER
    write(nb, source / f"{DOUBLE}.ipynb")
    assert convert(StudentVersion, root, source, load_config(root), root) == []
    for student in ("ada", "bob"):
        shutil.copytree(root / "release" / OTHER, root / "submitted" / student / OTHER)
        path = root / "submitted" / student / OTHER / f"{DOUBLE}.ipynb"
        shutil.copy(root / "submitted" / "ada" / MODULE / f"{DOUBLE}.ipynb", path)


def only(expected: State, course: Class) -> State:
    """What is expected, with the files of the second assignment as they are."""
    extra = {name: c for name, c in state(course).files.items() if OTHER in Path(name).parts}
    return State(expected.rows, {**expected.files, **extra}, expected.receipts)


def test_nbgrader_autograde_beside_ours(
    class_of_six: Class, undisturbed: State, record: Record
) -> None:
    course = class_of_six
    with (course.root / "said-nbgrader").open("w") as file:
        theirs = subprocess.Popen(
            [sys.executable, "-m", "nbgrader", "autograde", MODULE],
            cwd=course.root,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    until(lambda: (course.root / "autograded").exists() or theirs.poll() is not None)
    ours = wait(start(course, "--jobs", "1"))
    status = theirs.wait(300)
    assert ours in (0, 1)
    assert course.autograde() == 0
    found = state(course)
    assert found.rows == undisturbed.rows
    assert found.files == undisturbed.files
    assert found.receipts.items() <= undisturbed.receipts.items()
    until(nothing_runs)
    outcome = f"ours status {ours}, nbgrader's {status}; one more run: status 0, as undisturbed"
    record("nbgrader autograde beside ours", 1, outcome)


def test_a_student_hands_in_again_while_the_class_is_graded(
    class_of_six: Class, undisturbed: State, runs: Path, record: Record
) -> None:
    """One while her own notebook runs, one while those of others do."""
    course = class_of_six

    class Meanwhile(Counted):
        def grade(self, task: Task) -> Graded:
            if not runs.exists():
                assert task.name.startswith("ada/")
                for student in ("ada", "cyd"):
                    replaced(course.root, student)
            return super().grade(task)

    course.make = lambda settings: Meanwhile(settings, runs)
    assert course.autograde("--jobs", "1") == 0
    for student in ("ada", "cyd"):
        assert set(course.scores(student).values()) == {3, 2}
        assert "handed in anew" in course.graded(student, DOUBLE).read_text()
    assert rows_of_others(course.rows()) == rows_of_others(undisturbed.rows)
    assert max(counted(runs).values()) == 2
    record("handed in again while graded", 2, "the newer submission is graded")


def test_a_student_hands_in_again_between_two_runs(
    class_of_six: Class, undisturbed: State, runs: Path, record: Record
) -> None:
    course = class_of_six
    assert course.autograde() == 0
    replaced(course.root, "cyd")
    assert course.autograde() == 0
    assert set(course.scores("cyd").values()) == {3, 2}
    assert "handed in anew" in course.graded("cyd", DOUBLE).read_text()
    twice = {f"cyd/{MODULE}/{name}": 2 for name in (SOFTMAX, DOUBLE)}
    assert counted(runs) == {**dict.fromkeys(HANDED_IN, 1), **twice}
    record("handed in again between two runs", 1, "the newer submission is graded, nothing else")


def rows_of_others(rows: list[Any]) -> list[Any]:
    return [row for row in rows if row[0] not in ("ada", "cyd")]


def replaced(root: Path, student: str) -> None:
    anew = {**RIGHT, "double": f"# handed in anew\n{RIGHT['double']}"}
    hand_in(root, student, anew, when="2026-01-02 11:00:00 UTC")
