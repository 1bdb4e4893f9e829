"""The driver's side where there is no fork: a fresh judge's process for each notebook."""

import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torchgrade.engine.channel import Closed, TooSlow
from torchgrade.engine.environment import environment, remove
from torchgrade.engine.judges import CLOSED, START_SECONDS
from torchgrade.engine.pipes import Pipes
from torchgrade.engine.processes import end_in, end_tree
from torchgrade.engine.task import GradingFailed

END_SECONDS = 5.0


class FreshProcesses:
    """Starts a judge's process for each notebook (`Judges`)."""

    def __init__(self) -> None:
        self._waiting: FreshJudge | None = None
        self.busy: list[FreshJudge] = []
        self._lock = threading.RLock()
        self._closed = False

    def start(self) -> None:
        """Start the judge's process of the next notebook."""
        with self._lock:
            if self._closed:  # said to a thread that waited for its turn meanwhile
                raise GradingFailed(CLOSED)
            if self._waiting is None or self._waiting.process.poll() is not None:
                self._waiting = FreshJudge()

    def preload(self, modules: Sequence[str]) -> None:
        """Nothing: each process imports for one notebook only."""

    def judge(self) -> "FreshJudge":
        """A judge's process that waits for its task."""
        with self._lock:
            self.start()
            judge, self._waiting = self._waiting, None
            assert judge is not None
            self.busy = [one for one in self.busy if one.process.poll() is None] + [judge]
            return judge

    def close(self) -> None:
        """End every process, for good."""
        with self._lock:
            self._closed = True
            for judge in (self._waiting, *self.busy):
                if judge is not None:
                    judge.end()
            self._waiting, self.busy = None, []


class FreshJudge:
    """A judge's process in its own session, and its folder (a `JudgeProcess`).

    Raises:
        GradingFailed: it does not start.
    """

    def __init__(self) -> None:
        self._place = Path(tempfile.mkdtemp(prefix="torchgrade-")).resolve()
        own_group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", "torchgrade.engine.alone", str(self._place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=environment(),
            cwd=self._place,
            **own_group,
        )
        source: Any = self.process.stdout
        sink: Any = self.process.stdin
        self.talk = Pipes(source, sink)
        try:
            self.talk.receive(time.monotonic() + START_SECONDS)
        except (Closed, TooSlow) as error:
            self.end()
            message = "the judge's process did not start; see its message above"
            raise GradingFailed(message) from error

    def end(self) -> None:
        """End the process and all that it has started, and remove its folder."""
        self.talk.close()  # it sees this, and ends its kernel's processes itself
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        if self.process.poll() is None:
            end_tree(self.process.pid)
            self.process.wait()
        if self.process.returncode:  # killed, perhaps: then its kernel's processes are orphans
            end_in(self._place)
        remove(self._place)
