"""Grading that is killed, interrupted, or done twice at once: every submission is graded once."""

import json
import os
import random
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from torchgrade.grading.receipts import Receipts

from tests.autograder.grading.class_of import DOUBLE, SOFTMAX, Class
from tests.autograder.nbgrader.notebooks import MODULE, read

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the grader"),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted.* not in session"),
]
STUDENTS = ["ada", "bob", "cyd", "dan"]


@pytest.fixture
def class_of_four(course: Class, monkeypatch: pytest.MonkeyPatch) -> Class:
    for student in STUDENTS:
        course.submit(student)
    monkeypatch.setenv("STAND_IN_LOG", str(course.root / "ran.log"))
    monkeypatch.setenv("STAND_IN_SECONDS", "0.02")
    return course


def start(course: Class, *words: str) -> int:
    """Run the command in a process of its own, which is this one, forked; return its id."""
    sys.stdout.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # forking beside torch's threads; the child uses none
        child = os.fork()
    if child:
        return child
    status = 99
    try:
        with (course.root / f"said-{os.getpid()}").open("w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            sys.stdout = sys.stderr = file
            status = course.autograde(*words)
    finally:
        os._exit(status)


def wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def all_is_well(course: Class) -> None:
    """Every score, file and receipt is there, and nothing is left over."""
    for student in STUDENTS:
        full = {
            "01_softmax/test_softmax": 3,
            "01_softmax/test_double": 2,
            "02_double/test_double": 2,
        }
        assert course.scores(student) == full
        for name in (SOFTMAX, DOUBLE):
            assert read(course.graded(student, name)).cells[-1].outputs
        receipt = course.root / ".torchgrade" / "receipts" / MODULE / f"{student}.json"
        assert json.loads(receipt.read_text())["notebooks"].keys() == {SOFTMAX, DOUBLE}
    assert not list((course.root / "autograded").rglob(".*"))
    assert not (course.root / ".torchgrade" / "staging" / MODULE).exists()


@pytest.mark.parametrize("seed", range(4))
def test_a_grader_killed_again_and_again_loses_nothing(class_of_four: Class, seed: int) -> None:
    course, moments = class_of_four, random.Random(seed)
    for _ in range(5):
        child = start(course)
        time.sleep(moments.uniform(0.2, 2.0))
        os.kill(child, signal.SIGKILL)
        wait(child)
    assert wait(start(course)) == 0
    all_is_well(course)


def test_what_was_entered_before_the_kill_is_not_run_again(class_of_four: Class) -> None:
    course = class_of_four
    receipts = course.root / ".torchgrade" / "receipts" / MODULE
    child = start(course, "--jobs", "1")
    until(lambda: receipts.is_dir() and len(list(receipts.glob("*.json"))) >= 2)
    os.kill(child, signal.SIGKILL)
    wait(child)
    done = {path.stem for path in receipts.glob("*.json")}
    assert wait(start(course)) == 0
    all_is_well(course)
    ran = Counter((course.root / "ran.log").read_text().split())
    assert all(ran[f"{who}/{MODULE}/{name}"] == 1 for who in done for name in (SOFTMAX, DOUBLE))


def test_a_grader_killed_just_after_a_receipt_leaves_no_results_for_ever(
    class_of_four: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = class_of_four
    with monkeypatch.context() as patch:
        patch.setattr(Receipts, "drop", lambda self, student: os.kill(os.getpid(), signal.SIGKILL))
        assert wait(start(course)) == -signal.SIGKILL
    results = course.root / ".torchgrade" / "results"
    assert list(results.rglob("*.json"))
    assert wait(start(course)) == 0
    all_is_well(course)
    assert not list(results.rglob("*.json"))


def test_ctrl_c_enters_what_is_computed_and_says_how_to_go_on(
    class_of_four: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = class_of_four
    monkeypatch.setenv("STAND_IN_SECONDS", "0.5")
    child = start(course, "--jobs", "2")
    log = course.root / "ran.log"
    until(lambda: log.exists() and len(log.read_text().split()) >= 2)
    os.kill(child, signal.SIGINT)
    begun = time.monotonic()
    assert wait(child) == 130
    assert time.monotonic() - begun < 10
    text = " ".join((course.root / f"said-{child}").read_text().split())
    assert "Run the same command again to go on." in text
    before = log.read_text().split()
    monkeypatch.setenv("STAND_IN_SECONDS", "0")
    assert wait(start(course)) == 0
    all_is_well(course)
    again = Counter([*before, *log.read_text().split()[len(before) :]])
    assert max(again.values()) == 1 or sum(again.values()) <= 10  # two were running


def test_two_graders_at_once_grade_everybody_once(class_of_four: Class) -> None:
    course = class_of_four
    children = [start(course), start(course)]
    assert [wait(child) for child in children] == [0, 0]
    all_is_well(course)
    ran = Counter((course.root / "ran.log").read_text().split())
    assert set(ran.values()) == {1}
    texts = [Path(course.root / f"said-{child}").read_text() for child in children]
    assert sum("is grading this assignment; waiting" in " ".join(t.split()) for t in texts) == 1
