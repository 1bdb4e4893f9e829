"""`Engine`: takes notebooks and returns them graded."""

import hashlib
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from torchgrade.engine.channel import Closed, TooSlow, plain_frame
from torchgrade.engine.fork_server import ForkServer
from torchgrade.engine.fresh import FreshProcesses
from torchgrade.engine.given import Given
from torchgrade.engine.judges import Judges
from torchgrade.engine.pipes import Talk
from torchgrade.engine.task import Graded, GradingFailed, Task

SLACK = 60.0  # seconds that a judge may take beyond what the notebook may
FORKS = sys.platform == "linux"
NO_SANDBOX = (
    "Learners' code can be kept away from the grader's process only on Linux. Grade there or in a "
    "container, or pass --unprotected to run plain kernels if you trust every submission."
)

Hear = Callable[[dict[str, Any]], None]


class NotProtected(RuntimeError):
    """Nothing on this machine can keep the learner's process away from the grader's."""


class Engine:
    """Warm where there is fork (Linux); else slower, and without a sandbox.

    A context manager that leaves no process behind. Several threads may share one.

    Args:
        preload: modules to be imported once, before the first notebook, besides those that its
            instructor's version imports.
        unprotected: grade even where nothing keeps the learner's process from the grader's.
        hidden: folders that must stay invisible to the learner's process.
    """

    def __init__(
        self,
        *,
        preload: Sequence[str] = (),
        unprotected: bool = False,
        hidden: Sequence[Path] = (),
    ) -> None:
        settings = {
            "preload": list(preload),
            "unprotected": unprotected,
            "hidden": [str(path) for path in hidden],
        }
        self._refusal = "" if FORKS or unprotected else NO_SANDBOX
        self._judges: Judges = ForkServer(settings) if FORKS else FreshProcesses()
        self._read: dict[bytes, Given] = {}
        # CPython 3.11 raises SystemError when two threads are inside `ast.parse`.
        self._reading = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def start(self) -> None:
        """Do beforehand what the first `grade` would have to do.

        Raises:
            GradingFailed: no process of the grader's starts.
        """
        if not self._refusal:
            self._judges.start()

    def grade(self, task: Task, hear: Hear | None = None) -> Graded:
        """Grade one notebook.

        Args:
            hear: is told of every cell and test that is done, as it is done.

        Raises:
            GradingFailed: the engine itself failed (its server or the judge ended); try again.
            NotProtected: no process boundary is to be had here.
        """
        if self._refusal:
            raise NotProtected(self._refusal)
        given = self._given(task)
        self._judges.preload(given.imports)
        judge = self._judges.judge()
        try:
            return self._conversation(judge.talk, task, given, hear or _silence)
        except (Closed, TooSlow) as error:
            why = "did not come to an end" if isinstance(error, TooSlow) else "has ended"
            raise GradingFailed(f"{task.name}: the judge's process {why}") from error
        finally:
            judge.end()

    def close(self) -> None:
        """End every process, for good: a thread that is late must not start another."""
        self._judges.close()

    def _conversation(self, talk: Talk, task: Task, given: Given, hear: Hear) -> Graded:
        deadline = time.monotonic() + task.limits.notebook_seconds + SLACK
        alone = replace(task, given=None)
        talk.send(plain_frame({"task": alone.json(), "given": given.json()}), deadline)
        while True:
            told = talk.receive(deadline)
            if "event" in told:
                hear(told)
            elif "graded" in told:
                return Graded.from_json(told["graded"])
            elif "refused" in told:
                raise NotProtected(told["refused"])
            else:
                raise GradingFailed(f"{task.name}: {told['failed']}\n{told['frames']}")

    def _given(self, task: Task) -> Given:
        """What the instructor's notebook says; the notebooks of a class share one reading."""
        if task.given is None:
            return Given()
        key = hashlib.sha256(json.dumps(task.given).encode()).digest()
        with self._reading:
            if key not in self._read:
                self._read[key] = Given.read(task.given)
            return self._read[key]


def _silence(event: dict[str, Any]) -> None:
    """Nobody listens."""
