"""An engine that runs nothing: it tells the verdicts that stand in the answers.

An answer `verdict("failed", 1)` fails its test with 1 point; an answer `sleep()` takes for ever.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from torchgrade.engine.task import Graded, GradingFailed, Task, TestResult


class NotProtected(RuntimeError):
    """As the engine's."""


class Engine:
    """The face of `torchgrade.engine.engine.Engine`."""

    opened: ClassVar[list[Engine]] = []

    def __init__(self, *, unprotected: bool, hidden: Sequence[Path]) -> None:
        self.unprotected = unprotected
        self.hidden = hidden
        self.tasks: list[Task] = []
        self.closed = False
        self.opened.append(self)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *exception: object) -> None:
        self.closed = True
        if mark := os.environ.get("FAKE_ENGINE_CLOSED"):
            Path(mark).write_text(str(os.getpid()))

    def grade(self, task: Task, hear: Callable[[dict[str, Any]], None]) -> Graded:
        """Tell the verdicts."""
        self.tasks.append(task)
        if not self.unprotected:
            raise NotProtected("Nothing protects this machine.")
        tests = []
        verdict = ("passed", 0.0)
        for cell in task.notebook["cells"]:
            if cell["cell_type"] != "code":
                continue
            hear({"event": "cell", "id": cell["id"], "seconds": 0.1})
            graded = cell["metadata"].get("nbgrader", {})
            if graded.get("solution"):
                verdict = self._verdict(cell["source"])
            elif graded.get("grade"):
                test = self._test(graded["grade_id"], *verdict)
                tests.append(test)
                hear({"event": "test", **vars(test)})
        return Graded(task.name, dict(task.notebook), tuple(tests), {}, ("a problem",))

    def _verdict(self, source: str) -> tuple[str, float]:
        if "sleep()" in source:
            print("noise on standard output", flush=True)
            time.sleep(600)
        if "break()" in source:
            raise GradingFailed("out of steam")
        found = re.search(r'verdict\("(\w+)", ([\d.]+)\)', source)
        return (found[1], float(found[2])) if found else ("unfinished", 0.0)

    def _test(self, grade_id: str, status: str, points: float) -> TestResult:
        if status == "ended":
            return TestResult(grade_id, None, 0.0, 0.1, "it called os._exit")
        if status == "plain":
            return TestResult(grade_id, None, None, 0.1)
        check = {"title": "values", "status": status, "message": ["expected 1, got 2"]}
        report = {
            "exercise": grade_id.removeprefix("test_"),
            "status": status,
            "points": points,
            "mistake": "x is squared" if status == "failed" else None,
            "checks": [check],
        }
        return TestResult(grade_id, report, points, 0.1)


def module() -> ModuleType:
    """Return a module that can stand for the engine's."""
    found: Any = ModuleType("torchgrade.engine.engine")
    found.Engine, found.NotProtected = Engine, NotProtected
    return found
