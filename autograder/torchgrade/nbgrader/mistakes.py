"""The student version names mistakes: what they come to travels along, and their code does not.

`CarryMistakes` goes into `GenerateAssignment.preprocessors`, before `ClearSolutions`. It writes
`torchgrade.known` into the metadata of test cells (see `torchgrade.check.known`), which is no part
of nbgrader's checksum. Source cells and grades stay what they are.
"""

import atexit
import json
import threading
from collections.abc import Iterator
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
IDLE = 10.0
"""Seconds for which a worker waits for the next notebook."""


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


class _Kept:
    """A worker that is kept for the next notebook, and closed when none comes: starting one takes
    seconds, and a server that has made a student version must not hold torch for ever."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._timer: threading.Timer | None = None
        atexit.register(self.close)

    def do(self, job: dict[str, Any], timeout: float) -> dict[str, Any]:
        """`Worker.do`."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._worker is None:
                self._worker = Worker(timeout)
            try:
                done = self._worker.do(job)
            except BaseException:  # Ctrl-C too: nobody knows what it is doing now
                self._end()
                raise
            self._timer = threading.Timer(IDLE, self.close)
            self._timer.daemon = True
            self._timer.start()
            return done

    def close(self) -> None:
        """End the worker; the next job starts another one."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()


_kept = _Kept()


def _run(jobs: Jobs, folder: Path, timeout: float) -> dict[str, Any]:
    job = {"mode": "mistakes", "cells": jobs, "folder": str(folder), "device": "cpu"}
    try:
        return _kept.do(job, timeout)
    except WorkerLost as error:
        raise PlainError(f"The named mistakes were not run: {error} Try again.") from error
