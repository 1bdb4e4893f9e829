"""`torchgrade report` as an instructor types it."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from torchgrade.cli import main
from torchgrade.grading.report import class_report

from tests.autograder.grading.report.classes import (
    ASSIGNMENT,
    notebook,
    plain_test,
    write_class,
    write_receipt,
)


def test_tables_are_printed_and_the_page_is_written(
    small_class: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    words = ["report", ASSIGNMENT, "--course", str(small_class), "--html", str(page)]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "3 students graded." in printed
    assert "mean 3.5, median 2.5" in printed
    assert "the middle half from 1.75 to 4.75" in printed.replace("\n", " ")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_an_assignment_nobody_knows_is_said_with_what_to_do(
    small_class: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "07_nothing", "--course", str(small_class)]) == 1
    assert "torchgrade autograde 07_nothing" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_said(
    small_class: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = small_class / "no folder" / "report.html"
    words = ["report", ASSIGNMENT, "--course", str(small_class), "--html", str(nowhere)]
    assert main(words) == 1
    assert "The page was not written" in capsys.readouterr().err


def test_names_with_brackets_are_printed_as_they_are(course: Path) -> None:
    write_receipt(
        course, "[red]ada[bold]", {"a": notebook(plain_test("t", 1.0), problems=["[/x]"])}
    )
    out = StringIO()
    class_report(course, ASSIGNMENT).terminal(Console(file=out, width=100))
    assert "[red]ada[bold], a: [/x]" in out.getvalue()


def test_a_long_class_is_cut_in_the_terminal_and_it_says_so(course: Path) -> None:
    write_class(course, 400)
    out = StringIO()
    report = class_report(course, ASSIGNMENT)
    report.terminal(Console(file=out, width=100))
    assert f"and {len(report.problems) - 10} more" in out.getvalue()
    assert len(out.getvalue().splitlines()) < 120
