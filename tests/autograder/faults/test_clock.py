"""A clock that goes backwards: what is graded depends on contents, never on the time."""

import itertools
import os
import time
from pathlib import Path

import pytest

from tests.autograder.faults.class_of_six import RIGHT, State, hand_in, same
from tests.autograder.faults.conftest import Record
from tests.autograder.grading.class_of import DOUBLE, SOFTMAX, Class
from tests.autograder.grading.stand_in import StandIn
from tests.autograder.nbgrader.notebooks import MODULE

pytestmark = [
    pytest.mark.journey,
    pytest.mark.filterwarnings("ignore:Object of type <Submitted.* not in session"),
]
HOUR = 3600.0


def test_a_clock_that_runs_backwards_while_we_grade(
    class_of_six: Class, undisturbed: State, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, back = time.time, itertools.count(1)
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: real() - next(back) * HOUR)
        assert class_of_six.autograde() == 0
    assert next(back) > 2  # it was asked
    same(class_of_six, undisturbed)
    record("clock an hour back at every look", next(back) - 2, "as undisturbed")


@pytest.mark.parametrize("years", [-30, 30])
def test_files_of_another_age_are_neither_graded_again_nor_left_out(
    years: int, course: Class, record: Record
) -> None:
    course.make = StandIn
    for student in ("ada", "bob"):
        course.submit(student, {})
    assert course.autograde() == 0
    assert len(course.ran) == 4
    before = course.rows()
    for folder in ("submitted", "autograded", ".torchgrade"):
        dated(course.root / folder, years)
    assert course.autograde() == 0
    assert (course.ran, course.rows()) == ([], before)
    dated(course.submit("ada"), years)
    assert course.autograde() == 0
    assert course.ran == [f"ada/{MODULE}/{SOFTMAX}", f"ada/{MODULE}/{DOUBLE}"]
    assert course.scores("ada")[f"{SOFTMAX}/test_softmax"] == 3
    record(f"files {years:+d} years old", 1, "only what was handed in anew is graded")


def test_a_submission_from_the_future_and_a_newer_one_from_the_past(
    class_of_six: Class, record: Record
) -> None:
    course = class_of_six
    hand_in(course.root, "ada", {}, when="2090-01-01 00:00:00 UTC")
    assert course.autograde() == 0
    assert course.scores("ada")[f"{SOFTMAX}/test_softmax"] == 0
    hand_in(course.root, "ada", RIGHT, when="1990-01-01 00:00:00 UTC")
    assert course.autograde() == 0
    assert course.scores("ada")[f"{SOFTMAX}/test_softmax"] == 3
    assert f"{1990}" in str(course.rows())
    record("handed in in 2090, then in 1990", 1, "the one that is there is graded")


def dated(folder: Path, years: int) -> None:
    """Give every file and folder another age."""
    when = time.time() + years * 365 * 24 * HOUR
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (when, when))
