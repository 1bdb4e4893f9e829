"""A learner at home: a small course, and a copy of its lesson to work in."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from torchgrade.nbgrader.regions import HIDDEN_TESTS, SOLUTION, without_region

from tests.autograder.nbgrader.notebooks import softmax_lesson

STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()"
NAME = "01_softmax.ipynb"


def student_version(lesson: NotebookNode) -> NotebookNode:
    """What a learner gets, without a trip through nbgrader."""
    student = deepcopy(lesson)
    for cell in student.cells:
        cell.source = without_region(cell.source, SOLUTION, note=STUB)
        cell.source = without_region(cell.source, HIDDEN_TESTS)
    return student


def make_home(folder: Path, *, hidden: bool = True) -> Path:
    """Make a workbench, inside a course where `hidden`; return the learner's notebook."""
    lesson = softmax_lesson()
    if hidden:
        (folder / "source" / "01_small").mkdir(parents=True)
        (folder / "nbgrader_config.py").touch()
        nbformat.write(lesson, folder / "source" / "01_small" / NAME)
    path = folder / "workbench" / "01_small" / NAME
    path.parent.mkdir(parents=True)
    nbformat.write(student_version(lesson), path)
    return path


def rewrite(path: Path, **sources: str) -> None:
    """Give cells of a notebook, by their ids, another source."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = sources.get(cell.id, cell.source)
    nbformat.write(notebook, path)
