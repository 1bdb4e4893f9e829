"""A real kernel with a cell that runs, asked on a subshell as the page asks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jupyter_client.blocking.client import BlockingKernelClient
from torchenstein import live

from tests.extension.kernel import WAIT, Kernel

BEGINS = 0.2
"""Seconds between a kernel's word that it runs a cell and the cell's first statement, at most."""


class LiveKernel(Kernel):
    """A kernel, its learner and its page."""

    def __init__(self, valid: Callable[[Any], None]) -> None:
        super().__init__()
        self._valid = valid
        self.greet()

    @property
    def client(self) -> BlockingKernelClient:
        return self._client

    def greet(self) -> None:
        """What the page does when the kernel is idle: install, and open a subshell."""
        self._valid(self.ask("'live'"))
        self.client.control_channel.send(self.client.session.msg("create_subshell_request", {}))
        reply = self.client.get_control_msg(timeout=WAIT)
        self.subshell: str = reply["content"]["subshell_id"]

    def begin(self, code: str, **options: Any) -> str:
        """Send a cell, and return when it runs."""
        sent: str = self.client.execute(code, **options)
        while True:
            message = self.client.get_iopub_msg(timeout=WAIT)
            if message["msg_type"] == "execute_input" and about(message) == sent:
                time.sleep(BEGINS)
                return sent

    def peek(self, *questions: dict[str, Any], timeout: float = 20) -> list[dict[str, Any]]:
        """The answers of a subshell, each held against the protocol."""
        message = self.client.session.msg("torchenstein_request", {"questions": list(questions)})
        message["header"]["subshell_id"] = self.subshell
        self.client.shell_channel.send(message)
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            try:
                reply = self.client.get_shell_msg(timeout=0.5)
            except Empty:
                continue
            if about(reply) == message["header"]["msg_id"]:
                content = reply["content"]
                assert set(content) == {"status", "answers", "spent"}
                for answer in content["answers"]:
                    self._valid(answer)
                answers: list[dict[str, Any]] = content["answers"]
                return answers
        raise AssertionError("no answer")

    def live(self, **options: Any) -> dict[str, Any]:
        (answer,) = self.peek({"kind": "live", **options})
        return answer

    def end(self, cell: str, timeout: float = WAIT) -> list[dict[str, Any]]:
        """Wait for the end of a cell; everything the kernel published meanwhile."""
        messages = []
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            try:
                message = self.client.get_iopub_msg(timeout=0.5)
            except Empty:
                continue
            messages.append(message)
            idle = message["content"].get("execution_state") == "idle"
            if idle and about(message) == cell:
                return messages
        raise AssertionError("the cell did not end")

    def play(self, code: str) -> list[dict[str, Any]]:
        """Run a cell; everything the kernel published meanwhile."""
        return self.end(self.begin(code))

    def restart(self) -> None:
        super().restart()
        self.greet()

    @property
    def is_alive(self) -> bool:
        return bool(self._manager.is_alive())


def about(message: dict[str, Any]) -> str | None:
    """The id of the request that a message answers."""
    found: str | None = message["parent_header"].get("msg_id")
    return found


def text(messages: list[dict[str, Any]], cell: str | None = None) -> str:
    """What was printed, by `cell` alone if it is given."""
    return "".join(
        message["content"]["text"]
        for message in messages
        if message["msg_type"] == "stream" and cell in (None, about(message))
    )


@pytest.fixture(scope="session")
def valid() -> Callable[[Any], None]:
    source = Path(live.__file__).parents[1] / "protocol.json"
    validator = Draft202012Validator(json.loads(source.read_text(encoding="utf-8")))

    def check(answer: Any) -> None:
        validator.validate(json.loads(json.dumps(answer, allow_nan=False)))

    return check


@pytest.fixture(scope="module")
def kernel(valid: Callable[[Any], None]) -> Iterator[LiveKernel]:
    kernel = LiveKernel(valid)
    yield kernel
    kernel.stop()
