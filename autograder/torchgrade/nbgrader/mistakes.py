"""The student version names mistakes: what they come to travels along, and their code does not.

`CarryMistakes` goes into `GenerateAssignment.preprocessors`, before `ClearSolutions`. It writes
`torchgrade.known` into the metadata of test cells (see `torchgrade.check.known`), which is no part
of nbgrader's checksum. Source cells and grades stay what they are.
"""

import atexit
import json
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Float

from torchgrade.engine.names import GivenCell, free_names, given_source
from torchgrade.engine.scopes import UNREADABLE, tree_or_none
from torchgrade.nbgrader.problems import PlainError
from torchgrade.nbgrader.regions import HIDDEN_TESTS, inside_region, without_region
from torchgrade.nbgrader.rules import label
from torchgrade.verify.beside import folder_like
from torchgrade.verify.pool import Worker, WorkerLost
from torchgrade.verify.rules_exercises import graded_name

Jobs = list[dict[str, Any]]


class CarryMistakes(NbGraderPreprocessor):
    """Runs the named mistakes of hidden tests on the open examples, and keeps what they come to.

    Where a test cell cannot be run alone, the student version does not name its mistakes, and the
    log says why.

    Raises:
        PlainError: a mistake never ends, or ends its process.
    """

    timeout = Float(60.0, help="Seconds that the mistakes of one exercise may take.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        place = resources.get("nbgrader", {})
        name = f"{place.get('assignment', '')}/{place.get('notebook', 'notebook')}.ipynb"
        jobs = list(_jobs(nb, name))
        if not jobs:
            return nb, resources  # and no process is started
        beside = Path(resources.get("metadata", {}).get("path") or ".")
        with folder_like(beside, json.dumps(nb)) as folder:
            done = _run(jobs, folder, self.timeout)
        if "died" in done:
            raise PlainError(
                f"{name}, {done['cell']}: while {done['doing']}, {done['died']}. "
                "Run `torchgrade verify` on it."
            )
        for cell, why in done["failed"].items():
            self.log.warning("%s, %s: its mistakes will not be named (%s)", name, cell, why)
        for cell in nb.cells:
            known = done["known"].get(cell.metadata.get("nbgrader", {}).get("grade_id"), {})
            cell.metadata.update(from_dict(known))
        return nb, resources


def _jobs(nb: NotebookNode, name: str) -> Iterator[dict[str, Any]]:
    """What a worker needs of each test cell that hides named mistakes."""
    above: list[GivenCell] = []
    for index, cell in enumerate(nb.cells):
        if cell.cell_type != "code":
            continue
        if not is_grade(cell) or is_solution(cell):
            above.append(GivenCell(cell.source, "plain"))  # a solution is known here, too
            continue
        variable = graded_name(tree_or_none(cell.source))
        if variable is None or ".mistakes(" not in inside_region(cell.source, HIDDEN_TESTS):
            continue
        try:
            wanted = free_names(cell.source)
        except UNREADABLE:
            continue
        yield {
            "label": label(cell, index),
            "grade_id": cell.metadata.nbgrader.grade_id,
            "salt": f"{name} {cell.metadata.nbgrader.grade_id}",
            "variable": variable,
            "given": given_source(above, len(above), wanted),
            "shown": without_region(cell.source, HIDDEN_TESTS),
            "whole": cell.source,
        }


def _run(jobs: Jobs, folder: Path, timeout: float) -> dict[str, Any]:
    """Run jobs in the one worker of this process: starting it takes seconds."""
    job = {"mode": "mistakes", "cells": jobs, "folder": str(folder), "device": "cpu"}
    with _one_at_a_time:
        worker = _worker(timeout)
        try:
            return worker.do(job)
        except WorkerLost as error:
            _worker.cache_clear()  # the next one starts anew
            worker.close()
            raise PlainError(f"The named mistakes were not run: {error} Try again.") from error


_one_at_a_time = threading.Lock()


@cache
def _worker(timeout: float) -> Worker:
    worker = Worker(timeout)
    atexit.register(worker.close)
    return worker
