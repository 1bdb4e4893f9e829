"""The recorder in a real kernel: async cells, the stop button, a restart."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from torchenstein import inspector

REPLY = '__import__("torchenstein.inspector", fromlist=["reply"]).reply'
WAIT = 60


class Kernel:
    """A kernel and the page's side of the conversation with it."""

    def __init__(self) -> None:
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

    def start(self, code: str, cell_id: str) -> str:
        message = self._client.session.msg("execute_request", _request(code))
        message["metadata"] = {"cellId": cell_id}
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def finish(self, message_id: str) -> dict[str, Any]:
        while True:
            reply = self._client.get_shell_msg(timeout=WAIT)
            if reply["parent_header"].get("msg_id") == message_id:
                return dict(reply["content"])

    def run(self, code: str, cell_id: str) -> dict[str, Any]:
        return self.finish(self.start(code, cell_id))

    def ask(self, call: str = '"lines"') -> dict[str, Any]:
        content = self._client.execute(
            "", silent=True, user_expressions={"t": f"{REPLY}({call})"}, reply=True, timeout=WAIT
        )["content"]
        return dict(content["user_expressions"]["t"]["data"]["application/json"])

    def lines(self, cell_id: str) -> list[tuple[Any, ...]]:
        cells = {cell["cell_id"]: cell["lines"] for cell in self.ask()["cells"]}
        return [(line["line"], line["name"], line["shape"]) for line in cells[cell_id]]

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def restart(self) -> None:
        self._client.stop_channels()
        self._manager.restart_kernel(now=True)
        self._connect()

    def stop(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


def _request(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    assert kernel.ask('"lines"')["watching"] is False
    assert kernel.ask('"lines", watch=True')["watching"] is True
    yield kernel
    kernel.stop()


def test_the_cell_that_imports_torch_shows_its_lines(kernel: Kernel) -> None:
    assert kernel.run("import torch\nx = torch.ones(2)\nx", "first")["status"] == "ok"
    assert kernel.lines("first") == [(1, "x", [2]), (2, None, [2])]


def test_an_async_cell_shows_its_lines(kernel: Kernel) -> None:
    code = "import asyncio, torch\nx = torch.ones(2)\nawait asyncio.sleep(0.01)\ny = x[None]"
    assert kernel.run(code, "async")["status"] == "ok"
    assert kernel.lines("async") == [(1, "x", [2]), (3, "y", [1, 2])]


def test_the_stop_button_stops_a_loop_at_once(kernel: Kernel) -> None:
    code = "import torch\nn = 0\nx = torch.ones(2)\nwhile True:\n    x = x + 1\n    n += 1"
    for number in range(5):
        waiting = kernel.start(code, "loop")
        time.sleep(0.3 + 0.05 * number)
        kernel.interrupt()
        reply = kernel.finish(waiting)
        assert reply["ename"] == "KeyboardInterrupt"
        assert (4, "x", [2]) in kernel.lines("loop")
        assert kernel.ask()["problem"] is None
    assert kernel.run("y = torch.ones(3)", "after")["status"] == "ok"
    assert kernel.lines("after") == [(0, "y", [3])]


def test_what_a_running_cell_has_made_so_far_is_there_after_a_failure(kernel: Kernel) -> None:
    reply = kernel.run("import torch\nx = torch.ones(2)\nx @ torch.ones(3)\ny = x", "failed")
    assert (reply["ename"], kernel.lines("failed")) == ("RuntimeError", [(1, "x", [2])])
    trace = "\n".join(reply["traceback"])
    assert "torchenstein" not in trace


def test_a_restart_forgets_and_is_watched_again_when_asked(kernel: Kernel) -> None:
    kernel.restart()
    assert kernel.ask()["watching"] is False
    assert kernel.ask('"lines", watch=True')["cells"] == []
    assert kernel.run("import torch\nx = torch.ones(4)\nn = 1", "again")["status"] == "ok"
    assert kernel.lines("again") == [(1, "x", [4])]
