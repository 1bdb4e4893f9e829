"""Warnings in a real kernel, asked for as the page asks: one silent request after the cell."""

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
ASK = '__import__("torchenstein.inspector", fromlist=["reply"]).reply("cautions", {})'


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

    def ask(self, options: str) -> dict[str, Any]:
        content = self._client.execute(
            "",
            silent=True,
            user_expressions={"t": ASK.format(options)},
            reply=True,
            timeout=WAIT,
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


def test_a_kernel_warns_of_the_cell_that_ran(kernel: Kernel) -> None:
    first = kernel.ask("since=0, watch=True, off=[]")
    assert first["cells"] == []
    assert kernel.run("import torch\nfrom torch import nn") == "ok"
    source = "model = nn.Linear(1, 1)\npred = model(torch.ones(5, 1))\ny = torch.zeros(5)\n"
    assert kernel.run(source + "loss = ((pred - y) ** 2).mean()") == "ok"
    told = kernel.ask(f"since={first['revision']}, watch=True, off=[]")
    found = [caution for cell in told["cells"] for caution in cell["cautions"]]
    assert [(c["kind"], c["spot"]["line"], c["result"]) for c in found] == [
        ("broadcast", 3, [5, 5])
    ]


def test_a_function_of_a_cell_is_warned_of_where_it_stands(kernel: Kernel) -> None:
    assert kernel.run("def score(p, t):\n    return (p == t).float().mean()") == "ok"
    since = kernel.ask("watch=True")["revision"]
    cell = "z = torch.randn(4, 3)\na = score(z.argmax(1, keepdim=True), torch.zeros(4))"
    assert kernel.run(cell) == "ok"
    told = kernel.ask(f"since={since}, watch=True")["cells"]
    found = [caution for cell in told for caution in cell["cautions"]]
    assert [(c["expression"], c["spot"]["line"]) for c in found] == [("p == t", 1)]


def test_a_failing_cell_keeps_its_explanation_apart(kernel: Kernel) -> None:
    assert kernel.run("torch.ones(2, 3) @ torch.ones(2, 3)") == "error"
    told = kernel.ask("watch=True")
    assert told["problem"] is None
    assert kernel.ask("watch=False")["watching"] is False
