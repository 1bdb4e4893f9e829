"""A real kernel and the page's side of the conversation with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from torchenstein import inspector

WAIT = 60
REPLY = '__import__("torchenstein.inspector", fromlist=["reply"]).reply'


class Kernel:
    """Runs cells as a learner would, and asks as the page does."""

    def __init__(self) -> None:
        self._debugged = 0
        self._manager = KernelManager(kernel_name="python3")
        # The Python that runs the tests, whatever kernel is installed under that name.
        assert self._manager.kernel_spec is not None
        self._manager.kernel_spec.argv = [
            *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
        ]
        path = os.pathsep.join([str(Path(inspector.__file__).parents[2]), *sys.path])
        self._manager.start_kernel(env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"})
        self._connect()

    def _connect(self) -> None:
        self._client: BlockingKernelClient = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=WAIT)

    def run(self, code: str, cell_id: str = "") -> dict[str, Any]:
        """Run a cell; the content of its reply."""
        return self.finish(self.start(code, cell_id))

    def start(self, code: str, cell_id: str = "") -> str:
        """Begin to run a cell; what to give to `finish`."""
        request = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        message = self._client.session.msg("execute_request", request)
        message["metadata"] = {"cellId": cell_id} if cell_id else {}
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def finish(self, message_id: str) -> dict[str, Any]:
        """Wait for a cell that was started; the content of its reply."""
        while True:
            reply = self._client.get_shell_msg(timeout=WAIT)
            if reply["parent_header"].get("msg_id") == message_id:
                return dict(reply["content"])

    def ask(self, call: str) -> dict[str, Any]:
        """The inspector's answer to `reply(call)`, in one silent request."""
        content: dict[str, Any] = {"status": "aborted"}
        # For a moment after a cell that failed the kernel refuses what comes: the page asks again.
        while content["status"] == "aborted":
            content = self._client.execute(
                "", silent=True, user_expressions={"t": f"{REPLY}({call})"}, reply=True,
                timeout=WAIT,
            )["content"]  # fmt: skip
        return dict(content["user_expressions"]["t"]["data"]["application/json"])

    def debug(self, command: str, **arguments: Any) -> dict[str, Any]:
        """The debugger's answer to a command of the Debug Adapter Protocol."""
        self._debugged += 1
        request = {
            "type": "request",
            "seq": self._debugged,
            "command": command,
            "arguments": arguments,
        }
        channel = self._client.control_channel
        channel.send(self._client.session.msg("debug_request", request))
        reply = channel.get_msg(timeout=WAIT)["content"]
        assert reply["success"], reply
        return dict(reply.get("body") or {})

    def debug_event(self, name: str) -> dict[str, Any]:
        """Wait for an event of the debugger; its body."""
        while True:
            message = self._client.get_iopub_msg(timeout=WAIT)
            if message["msg_type"] == "debug_event" and message["content"]["event"] == name:
                return dict(message["content"]["body"])

    def heard(self) -> list[dict[str, Any]]:
        """What the kernel published since the last time."""
        messages: list[dict[str, Any]] = []
        while True:
            try:
                messages.append(self._client.get_iopub_msg(timeout=0.2))
            except Empty:
                return messages

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def restart(self) -> None:
        self._client.stop_channels()
        self._manager.restart_kernel(now=True)
        self._connect()

    def stop(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
