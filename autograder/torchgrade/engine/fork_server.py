"""The driver's side of the fork server: starts it, asks it for judges, ends it."""

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from torchgrade.engine.channel import Channel
from torchgrade.engine.environment import environment, remove
from torchgrade.engine.judges import CLOSED, START_SECONDS
from torchgrade.engine.task import GradingFailed

SERVER = "torchgrade.engine.server"
END_SECONDS = 5.0  # after which a server is killed that has not ended when told


class Spawned:
    """A server that imports what every notebook needs, and waits for its settings."""

    def __init__(self) -> None:
        # The server makes it: whoever makes it must be the one who is there to remove it.
        self.folder = os.path.join(tempfile.gettempdir(), f"torchgrade-{secrets.token_hex(8)}")
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-P", "-m", SERVER, str(theirs.fileno()), self.folder],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=environment(),
                start_new_session=True,
            )


_spare: list[Spawned] = []


def spawn_ahead() -> None:
    """Let the next server import while this process still imports, too.

    A program that ends without an engine leaves nothing: the server ends with it.
    """
    if sys.platform == "linux" and not _spare:
        _spare.append(Spawned())


class ForkServer:
    """A warm server that forks judges' processes (`Judges`).

    Args:
        settings: what the server is told: `preload`, `unprotected`, `hidden`.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = dict(settings)
        self._control: socket.socket | None = None
        self._lock = threading.RLock()  # one question and its answer at a time
        self._closed = False
        self.process: subprocess.Popen[bytes] | None = None
        self.folder = ""

    def start(self) -> None:
        """Start the server, if it is not running."""
        with self._lock:
            self._start()

    def _start(self) -> None:
        if self._closed:  # said to a thread that waited for its turn meanwhile
            raise GradingFailed(CLOSED)
        if self.process is not None and self.process.poll() is None:
            return
        self._close()
        spawned = _spare.pop() if _spare else Spawned()
        self.process, self._control, self.folder = spawned.process, spawned.control, spawned.folder
        with contextlib.suppress(OSError):  # it may have said why it ended
            self._control.send(json.dumps(self._settings).encode())
        answer = self._heard()
        if answer != {"ready": True}:
            self._close()
            raise GradingFailed(
                answer.get("failed") or "the grading server did not start; see above"
            )

    def preload(self, modules: Sequence[str]) -> None:
        """Let the server import modules when it starts; one that runs stays as it is."""
        with self._lock:
            known = self._settings["preload"]
            known += [module for module in modules if module not in known]

    def judge(self) -> "ForkedJudge":
        """A judge's process that waits for its task."""
        with self._lock:
            self._start()
            assert self._control is not None
            mine, theirs = socket.socketpair()
            try:
                with theirs:
                    socket.send_fds(self._control, [b"{}"], [theirs.fileno()])
                return ForkedJudge(mine, self._heard()["judge"])
            except (OSError, KeyError) as error:
                mine.close()
                self._close()
                raise GradingFailed("the grading server has ended") from error

    def close(self) -> None:
        """End the server and everything that it has started, for good."""
        self._closed = True
        self._hang_up()  # a thread that waits for the server's word holds the lock until then
        with self._lock:
            self._close()

    def _close(self) -> None:
        self._hang_up()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self.process is not None:
            self._end(self.process)
            self.process = None
        if self.folder:
            remove(self.folder)
            self.folder = ""

    def _hang_up(self) -> None:
        control = self._control
        if control is not None:
            with contextlib.suppress(OSError):
                control.shutdown(socket.SHUT_RDWR)

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """Wait until it has ended and removed its folder, as it would if we were killed here."""
        if process.poll() is None:
            ended = os.pidfd_open(process.pid)
            select.select([ended], [], [], END_SECONDS)
            os.close(ended)
            # Judges are in the server's session; learners' processes end with their judges.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _heard(self) -> dict[str, Any]:
        """The server's next word; {} if it ends or stays silent."""
        assert self._control is not None
        if not select.select([self._control], [], [], START_SECONDS)[0]:
            return {}
        try:
            text = self._control.recv(65536)
        except OSError:
            return {}
        told: dict[str, Any] = json.loads(text) if text else {}
        return told


class ForkedJudge:
    """A judge's process that the server has forked (a `JudgeProcess`)."""

    def __init__(self, link: socket.socket, pid: int) -> None:
        self.talk = Channel(link, guarded=False)
        self._process = os.pidfd_open(pid)  # its number may be another's once it has ended

    def end(self) -> None:
        """End it; its learner's process ends with it."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        os.close(self._process)
        self.talk.link.close()
