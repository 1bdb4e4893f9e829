"""Attacks as notebooks: the student version, filled in as the attack says."""

from copy import deepcopy
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from torchgrade.nbgrader.regions import SOLUTION, inside_region

from tests.autograder.attacks.corpus import HERE, POINTS, Attack
from tests.autograder.nbgrader.notebooks import find, read

SOURCE = HERE / "course" / "source" / "hostile"


def references() -> dict[str, str]:
    """The reference answer of each exercise, as a learner would write it."""
    given = read(SOURCE / "target.ipynb")
    found = {}
    for name in POINTS:
        cell = find(given, name).source
        head = cell.split("    ### BEGIN SOLUTION")[0]
        found[name] = head + inside_region(cell, SOLUTION)
    return found


def honest(released: NotebookNode, *, note: str = "") -> NotebookNode:
    """A submission in which everything is solved."""
    notebook = deepcopy(released)
    for name, answer in references().items():
        find(notebook, name).source = f"{answer}\n{note}".rstrip()
    return notebook


def submission(attack: Attack, released: NotebookNode) -> NotebookNode:
    """The notebook of an attack whose places are filled in.

    Args:
        released: the student version of the target.
    """
    notebook = deepcopy(released)
    for name in attack.expect:
        find(notebook, name).source = references()[name]
    edits: list[str] = []
    for number, cell in enumerate(attack.cells):
        verb, _, target = cell.place.rpartition(" ")
        if cell.place == "edit":
            edits.append(cell.source)
        elif verb in ("before", "after"):
            extra = new_code_cell(cell.source, id=f"own-{number}")
            notebook.cells.insert(_index(notebook, target) + (verb == "after"), extra)
        else:
            notebook.cells[_index(notebook, target)].source = cell.source
    for source in edits:
        names: dict[str, Any] = {}
        exec(source, names)
        names["edit"](notebook)
    return notebook


def _index(notebook: NotebookNode, cell_id: str) -> int:
    (index,) = [index for index, cell in enumerate(notebook.cells) if cell.id == cell_id]
    return index
