"""The notebooks that are handed to the judge: each holds one subject for every exercise at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from nbformat import NotebookNode

from torchgrade.engine.notebook import grade_id, is_test
from torchgrade.nbgrader.rules import TEST_PREFIX
from torchgrade.verify.handed_in import handed_in
from torchgrade.verify.lesson import Lesson

Report = dict[str, Any]
# What one process says: by the label of a test cell, by kind, by name or sentence.
Reports = Mapping[str, Mapping[str, Mapping[str, Report]]]


@dataclass(frozen=True)
class Subject:
    """What is handed in for an exercise, and what one process says of it."""

    called: str
    expected: Report
    source: str | None = None  # None: the answer cell as it is


@dataclass(frozen=True)
class Column:
    """A notebook and its subjects by the grade id of their test; other tests are left out.

    `kind` is "reference", "stub", "alternative" or "mistake".
    """

    kind: str
    notebook: dict[str, Any]
    subjects: dict[str, Subject]


class Columns:
    """All columns of a lesson; `not_compared` says in words what could not be handed in.

    Args:
        student: the student version of the lesson.
    """

    def __init__(self, lesson: Lesson, student: NotebookNode, reports: Reports) -> None:
        self.source = plain_notebook(lesson.notebook)
        self.not_compared: list[str] = []
        self._lesson, self._student = lesson, student
        self._reports = {
            test.grade_id: reports[test.label]
            for test in lesson.of_kind("test")
            if test.label in reports
        }

    def __iter__(self) -> Iterator[Column]:
        yield self._whole("reference", "the reference solution", self.source)
        yield self._whole("stub", "the untouched stub", self._untouched())
        for kind in ("alternative", "mistake"):
            rows = [list(self._handed_in(test, kind)) for test in self._reports]
            for row in zip_longest(*rows):
                subjects = dict(one for one in row if one is not None)
                yield Column(kind, _filled(self.source, subjects), subjects)

    def _whole(self, kind: str, called: str, notebook: dict[str, Any]) -> Column:
        subjects = {
            test: Subject(called, said[kind][""])
            for test, said in self._reports.items()
            if kind in said
        }
        return Column(kind, _filled(notebook, subjects), subjects)

    def _untouched(self) -> dict[str, Any]:
        """The student version with the whole tests, as nbgrader puts them back."""
        tests = {grade_id(cell): cell for cell in self.source["cells"] if is_test(cell)}
        notebook = plain_notebook(self._student)
        notebook["cells"] = [
            tests.get(grade_id(cell), cell) if is_test(cell) else cell for cell in notebook["cells"]
        ]
        return notebook

    def _handed_in(self, test: str, kind: str) -> Iterator[tuple[str, Subject]]:
        cell = next(one for one in self._lesson.of_kind("test") if one.grade_id == test)
        reports = self._reports[test].get(kind, {})
        sources = handed_in(self._lesson, cell, f"{kind}s")
        for index, (name, report) in enumerate(reports.items()):
            called = f"the {kind} {name!r}"
            if len(sources) == len(reports):
                yield test, Subject(called, report, sources[index])
            else:
                self.not_compared.append(f"{cell.label}, {called}: its source was not found")


def plain_notebook(notebook: NotebookNode) -> dict[str, Any]:
    """What of a notebook a run needs, as plain JSON."""
    cells = [
        {key: cell[key] for key in ("id", "cell_type", "source", "metadata")}
        for cell in notebook.cells
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def _filled(notebook: dict[str, Any], subjects: Mapping[str, Subject]) -> dict[str, Any]:
    cells = []
    for cell in notebook["cells"]:
        name = grade_id(cell)
        subject = subjects.get(TEST_PREFIX + name)
        if is_test(cell) and name not in subjects:
            cell = cell | {"source": ""}  # an empty cell keeps the others' numbers
        elif subject is not None and subject.source is not None:
            cell = cell | {"source": subject.source}
        cells.append(cell)
    return notebook | {"cells": cells}
