"""The figures, held against a class computed by hand."""

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from torchgrade.grading.report import class_report

from tests.autograder.grading.report.classes import (
    ASSIGNMENT,
    exercise,
    notebook,
    outcome,
    plain_test,
    write_class,
    write_receipt,
)
from tests.autograder.grading.report.conftest import MISTAKE


def test_totals_hold_marks_given_by_hand_and_late_penalties(small_class: Path) -> None:
    report = class_report(small_class, ASSIGNMENT)
    assert {one.student: one.points for one in report.totals} == {"ada": 7, "bob": 1, "cem": 2.5}
    assert {one.student: one.penalty for one in report.totals} == {"ada": 0, "bob": 0, "cem": 1}
    assert report.max_points == 7
    assert report.notes == ()


def test_spread_is_what_a_spreadsheet_computes(small_class: Path) -> None:
    spread = class_report(small_class, ASSIGNMENT).spread
    assert spread is not None
    assert (spread.mean, spread.median) == (3.5, 2.5)
    assert (spread.lower_quartile, spread.upper_quartile) == (1.75, 4.75)


def test_everybody_is_somewhere(small_class: Path) -> None:
    report = class_report(small_class, ASSIGNMENT)
    assert report.waiting == ["bob"]
    assert report.missing == ("dot",)
    assert report.ungraded == ("eve",)


@pytest.mark.filterwarnings("ignore:Object of type <Submitted:Warning")
def test_a_submission_without_any_score_is_not_graded(small_class: Path) -> None:
    """What stock nbgrader leaves behind when it is killed."""
    with Gradebook(f"sqlite:///{small_class / 'gradebook.db'}") as book:
        book.add_submission(ASSIGNMENT, "dot")
    report = class_report(small_class, ASSIGNMENT)
    assert report.ungraded == ("dot", "eve")
    assert report.missing == ()
    assert [one.student for one in report.totals] == ["ada", "bob", "cem"]


def test_exercises_are_counted_by_standing(small_class: Path) -> None:
    relu, softmax, essay = class_report(small_class, ASSIGNMENT).exercises
    assert [one.name for one in (relu, softmax, essay)] == ["relu", "softmax", "essay"]
    assert [{k: n for k, n in one.counts.items() if n} for one in (relu, softmax, essay)] == [
        {"full": 1, "partial": 1, "unfinished": 1},
        {"full": 2, "failed": 1},
        {"full": 1, "partial": 1, "waiting": 1},
    ]
    assert [one.mean_share for one in (relu, softmax, essay)] == [
        pytest.approx(share) for share in (3 / 6, 4 / 6, 4.5 / 6)
    ]
    assert [one.lost for one in (relu, softmax, essay)] == [3, 2, 1.5]


def test_what_lost_most_points_is_taught_first(small_class: Path) -> None:
    assert [one.name for one in class_report(small_class, ASSIGNMENT).teach_next] == [
        "relu",
        "softmax",
        "essay",
    ]


def test_a_mistake_counts_once_for_each_student_of_those_judged(small_class: Path) -> None:
    relu, softmax, essay = class_report(small_class, ASSIGNMENT).exercises
    for one in (relu, softmax):  # in softmax, two checks of Bob's show the same mistake
        (mistake,) = one.mistakes
        assert (mistake.sentence, mistake.students) == (MISTAKE, ("bob",))
        assert mistake.share == pytest.approx(1 / 3)
    assert essay.mistakes == ()


def test_checks_are_counted_where_they_judged(small_class: Path) -> None:
    relu, softmax, _ = class_report(small_class, ASSIGNMENT).exercises
    assert [(one.title, one.judged, one.failed) for one in relu.checks] == [
        ("shape", 2, 0),
        ("values", 2, 1),
    ]
    assert [(one.title, one.judged, one.failed) for one in softmax.checks] == [
        ("shape", 3, 1),
        ("values", 3, 2),
    ]


def test_a_few_students_say_nothing_about_a_test(small_class: Path) -> None:
    report = class_report(small_class, ASSIGNMENT)
    assert not any(one.never_failed or one.nearly_always_failed for one in report.checks)


def test_weak_and_hard_tests_are_told_and_open_examples_are_not(course: Path) -> None:
    example = {**outcome("example"), "points": 0.0, "max_points": 0.0}
    for number in range(10):
        hard = outcome("hard", "passed" if number == 0 else "failed")
        test = exercise("relu", "partial", example, outcome("weak"), hard)
        write_receipt(course, f"s{number}", {"lesson": notebook(test)})
    report = class_report(course, ASSIGNMENT)
    assert [one.title for one in report.checks if one.never_failed] == ["weak"]
    assert [one.title for one in report.checks if one.nearly_always_failed] == ["hard"]


def test_the_gradebook_is_read_and_not_touched(small_class: Path) -> None:
    book = small_class / "gradebook.db"
    before = hashlib.sha256(book.read_bytes()).hexdigest()
    class_report(small_class, ASSIGNMENT)
    class_report(small_class, "02_unknown")
    assert hashlib.sha256(book.read_bytes()).hexdigest() == before


def test_the_courses_configuration_says_where_the_gradebook_is(small_class: Path) -> None:
    (small_class / "gradebook.db").rename(small_class / "other #1.db")
    (small_class / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///{small_class}/other #1.db'"
    )
    assert class_report(small_class, ASSIGNMENT).max_points == 7


def test_without_a_gradebook_the_receipts_count_and_it_is_said(small_class: Path) -> None:
    (small_class / "gradebook.db").unlink()
    report = class_report(small_class, ASSIGNMENT)
    assert {one.student: one.points for one in report.totals} == {"ada": 4, "bob": 1, "cem": 1}
    assert report.max_points == 4
    assert "there is no gradebook.db" in report.notes[0]


def test_a_broken_gradebook_is_said(small_class: Path) -> None:
    (small_class / "gradebook.db").write_bytes(b"no database" * 1000)
    report = class_report(small_class, ASSIGNMENT)
    assert len(report.totals) == 3
    assert "cannot be read (file is not a database)" in report.notes[0]


def test_a_result_that_is_not_entered_yet_counts_by_its_receipt(small_class: Path) -> None:
    test = exercise("relu", "passed", outcome("shape"), outcome("values"))
    write_receipt(small_class, "bob", {"lesson": notebook(test, entered=False)})
    report = class_report(small_class, ASSIGNMENT)
    assert report.not_entered == ("bob",)
    assert next(one.points for one in report.totals if one.student == "bob") == 2


def test_a_notebook_that_was_not_handed_in_is_told_from_one_that_failed(course: Path) -> None:
    passed = notebook(plain_test("t", 1.0))
    write_receipt(course, "ada", {"a": passed, "b": passed})
    write_receipt(course, "bob", {"a": passed})
    write_receipt(course, "cem", {"a": passed, "b": {"key": {}, "result": None}})
    a, b = class_report(course, ASSIGNMENT).exercises
    assert a.counts["full"] == 3
    assert (b.counts["full"], b.counts["absent"], b.counts["failed"]) == (1, 2, 0)


def test_a_test_of_another_kind_has_full_marks_without_a_score(course: Path) -> None:
    write_receipt(course, "ada", {"a": notebook(plain_test("t", None))})
    write_receipt(course, "bob", {"a": notebook(plain_test("t", 3.0))})
    write_receipt(course, "cem", {"a": notebook(plain_test("t", 0.0))})
    report = class_report(course, ASSIGNMENT)
    assert [one.points for one in report.totals] == [3, 3, 0]
    assert report.exercises[0].name == "t"


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _rewrite(**changes: object) -> Callable[[Path], object]:
    return lambda path: path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (_cut, "it is not JSON"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "it is not JSON"),
        (lambda path: path.write_text("[" * 100_000), "it is not JSON"),
        (lambda path: path.write_text("[]"), "an object was expected"),
        (lambda path: path.write_text("{}"), "no entry 'version'"),
        (_rewrite(version=2), "its version is 2"),
        (_rewrite(student="ada"), "it speaks of the student 'ada'"),
        (_rewrite(notebooks=[1]), "not a receipt"),
        (_rewrite(notebooks={"a": {"entered": True, "result": {"tests": 3}}}), "not a receipt"),
        (_rewrite(notebooks={"a": notebook(plain_test("t", float("nan")))}), "nan is no number"),
        (lambda path: (path.unlink(), path.mkdir()), "directory"),
    ],
)
def test_a_damaged_receipt_is_named_and_left_out(
    course: Path, damage: Callable[[Path], object], why: str
) -> None:
    write_receipt(course, "ada", {"a": notebook(plain_test("t", 1.0))})
    damage(write_receipt(course, "bob", {"a": notebook(plain_test("t", 1.0))}))
    report = class_report(course, ASSIGNMENT)
    (damaged,) = report.damaged
    assert damaged.file == "bob.json"
    assert why in damaged.why
    assert [one.student for one in report.totals] == ["ada"]


def test_times_stages_layers_and_problems_are_gathered(course: Path) -> None:
    for student, slow, active in [("ada", 1.0, True), ("bob", 2.0, True), ("cem", 9.0, False)]:
        write_receipt(
            course,
            student,
            {
                "a": notebook(
                    plain_test("t", 0.0, ended="memory limit" if student == "cem" else ""),
                    cells={"x": slow, "y": 0.5},
                    stages={"cells": slow + 0.5, "tests": 0.5},
                    problems=["output was cut"] if student == "bob" else [],
                    layers=[("Landlock", active, "" if active else "old kernel")],
                )
            },
        )
    report = class_report(course, ASSIGNMENT)
    slowest = report.slow_cells[0]
    assert (slowest.cell, slowest.median, slowest.max, slowest.slowest) == ("x", 2, 9, "cem")
    assert [(one.student, one.seconds) for one in report.slow_submissions] == [
        ("cem", 10),
        ("bob", 3),
        ("ada", 2),
    ]
    assert [(one.name, one.total, one.share) for one in report.stages] == [
        ("cells", 13.5, 0.9),
        ("tests", 1.5, 0.1),
    ]
    (layer,) = report.layers
    assert (layer.active, layer.notebooks, layer.missing_because) == (2, 3, ("old kernel",))
    assert [(one.student, one.what) for one in report.problems] == [
        ("bob", "output was cut"),
        ("cem", "t: memory limit"),
    ]


@pytest.mark.parametrize("students", [0, 1])
def test_the_smallest_classes_have_figures(course: Path, students: int) -> None:
    write_class(course, students)
    report = class_report(course, ASSIGNMENT)
    assert len(report.totals) == students
    if report.spread:
        only = report.totals[0].points
        assert report.spread.lower_quartile == report.spread.upper_quartile == only


def test_a_thousand_students_take_seconds(course: Path) -> None:
    write_class(course, 1000)
    class_report(course, ASSIGNMENT)  # imports are not what is measured
    start = time.process_time()
    report = class_report(course, ASSIGNMENT)
    page = report.html()
    assert time.process_time() - start < 3
    assert len(report.totals) == 1000
    assert len(page) < 4_900_000 + 8_000_000
