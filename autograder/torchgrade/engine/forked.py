"""A judge's process that the fork server has forked, and its learner's process."""

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import time
from pathlib import Path
from typing import Any

from torchgrade.check.device import device
from torchgrade.engine.channel import Channel, Closed, Malformed, Message, TooSlow
from torchgrade.engine.judging import Refused, judge_over, settings
from torchgrade.engine.learner import GONE
from torchgrade.engine.task import Layer, Task
from torchgrade.engine.wire import pack, unpack

START_SECONDS = 60.0
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4


def judge_forked(link: socket.socket, ask: socket.socket, folder: Path) -> None:
    """`judge_over` the driver's socket, in a process that was forked for it.

    Args:
        ask: the socket on which the server hears requests.
        folder: where private directories of learners' processes are made.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # nobody may look into this process
    # The server ends when the driver does, however that ends; then nobody waits for this verdict.
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    judge_over(
        Channel(link, guarded=False),
        folder,
        lambda task, directory, deadline: Forked(ask, request(task, directory), deadline),
    )


def request(task: Task, directory: Path) -> dict[str, Any]:
    """What the server needs to know of a learner's process."""
    limits = task.limits
    return {
        "directory": str(directory),
        "environment": settings(task),
        "output_kib": limits.output_kib,
        "policy": {
            "memory_mib": limits.memory_mib,
            "cpu_seconds": int(limits.notebook_seconds),
            "processes": limits.processes,
            "file_mib": limits.file_mib,
            "disk_mib": limits.disk_mib,
            "accelerator": device().type != "cpu",
        },
    }


class Forked:
    """A learner's process that the fork server has forked (a `Link`).

    Args:
        ask: the socket on which the server hears requests.
        request: what the server needs to know of the process.
    """

    layers: list[Layer]

    def __init__(self, ask: socket.socket, request: dict[str, Any], deadline: float) -> None:
        mine, theirs = socket.socketpair()
        alive, self._lifeline = os.pipe()
        self._status, ended = os.pipe()
        socket.send_fds(ask, [json.dumps(request).encode()], [theirs.fileno(), alive, ended])
        theirs.close()
        os.close(alive)
        os.close(ended)
        self._channel = Channel(mine, guarded=True, unpack=unpack)
        self._number = 0
        try:
            ready = self._channel.receive(min(deadline, time.monotonic() + START_SECONDS))
        except (Closed, TooSlow):
            told = self._told(1.0)
            self.end()
            if "refused" in told:
                raise Refused(told["refused"]) from None
            raise RuntimeError(f"the learner's process did not start: {told}") from None
        self.layers = [Layer(*layer) for layer in ready["ready"]]

    def send(self, message: Message, deadline: float) -> None:
        if "do" in message:
            self._number += 1
            message = message | {"number": self._number}
        self._channel.send(pack(message), deadline)

    def receive(self, deadline: float) -> Message:
        reply = self._channel.receive(deadline)
        if reply.pop("number", None) != self._number:
            raise Malformed("an answer to another question")
        return reply

    def interrupt(self) -> None:
        with contextlib.suppress(OSError):  # it has ended already
            os.write(self._lifeline, b"i")

    def end(self) -> tuple[str, float]:
        self._channel.link.close()
        # A process that ended by itself says how; the others are ended now.
        told = self._told(0.2)
        os.close(self._lifeline)
        told = told or self._told(10.0)
        os.close(self._status)
        return str(told.get("ended", GONE)), float(told.get("peak_mib", 0.0))

    def _told(self, seconds: float) -> dict[str, Any]:
        if not select.select([self._status], [], [], seconds)[0]:
            return {}
        line = os.read(self._status, 65536)
        told: dict[str, Any] = json.loads(line) if line.strip() else {}
        return told
