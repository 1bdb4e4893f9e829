"""Mends a submission before it runs: copied, deleted and damaged graded cells.

`SettleCells` takes the place of nbgrader's `DeduplicateIds` in `Autograde.sanitize_preprocessors`
and goes before `OverwriteCells`. What a cell *is* (answer, test, points, locked) comes from the
gradebook, never from the submission.
"""

from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook, Notebook, SubmittedNotebook
from nbgrader.preprocessors import NbGraderPreprocessor

from torchgrade.nbgrader.settle import Given, settle


class SettleCells(NbGraderPreprocessor):
    """Leaves each graded cell in a submission exactly once; see `settle` for what counts.

    JupyterLab copies metadata with a cell, and splits a cell into two with the same. Stock nbgrader
    leaves copies with empty metadata and then refuses the notebook as "an old version of the
    metadata format"; the score of a deleted test it leaves open for ever.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        place = resources["nbgrader"]
        with Gradebook(place["db_url"]) as gradebook:
            if "unreadable" in nb.metadata.get("torchgrade", {}):
                leave_to_a_person(
                    gradebook.find_submission_notebook(
                        place["notebook"], place["assignment"], place["student"]
                    )
                )
                gradebook.db.commit()
                return nb, resources
            # Locked cells get their source here: OverwriteCells would warn of every hidden test.
            source = gradebook.find_notebook(place["notebook"], place["assignment"])
            settle(nb, given_cells(source), self.log.warning)
        return nb, resources


def given_cells(source: Notebook) -> list[Given]:
    """Return what the gradebook keeps of a notebook, in its order."""
    points = {cell.name: cell.max_score for cell in [*source.grade_cells, *source.task_cells]}
    grades = {cell.name for cell in source.grade_cells}
    solutions = {cell.name for cell in source.solution_cells}
    tasks = {cell.name for cell in source.task_cells}
    found = []
    for cell in source.source_cells:
        name = cell.name
        metadata = {
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
            metadata["points"] = points[name]
        found.append(Given(name, cell.cell_type, cell.source, cell.locked, metadata))
    return found


def leave_to_a_person(submitted: SubmittedNotebook) -> None:
    """Take back older scores of a notebook that cannot be read now, and ask for a manual grade."""
    for grade in submitted.grades:
        grade.auto_score = None
        grade.needs_manual_grade = True
