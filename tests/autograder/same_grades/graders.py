"""The three graders: stock nbgrader, the engine in one process, the engine with the judge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade, is_grade
from torchgrade.engine.engine import Engine
from torchgrade.engine.notebook import report_of
from torchgrade.engine.task import Graded, Task

from tests.autograder.same_grades.submissions import Submission


@dataclass(frozen=True)
class Verdict:
    """The points that nbgrader gives for a test cell, and the report that the cell shows."""

    score: float
    report: dict[str, Any] | None


Verdicts = list[tuple[str, Verdict]]  # by grade id, in order


def by_nbgrader(submissions: Sequence[Submission], folder: Path) -> list[Verdicts]:
    """Run submissions one after another in one kernel, as stock nbgrader's `Execute` does.

    They share its names, as in a notebook that is run again after a change; starting a kernel for
    each would take minutes.
    """
    cells = []
    for number, submission in enumerate(submissions):
        for cell in submission.notebook["cells"]:
            if cell["cell_type"] == "code" and cell["source"].strip():
                node = nbformat.v4.new_code_cell(cell["source"], id=f"{cell['id'][:50]}-{number}")
                node.metadata = nbformat.from_dict(cell["metadata"] | {"submission": number})
                cells.append(node)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    ran, _ = Execute(timeout=120).preprocess(notebook, {"metadata": {"path": str(folder)}})
    found: list[Verdicts] = [[] for _ in submissions]
    for cell in ran.cells:
        if is_grade(cell):
            found[cell.metadata.submission].append(_verdict(cell))
    return found


def by_engine(
    engine: Engine, given: dict[str, Any], submission: Submission, *, judge: bool
) -> Verdicts:
    """Grade one submission in the engine."""
    task = Task(submission.kind, submission.notebook, given, judge=judge)
    return list(_verdicts(engine.grade(task)))


def _verdicts(graded: Graded) -> Iterator[tuple[str, Verdict]]:
    for cell in graded.notebook["cells"]:
        if cell["cell_type"] == "code" and cell["source"].strip():
            node = nbformat.from_dict(cell)
            if is_grade(node):
                yield _verdict(node)


def _verdict(cell: nbformat.NotebookNode) -> tuple[str, Verdict]:
    points, _ = determine_grade(cell)
    return cell.metadata.nbgrader.grade_id, Verdict(points, report_of(cell.outputs))
