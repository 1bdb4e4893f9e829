"""Files that are no notebook, or far too much of one: quick, frugal, and one message each."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.autograder.faults.conftest import Record
from tests.autograder.grading.class_of import DOUBLE, SOFTMAX, Class
from tests.autograder.nbgrader.notebooks import MODULE, ROOT

pytestmark = [
    pytest.mark.journey,
    pytest.mark.filterwarnings("ignore:Object of type <Submitted.* not in session"),
]
HEAD = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ['
CELL = '{"cell_type":"code","id":"%07d","metadata":{},"outputs":[],"source":"1"}'
FRUGAL_MIB = 2048


def not_json(path: Path) -> None:
    path.write_text("%PDF-1.7 is what I had at hand")


def huge(path: Path) -> None:
    """200 MB: one long string in a notebook that is otherwise whole."""
    with path.open("w") as file:
        file.write(HEAD + '{"cell_type":"markdown","metadata":{},"source":"')
        for _ in range(200):
            file.write("x" * 1_000_000)
        file.write('"}]}')


def million_cells(path: Path) -> None:
    with path.open("w") as file:
        file.write(HEAD + CELL % 0)
        file.writelines(f",{CELL % number}" for number in range(1, 1_000_000))
        file.write("]}")


def in_utf16(path: Path) -> None:
    path.write_bytes(path.read_text().encode("utf-16"))


def without_cells(path: Path) -> None:
    path.write_text(HEAD + "]}")


@dataclass(frozen=True)
class Run:
    """One run of the program."""

    status: int
    said: str
    seconds: float
    peak_mib: float


def autograde(root: Path) -> Run:
    """`torchgrade autograde` with the stand-in for the engine, as a program of its own."""
    program = [sys.executable, "-m", "tests.autograder.grading.stand_in", "autograde", MODULE]
    begun = time.monotonic()
    with (root / "said").open("w+") as file:
        process = subprocess.Popen(
            [*program, "--course", str(root)],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "500"},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        file.seek(0)
        text = " ".join(file.read().split())
    return Run(process.returncode, text, time.monotonic() - begun, used.ru_maxrss / 1024)


@pytest.fixture
def usual(course: Class) -> Run:
    """A run in which nothing is strange, to compare with."""
    course.submit("bob")
    run = autograde(course.root)
    assert run.status == 0
    return run


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (not_json, "it is not JSON"),
        (huge, "it is 190 MiB large, and 100 MiB are the limit"),
        (million_cells, "it has 1000000 cells, and 2000 are the limit"),
        (in_utf16, "it is not a text file"),
    ],
)
def test_it_waits_for_a_person_and_the_rest_is_graded(
    make: Callable[[Path], None], why: str, course: Class, usual: Run, record: Record
) -> None:
    path = course.submit("ada") / f"{DOUBLE}.ipynb"
    make(path)
    run = autograde(course.root)
    assert run.status == 0
    assert f"{path} is not a readable notebook ({why})" in run.said
    assert run.said.count("Mend the file or ask for a new submission, then autograde again.") == 1
    assert "Traceback" not in run.said
    assert course.scores("ada") == {
        f"{SOFTMAX}/test_softmax": 3,
        f"{SOFTMAX}/test_double": 2,
        f"{DOUBLE}/test_double": None,
    }
    with course.book() as book:
        assert book.find_grade("test_double", DOUBLE, MODULE, "ada").needs_manual_grade
    assert run.peak_mib < FRUGAL_MIB
    assert autograde(course.root).said.count("0 graded, 2 were done, 0 failed") == 1
    more, longer = run.peak_mib - usual.peak_mib, run.seconds - usual.seconds
    name = make.__name__.replace("_", " ")
    outcome = (
        f"waits for a person and says why, the rest is graded; {longer:+.1f} s, {more:+.0f} MiB"
    )
    record(f"notebook: {name}", 1, outcome)


def test_a_notebook_without_cells_has_no_points(course: Class, usual: Run, record: Record) -> None:
    path = course.submit("ada") / f"{DOUBLE}.ipynb"
    without_cells(path)
    run = autograde(course.root)
    assert run.status == 0
    assert "Traceback" not in run.said
    assert course.scores("ada")[f"{DOUBLE}/test_double"] == 0
    assert json.loads(course.graded("ada", DOUBLE).read_text())["cells"]
    assert course.scores("ada")[f"{SOFTMAX}/test_softmax"] == 3
    assert "1 graded, 1 were done, 0 failed" in run.said
    record("notebook: no cells", 1, "0 points for it, the rest is graded")
