"""Mends a submission before it runs: copied, deleted and damaged graded cells.

`SettleCells` takes the place of nbgrader's `DeduplicateIds` in `Autograde.sanitize_preprocessors`
and goes before `OverwriteCells`. What a cell *is* (answer, test, points, locked) comes from the
gradebook, never from the submission.
"""

import re
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook, Notebook, SubmittedNotebook
from nbgrader.preprocessors import NbGraderPreprocessor

from torchgrade.nbgrader.rules import TEST_PREFIX


class SettleCells(NbGraderPreprocessor):
    """Leaves each graded cell in a submission exactly once.

    Copies (JupyterLab copies metadata with a cell, and splits a cell into two with the same):
    of a locked cell the last counts, as in nbgrader, and identical copies go; of an answer all
    copies run, because they are the student's work, the last changed one is *the* answer, and a
    copy that still is the untouched stub goes if another was changed (it would undo the answer).
    Stock nbgrader leaves copies with empty metadata and then refuses the notebook as "an old
    version of the metadata format".

    Deleted locked cells come back: a test after its answer, others after the graded cell that
    preceded them. Stock nbgrader leaves the score open for ever.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        place = resources["nbgrader"]
        with Gradebook(place["db_url"]) as gradebook:
            source = gradebook.find_notebook(place["notebook"], place["assignment"])
            if "unreadable" in nb.metadata.get("torchgrade", {}):
                leave_to_a_person(
                    gradebook.find_submission_notebook(
                        place["notebook"], place["assignment"], place["student"]
                    )
                )
                gradebook.db.commit()
                return nb, resources
            known = {cell.name: cell for cell in source.source_cells}
            own_metadata(nb, graded_metadata(source))
            self._settle_copies(nb, known)
            self._restore(nb, source)
            for cell in nb.cells:
                own = known.get(grade_id(cell) or "")
                if own is not None and own.locked:  # OverwriteCells would warn of every hidden test
                    cell.source = own.source
        distinct_ids(nb)
        return nb, resources

    def _settle_copies(self, nb: NotebookNode, known: dict[str, Any]) -> None:
        for name, source in known.items():
            copies = [cell for cell in nb.cells if grade_id(cell) == name]
            if len(copies) < 2:
                continue
            self.log.warning("Cell '%s' is there %d times; the last one counts", name, len(copies))
            if source.locked:
                kept = copies[-1]
                dropped = [c for c in copies[:-1] if same_text(c.source, kept.source)]
            else:
                changed = [cell for cell in copies if not same_text(cell.source, source.source)]
                kept = (changed or copies)[-1]
                dropped = [
                    c for c in copies if changed and all(c is not other for other in changed)
                ]
            nb.cells = [cell for cell in nb.cells if all(cell is not other for other in dropped)]
            for cell in copies:
                if cell is not kept:
                    forget(cell)

    def _restore(self, nb: NotebookNode, source: Notebook) -> None:
        metadata = graded_metadata(source)
        previous: str | None = None
        for cell in source.source_cells:
            places = {grade_id(found): index for index, found in enumerate(nb.cells)}
            if cell.locked and cell.name not in places:
                self.log.warning("Cell '%s' was deleted; it is put back", cell.name)
                answer = cell.name.removeprefix(TEST_PREFIX)
                after = places.get(answer, places.get(previous, -1) if previous else -1)
                nb.cells.insert(after + 1, new_cell(cell, metadata[cell.name]))
            previous = cell.name


def grade_id(cell: NotebookNode) -> str | None:
    """Return a cell's grade id, None for a cell that nbgrader does not know."""
    found: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return found


def graded_metadata(source: Notebook) -> dict[str, dict[str, Any]]:
    """Return the gradebook's nbgrader metadata (version 3) of each cell, by grade id."""
    points = {cell.name: cell.max_score for cell in [*source.grade_cells, *source.task_cells]}
    grades = {cell.name for cell in source.grade_cells}
    solutions = {cell.name for cell in source.solution_cells}
    tasks = {cell.name for cell in source.task_cells}
    found: dict[str, dict[str, Any]] = {}
    for cell in source.source_cells:
        name = cell.name
        found[name] = {
            "schema_version": 3,
            "grade_id": name,
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "grade": name in grades,
            "solution": name in solutions,
            "task": name in tasks,
            "locked": cell.locked,
        }
        if name in points:
            found[name]["points"] = points[name]
    return found


def own_metadata(nb: NotebookNode, metadata: dict[str, dict[str, Any]]) -> None:
    """Give every graded cell the gradebook's metadata; forget what the gradebook does not know."""
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


def new_cell(source: Any, metadata: dict[str, Any]) -> NotebookNode:
    """Make a locked cell from its gradebook entry."""
    make = new_code_cell if source.cell_type == "code" else new_markdown_cell
    locks = {"deletable": False, "editable": False, "nbgrader": metadata}
    return make(
        source.source, metadata=locks, id=re.sub(r"[^\w-]", "-", f"restored-{source.name}")[:64]
    )


def same_text(one: str, other: str) -> bool:
    """Compare sources as a person would: blank space at line ends and around does not count."""
    return [line.rstrip() for line in one.strip().split("\n")] == [
        line.rstrip() for line in other.strip().split("\n")
    ]


def leave_to_a_person(submitted: SubmittedNotebook) -> None:
    """Take back older scores of a notebook that cannot be read now, and ask for a manual grade."""
    for grade in submitted.grades:
        grade.auto_score = None
        grade.needs_manual_grade = True
