"""The target as a course of nbgrader: student version, gradebook, submissions."""

import json
import shutil
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook

from tests.autograder.attacks.corpus import HERE
from tests.autograder.attacks.submission import honest
from tests.autograder.attacks.world import CANARIES
from tests.autograder.nbgrader.notebooks import read

ASSIGNMENT, NOTEBOOK = "hostile", "target"
NEIGHBOUR = "zoe"  # nbgrader grades in alphabetical order, and she comes last


def copy_source(course: Path) -> None:
    """Put the target's source and its data into a course."""
    shutil.copytree(HERE / "course" / "source", course / "source")


def released(course: Path) -> NotebookNode:
    """The student version, once it is made."""
    return read(course / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")


def hand_in(course: Path, student: str, notebook: NotebookNode) -> Path:
    """Put a notebook and the data where nbgrader collects submissions."""
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    path = folder / f"{NOTEBOOK}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")  # without nbformat's repairs
    shutil.copy(course / "source" / ASSIGNMENT / "numbers.txt", folder)
    return path


def neighbours(notebook: NotebookNode) -> NotebookNode:
    """An honest submission that holds a secret."""
    return honest(notebook, note=f"# {CANARIES['another submission']}")


def scores(course: Path, student: str) -> dict[str, float | None]:
    """What the gradebook says of a submission: score by test cell, None while there is none."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        submitted = gradebook.find_submission_notebook(NOTEBOOK, ASSIGNMENT, student)
        return {
            grade.name: None if grade.auto_score is None and grade.manual_score is None
            else float(grade.score)
            for grade in submitted.grades
        }  # fmt: skip
