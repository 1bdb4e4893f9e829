"""What learners hand in for a lesson: each notebook holds one variant of every exercise."""

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from torchgrade.nbgrader.regions import SOLUTION, without_markers
from torchgrade.nbgrader.rules import TEST_PREFIX
from torchgrade.verify.columns import plain_notebook
from torchgrade.verify.handed_in import handed_in
from torchgrade.verify.lesson import Lesson, read_lesson
from torchgrade.verify.student import stub_of

from tests.autograder.same_grades.edits import edited, experiments

EVERY = int(os.environ.get("TORCHENSTEIN_EVERY_MISTAKE", "4"))
"""One in so many rows of mistakes is handed in; 1 takes all of them, and some minutes more."""
EDITED = 3 if EVERY == 1 else 1
"""Notebooks of random edits for each lesson."""
Answers = dict[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class Submission:
    """A notebook as plain JSON, with the whole tests of the exercises that it is about."""

    kind: str
    notebook: dict[str, Any]

    def answer(self, name: str) -> str:
        """What stands in an answer cell."""
        (found,) = (c["source"] for c in self.notebook["cells"] if graded_name(c) == name)
        return str(found)


def submissions(path: Path) -> list[Submission]:
    """All variants of a lesson."""
    lesson = read_lesson(path)
    source = plain_notebook(lesson.notebook)
    right = {
        cell.grade_id: without_markers(cell.source, SOLUTION) for cell in lesson.of_kind("answer")
    }
    stubs = {cell.grade_id: stub_of(lesson, cell) for cell in lesson.of_kind("answer")}
    half = {name: (right if index % 2 else stubs)[name] for index, name in enumerate(right)}
    made = [
        Submission("reference", filled(source, right)),
        Submission("untouched", filled(source, stubs)),
        Submission("half done", filled(source, half)),
    ]
    for kind, step in (("alternatives", 1), ("mistakes", EVERY)):
        some = islice(rows(lesson, kind), 0, None, step)
        made += [Submission(kind, filled(source, row)) for row in some]
    return [*made, *(Submission("edited", one) for one in drawn(edits(source, right), EDITED))]


def rows(lesson: Lesson, kind: str) -> Iterator[Answers]:
    """The k-th alternative or mistake of every exercise that has so many."""
    tests = lesson.of_kind("test")
    columns = [
        [(test.grade_id.removeprefix(TEST_PREFIX), one) for one in handed_in(lesson, test, kind)]
        for test in tests
    ]
    for row in zip_longest(*columns):
        yield dict(one for one in row if one is not None)


@st.composite
def edits(draw: Callable[..., Any], source: dict[str, Any], right: Answers) -> dict[str, Any]:
    """The lesson with every answer edited and with cells in between."""
    notebook = filled(source, {name: draw(edited(answer)) for name, answer in right.items()})
    cells = []
    for cell in notebook["cells"]:
        cells.append(cell)
        if graded_name(cell) in right:
            cells += [
                {"id": f"{cell['id']}-{n}", "cell_type": "code", "source": text, "metadata": {}}
                for n, text in enumerate(draw(experiments()))
            ]
    return notebook | {"cells": cells}


def filled(source: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """The notebook with these answers; tests of other exercises are emptied."""
    notebook = deepcopy(source)
    for cell in notebook["cells"]:
        name = graded_name(cell)
        if name.startswith(TEST_PREFIX) and name.removeprefix(TEST_PREFIX) not in answers:
            cell["source"] = ""
        cell["source"] = answers.get(name, cell["source"])
    return notebook


def graded_name(cell: dict[str, Any] | NotebookNode) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def drawn(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """So many examples, the same on every machine."""
    found: list[T] = []

    @settings(
        max_examples=count + 1,  # the first is the plainest there is
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(one: T) -> None:
        found.append(one)

    collect()
    return found[-count:]
