"""Leaves each graded cell of a notebook exactly once, as its instructor made it.

What a cell *is* (answer, test, points, locked) comes from what was `Given`: from the gradebook when
a class is graded, from the source notebook when a learner grades at home.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from torchgrade.nbgrader.rules import TEST_PREFIX


@dataclass(frozen=True)
class Given:
    """A cell that nbgrader knows, as it was handed out.

    Attributes:
        name: its grade id.
        source: with hidden tests; an answer's is the stub.
        metadata: what nbgrader keeps in the cell (version 3).
    """

    name: str
    cell_type: str
    source: str
    locked: bool
    metadata: dict[str, Any]


def settle(nb: NotebookNode, given: Sequence[Given], tell: Callable[[str], object]) -> None:
    """Bring a submission's graded cells into order, in place.

    Of a locked cell's copies the last counts, as in nbgrader, and identical ones go; of an answer's
    all run, because they are the student's work, the last changed one is *the* answer, and a copy
    that still is the untouched stub goes if another was changed (it would undo the answer).
    Deleted locked cells come back: a test after its answer, others after the graded cell that
    preceded them. Locked cells get their own source. `tell` hears what was mended.
    """
    own_metadata(nb, {cell.name: cell.metadata for cell in given})
    for cell in given:
        _settle_copies(nb, cell, tell)
    _restore(nb, given, tell)
    sources = {cell.name: cell.source for cell in given if cell.locked}
    for cell in nb.cells:
        cell.source = sources.get(grade_id(cell) or "", cell.source)
    distinct_ids(nb)


def _settle_copies(nb: NotebookNode, own: Given, tell: Callable[[str], object]) -> None:
    copies = [cell for cell in nb.cells if grade_id(cell) == own.name]
    if len(copies) < 2:
        return
    tell(f"Cell '{own.name}' is there {len(copies)} times; the last one counts")
    if own.locked:
        kept = copies[-1]
        dropped = [cell for cell in copies[:-1] if same_text(cell.source, kept.source)]
    else:
        changed = [cell for cell in copies if not same_text(cell.source, own.source)]
        kept = (changed or copies)[-1]
        dropped = [
            cell for cell in copies if changed and all(cell is not other for other in changed)
        ]
    nb.cells = [cell for cell in nb.cells if all(cell is not other for other in dropped)]
    for cell in copies:
        if cell is not kept:
            forget(cell)


def _restore(nb: NotebookNode, given: Sequence[Given], tell: Callable[[str], object]) -> None:
    previous: str | None = None
    for cell in given:
        places = {grade_id(found): index for index, found in enumerate(nb.cells)}
        if cell.locked and cell.name not in places:
            tell(f"Cell '{cell.name}' was deleted; it is put back")
            answer = cell.name.removeprefix(TEST_PREFIX)
            after = places.get(answer, places.get(previous, -1) if previous else -1)
            nb.cells.insert(after + 1, new_cell(cell))
        previous = cell.name


def grade_id(cell: NotebookNode) -> str | None:
    """Return a cell's grade id, None for a cell that nbgrader does not know."""
    found: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return found


def own_metadata(nb: NotebookNode, metadata: dict[str, dict[str, Any]]) -> None:
    """Give every graded cell the metadata it was given; forget what was never given."""
    for cell in nb.cells:
        submitted = cell.metadata.get("nbgrader")
        name = submitted.get("grade_id") if isinstance(submitted, dict) else None
        if isinstance(name, str) and name in metadata:
            cell.metadata["nbgrader"] = NotebookNode(metadata[name])
        else:
            cell.metadata.pop("nbgrader", None)


def forget(cell: NotebookNode) -> None:
    """Make a copied cell an ordinary one: it still runs, and nobody grades it."""
    for key in ("nbgrader", "deletable", "editable"):
        cell.metadata.pop(key, None)


def distinct_ids(nb: NotebookNode) -> None:
    """Give the second and later cells with one id ids of their own, the same in every run."""
    seen: set[str] = set()
    for cell in nb.cells:
        given, number = cell.get("id") or "cell", 2
        cell["id"] = given
        while cell["id"] in seen:
            cell["id"] = f"{given[:56]}-{number}"
            number += 1
        seen.add(cell["id"])


def new_cell(given: Given) -> NotebookNode:
    """Make a locked cell anew."""
    make = new_code_cell if given.cell_type == "code" else new_markdown_cell
    locks = {"deletable": False, "editable": False, "nbgrader": given.metadata}
    return make(
        given.source, metadata=locks, id=re.sub(r"[^\w-]", "-", f"restored-{given.name}")[:64]
    )


def same_text(one: str, other: str) -> bool:
    """Compare sources as a person would: blank space at line ends and around does not count."""
    return [line.rstrip() for line in one.strip().split("\n")] == [
        line.rstrip() for line in other.strip().split("\n")
    ]
