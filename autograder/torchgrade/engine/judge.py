"""The judge's process: walks through a notebook, and alone knows its tests.

The learner's cells are run by the learner's process; a test cell is run here, where the learner's
names are subjects and proxies. What the cell comes to here is the verdict.
"""

import time
from collections.abc import Callable
from typing import Any

from torchgrade.check.exercise import SUBJECTS
from torchgrade.check.judge import Missing
from torchgrade.engine import learner as learners
from torchgrade.engine.given import Given, answered
from torchgrade.engine.learner import Learner, LearnerEnded, Link
from torchgrade.engine.notebook import (
    Cell,
    code_cells,
    error_output,
    grade_id,
    is_test,
    report_of,
    score_of,
    source_of,
)
from torchgrade.engine.proxy import Home
from torchgrade.engine.remote import Subject
from torchgrade.engine.shell import NotebookShell, limited
from torchgrade.engine.suspicion import Suspicion
from torchgrade.engine.task import Graded, Task, TestResult

Hear = Callable[[dict[str, Any]], None]
Outputs = list[dict[str, Any]]


class Interfered(RuntimeError):
    """Somebody else ended the learner's process, so the verdict would not be the learner's."""


class Judge:
    """Grades one notebook in this process, which runs none of the learner's code.

    Args:
        given: what the instructor's notebook says.
        start: starts the learner's process; is given the time (monotonic) it must be up by.
        hear: is told of each cell and test that is done.
    """

    def __init__(
        self, task: Task, given: Given, start: Callable[[float], Link], hear: Hear
    ) -> None:
        self._task = task
        self._hear = hear
        callbacks: dict[int, Callable[..., Any]] = {}
        self._learner = Learner(start, task.limits, callbacks)
        self._home = Home(self._learner, callbacks)
        self._given = given
        self._suspicion = Suspicion(task.notebook, given)
        self._shell = NotebookShell(task.limits.output_kib)
        self._shell.namespace[SUBJECTS] = self._subject
        # Without the instructor's notebook nobody can tell which names are the learner's own, and
        # a test must never take `torch` from a learner: then only what answers define is theirs.
        self._answered = None if given.plain or given.names else answered(task.notebook)
        self._theirs: set[str] = set()
        self._problems: list[str] = []
        self._tests: list[TestResult] = []

    def grade(self) -> Graded:
        """Run every code cell in order.

        Raises:
            Interfered: the notebook is to be graded again.
        """
        notebook = dict(self._task.notebook)
        notebook["cells"] = [dict(cell) for cell in notebook["cells"]]
        seconds: dict[str, float] = {}
        stages = {"start": 0.0, "cells": 0.0, "tests": 0.0}
        begun = time.perf_counter()
        self._learner.start()
        stages["start"] = time.perf_counter() - begun
        try:
            for number, (index, cell) in enumerate(code_cells(notebook), start=1):
                started = time.perf_counter()
                outputs = self._run(cell, index)
                took = time.perf_counter() - started
                cell["outputs"] = [_numbered(output, number) for output in outputs]
                cell["execution_count"] = number
                seconds[str(cell.get("id", index))] = took
                stages["tests" if is_test(cell) else "cells"] += took
                if is_test(cell):
                    self._settle(cell, took)
                else:
                    self._hear({"event": "cell", "id": cell.get("id", ""), "seconds": took})
        finally:
            ending = time.perf_counter()
            self._learner.end()
        if self._learner.interfered:
            raise Interfered(f"the learner's process {self._learner.interfered}, from outside")
        stages["end"] = time.perf_counter() - ending
        stages["total"] = time.perf_counter() - begun
        return Graded(
            name=self._task.name,
            notebook=notebook,
            tests=tuple(self._tests),
            cells=seconds,
            problems=(*self._problems, *self._suspicion.problems),
            layers=tuple(self._learner.layers),
            stages=stages,
            memory_mib={"learner": self._learner.peak_mib},
        )

    def _run(self, cell: Cell, index: int) -> Outputs:
        self._ended = ""
        if is_test(cell) and self._task.judge:
            return self._judged(cell, index)
        try:
            name = str(cell.get("id", f"cell-{index}"))
            # With the judge, tests run elsewhere and never see what a submission's metadata say.
            carried = cell["metadata"] if is_test(cell) else {}
            reply = self._learner.run(learners.Cell(source_of(cell), name, carried))
        except LearnerEnded as ended:
            self._note(index, str(ended))
            return [error_output("ProcessEnded", str(ended))]
        outputs = limited(reply.get("outputs"), self._task.limits.output_kib)
        if reply.get("truncated") is True:
            self._problems.append(f"cell {index}: its output was cut")
        if "stopped" in reply:
            self._note(index, reply["stopped"])
            outputs.append(error_output("CellTimeoutError", reply["stopped"]))
        return outputs

    def _judged(self, cell: Cell, index: int) -> Outputs:
        self._bind(cell)
        self._learner.begin()
        before = len(self._learner.endings)
        ran = self._shell.run(source_of(cell), str(cell.get("id", f"cell-{index}")))
        lost = ran.error if isinstance(ran.error, LearnerEnded) else None
        if lost is not None or len(self._learner.endings) > before:
            self._note(index, str(lost or self._learner.endings[-1]))
        if lost is not None:
            return [error_output("ProcessEnded", str(lost))]
        return ran.outputs

    def _note(self, index: int, ended: str) -> None:
        self._ended = ended
        self._problems.append(f"cell {index}: {ended}")

    def _bind(self, cell: Cell) -> None:
        """Give a test cell its names: from the instructor's cells, else from the learner's."""
        names = self._shell.namespace
        for name in self._theirs:
            names.pop(name, None)
        self._theirs.clear()
        exec(compile(self._given.names.get(grade_id(cell), ""), "<given>", "exec"), names)
        for name in self._given.wanted_by(grade_id(cell), source_of(cell)):
            if name in names or (self._answered is not None and name not in self._answered):
                continue
            try:
                names[name] = self._home.get(name)
            except NameError:
                continue  # the test says so itself, if it comes to that
            except LearnerEnded:
                break
            self._theirs.add(name)

    def _subject(self, name: str) -> Any:
        if not self._learner.ask({"do": "has", "name": name}).get("value"):
            return Missing()
        return Subject(self._learner, name, self._suspicion)

    def _settle(self, cell: Cell, seconds: float) -> None:
        report, score = report_of(cell["outputs"]), score_of(cell["outputs"])
        self._tests.append(TestResult(grade_id(cell), report, score, seconds, self._ended))
        self._hear(
            {
                "event": "test",
                "grade_id": grade_id(cell),
                "report": report,
                "score": score,
                "seconds": seconds,
                "ended": self._ended,
            }
        )


def _numbered(output: dict[str, Any], number: int) -> dict[str, Any]:
    return output | {"execution_count": number} if "execution_count" in output else output
