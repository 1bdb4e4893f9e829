"""The explanation in a real kernel, asked as the page asks: one silent request."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from torchenstein import inspector

WAIT = 60
ASK = '__import__("torchenstein.inspector", fromlist=["reply"]).reply("explain")'


class Kernel:
    """A kernel and the page's side of the conversation with it."""

    def __init__(self) -> None:
        self._manager = KernelManager(kernel_name="python3")
        path = os.pathsep.join([str(Path(inspector.__file__).parents[2]), *sys.path])
        self._manager.start_kernel(env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"})
        self._client: BlockingKernelClient = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=WAIT)

    def run(self, code: str) -> str:
        """ok or error."""
        status: str = self._client.execute(code, reply=True, timeout=WAIT)["content"]["status"]
        return status

    def ask(self) -> dict[str, Any]:
        content: dict[str, Any] = {"status": "aborted"}
        # For a moment after a failed cell a kernel refuses what comes: the page asks again, too.
        while content["status"] == "aborted":
            content = self._client.execute(
                "", silent=True, user_expressions={"t": ASK}, reply=True, timeout=WAIT
            )["content"]
        answer: dict[str, Any] = content["user_expressions"]["t"]["data"]["application/json"]
        return answer

    def stop(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.stop()


def test_before_anything_failed_and_without_torch(kernel: Kernel) -> None:
    assert kernel.ask()["reason"] == "nothing failed"
    assert kernel.run("1 / 0") == "error"
    assert kernel.ask()["reason"] == "no explanation"
    assert kernel.run("import sys; assert 'torch' not in sys.modules") == "ok"


def test_a_failure_three_modules_deep(kernel: Kernel) -> None:
    cells = [
        "import torch\nfrom torch import nn",
        "class MLP(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.net = nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(4, 4))\n\n"
        "    def forward(self, x):\n"
        "        return self.net(x)\n",
        "class Block(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.mlp = MLP()\n\n"
        "    def forward(self, x):\n"
        "        return x + self.mlp(x)\n",
        "model = nn.Sequential(Block(), Block())",
    ]
    assert [kernel.run(cell) for cell in cells] == ["ok"] * 4
    assert kernel.run("out = model(torch.randn(2, 4))") == "error"
    answer = kernel.ask()
    assert answer["expression"] == "self.net(x)"
    assert answer["layer"] == {"path": "model.0.mlp.net.2", "type": "Linear"}
    assert answer["function"] == "forward"
    assert [operand["shape"] for operand in answer["operands"]] == [[2, 8], [4, 4]]
    assert answer["fixes"][0]["code"] == "nn.Linear(8, 4)"
    assert (answer["fixes"][0]["place"]["line"], answer["place"]["line"]) == (4, 7)


def test_a_cell_under_time(kernel: Kernel) -> None:
    kernel.run("import torch\nx = torch.ones(2, 3)")
    assert kernel.run("%%time\ny = x + 1\nz = y @ x") == "error"
    answer = kernel.ask()
    assert answer["expression"] == "y @ x"
    assert answer["fixes"][0]["code"] == "y @ x.T"
    assert (answer["place"]["line"], answer["place"]["column"]) == (3, 4)
