"""A judge's process from its fork to its verdict: its task, its learner's process, its result."""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
import traceback
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from torchgrade.check.device import device
from torchgrade.engine.given import Given
from torchgrade.engine.judge import Judge
from torchgrade.engine.learner import Link
from torchgrade.engine.sandbox import NoProcessBoundary
from torchgrade.engine.task import Layer, Task
from torchgrade.engine.wire import Channel, Closed, Malformed, Message, TooSlow, pack

START_SECONDS = 60.0
PR_SET_DUMPABLE = 4


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
        self._channel = Channel(mine, guarded=True)
        self._number = 0
        try:
            ready = self._channel.receive(min(deadline, time.monotonic() + START_SECONDS))
        except (Closed, TooSlow):
            told = self._told(1.0)
            self.end()
            if "refused" in told:
                raise NoProcessBoundary(told["refused"]) from None
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
        return str(told.get("ended", "was stopped")), float(told.get("peak_mib", 0.0))

    def _told(self, seconds: float) -> dict[str, Any]:
        if not select.select([self._status], [], [], seconds)[0]:
            return {}
        line = os.read(self._status, 65536)
        told: dict[str, Any] = json.loads(line) if line.strip() else {}
        return told


def judge_over(link: socket.socket, ask: socket.socket, folder: Path) -> None:
    """Take a task from the driver's socket, grade it, and send what it came to.

    Args:
        folder: where private directories of learners' processes are made.
    """
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # nobody may look into this process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = Channel(link, guarded=False)
    told = channel.receive()
    task, given = Task.from_json(told["task"]), Given.from_json(told["given"])
    place = Path(tempfile.mkdtemp(prefix="notebook-", dir=folder))
    try:
        result = _graded(task, given, ask, place, lambda event: channel.send(pack(event)))
    except NoProcessBoundary as error:
        result = {"refused": str(error)}
    except Exception as error:
        result = {"failed": f"{type(error).__name__}: {error}", "frames": traceback.format_exc()}
    finally:
        shutil.rmtree(place, ignore_errors=True)
    channel.send(pack(result))


def _graded(
    task: Task,
    given: Given,
    ask: socket.socket,
    place: Path,
    hear: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    settings = {"TORCHGRADE_DEVICE": task.device, "TORCHGRADE_SEED": str(task.seed)}
    os.environ.update(settings)
    where = device()
    limits = task.limits
    request = {
        "environment": settings,
        "output_kib": limits.output_kib,
        "policy": {
            "memory_mib": limits.memory_mib,
            "cpu_seconds": int(limits.notebook_seconds),
            "processes": limits.processes,
            "file_mib": limits.file_mib,
            "disk_mib": limits.disk_mib,
            "accelerator": where.type != "cpu",
        },
    }
    torch.set_num_threads(1)

    def start(deadline: float) -> Link:
        # A fresh directory each time: what an ended process left there is not seen again.
        directory = Path(tempfile.mkdtemp(dir=place))
        for name, content in task.files.items():
            path = directory / name
            if not path.resolve().is_relative_to(directory.resolve()):
                raise ValueError(f"{task.name}: the file {name} lies outside of its folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b64decode(content))
        return Forked(ask, request | {"directory": str(directory)}, deadline)

    return {"graded": Judge(task, given, start, hear).grade().json()}
