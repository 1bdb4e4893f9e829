"""The explanation in a real kernel, asked as the page asks: one silent request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.extension.kernel import Kernel

ASK = '"explain"'


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.stop()


def test_before_anything_failed_and_without_torch(kernel: Kernel) -> None:
    assert kernel.ask(ASK)["reason"] == "nothing failed"
    assert kernel.run("1 / 0")["status"] == "error"
    assert kernel.ask(ASK)["reason"] == "no explanation"
    assert kernel.run("import sys; assert 'torch' not in sys.modules")["status"] == "ok"


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
    assert [kernel.run(cell)["status"] for cell in cells] == ["ok"] * 4
    assert kernel.run("out = model(torch.randn(2, 4))")["status"] == "error"
    answer = kernel.ask(ASK)
    assert answer["expression"] == "self.net(x)"
    assert answer["layer"] == {"path": "model.0.mlp.net.2", "type": "Linear"}
    assert answer["function"] == "forward"
    assert [operand["shape"] for operand in answer["operands"]] == [[2, 8], [4, 4]]
    assert answer["fixes"][0]["code"] == "nn.Linear(8, 4)"
    assert (answer["fixes"][0]["place"]["line"], answer["place"]["line"]) == (4, 7)


def test_a_cell_under_time(kernel: Kernel) -> None:
    kernel.run("import torch\nx = torch.ones(2, 3)")
    assert kernel.run("%%time\ny = x + 1\nz = y @ x")["status"] == "error"
    answer = kernel.ask(ASK)
    assert answer["expression"] == "y @ x"
    assert answer["fixes"][0]["code"] == "y @ x.T"
    assert (answer["place"]["line"], answer["place"]["column"]) == (3, 4)
