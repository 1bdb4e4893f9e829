"""`Engine`: a warm server to which notebooks are given, one at a time."""

import contextlib
import hashlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from torchgrade.engine.given import Given
from torchgrade.engine.task import Graded, GradingFailed, Task
from torchgrade.engine.wire import Channel, Closed, TooSlow, pack

START_SECONDS = 180.0  # torch and IPython are imported then, on a slow disk too
SLACK = 60.0  # seconds that a judge may take beyond what the notebook may
FORKS = sys.platform.startswith("linux")

# All that the server takes over: what it starts could find the rest in its memory, keys included.
PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_HOME",
             "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ZE_AFFINITY_MASK")  # fmt: skip

Hear = Callable[[dict[str, Any]], None]


class NotProtected(RuntimeError):
    """Nothing on this machine can keep the learner's process away from the grader's."""


class Engine:
    """A warm fork server; a context manager that leaves no process behind.

    Args:
        preload: modules that the notebooks import, to be imported once before the fork.
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
        self._settings: dict[str, Any] = {
            "preload": list(preload),
            "unprotected": unprotected,
            "hidden": [str(path) for path in hidden],
        }
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder = ""
        self._read: dict[bytes, Given] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the server, if it is not running. `grade` does so by itself.

        Raises:
            GradingFailed: it does not start.
        """
        if self._server is not None and self._server.poll() is None:
            return
        self.close()
        self._folder = tempfile.mkdtemp(prefix="torchgrade-")
        os.chmod(self._folder, 0o711)  # learners' processes have other user ids, where they may
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings = json.dumps(self._settings | {"folder": self._folder})
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "torchgrade.engine.server", str(theirs.fileno()), settings],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_environment(),
                cwd=self._folder,
                start_new_session=True,
            )
        self._control = mine
        if self._heard(START_SECONDS) != {"ready": True}:
            self.close()
            raise GradingFailed("the grading server did not start; see its message above")

    def grade(self, task: Task, hear: Hear | None = None) -> Graded:
        """Grade one notebook.

        Args:
            hear: is told of every cell and test that is done, as it is done.

        Raises:
            GradingFailed: the engine itself failed (its server or the judge ended); try again.
            NotProtected: no process boundary is to be had here.
        """
        self.start()
        assert self._control is not None
        mine, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"{}"], [theirs.fileno()])
            except OSError as error:
                self.close()
                raise GradingFailed("the grading server has ended") from error
        told = self._heard(START_SECONDS)
        if "judge" not in told:
            mine.close()
            self.close()
            raise GradingFailed("the grading server has ended")
        try:
            return self._conversation(Channel(mine, guarded=False), task, hear or _silence)
        except (Closed, TooSlow) as error:
            why = "did not come to an end" if isinstance(error, TooSlow) else "has ended"
            raise GradingFailed(f"{task.name}: the judge's process {why}") from error
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.kill(told["judge"], signal.SIGKILL)
            raise
        finally:
            mine.close()

    def _conversation(self, channel: Channel, task: Task, hear: Hear) -> Graded:
        deadline = time.monotonic() + task.limits.notebook_seconds + SLACK
        alone = replace(task, given=None)
        channel.send(pack({"task": alone.json(), "given": self._given(task).json()}), deadline)
        while True:
            told = channel.receive(deadline)
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
        if key not in self._read:
            self._read[key] = Given.read(task.given)
        return self._read[key]

    def close(self) -> None:
        """End the server and everything that it has started."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
            # Judges are in the server's session; learners' processes end with their judges.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
            self._server = None
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""

    def _heard(self, seconds: float) -> dict[str, Any]:
        """The server's next word; {} if it ends or stays silent."""
        assert self._control is not None
        if not select.select([self._control], [], [], seconds)[0]:
            return {}
        try:
            text = self._control.recv(65536)
        except OSError:
            return {}
        told: dict[str, Any] = json.loads(text) if text else {}
        return told


def _environment() -> dict[str, str]:
    quiet = {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "NBGRADER_EXECUTION": "autograde",
        # Asks for CUDA without starting it, so that children can be forked.
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    }
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | quiet


def _silence(event: dict[str, Any]) -> None:
    """Nobody listens."""
