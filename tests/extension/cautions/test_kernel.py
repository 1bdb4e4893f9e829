"""Warnings in a real kernel, asked for as the page asks: one silent request after the cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.extension.kernel import Kernel


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.stop()


def ask(kernel: Kernel, since: int = 0, watch: bool = True) -> dict[str, Any]:
    return kernel.ask(f'"cautions", since={since}, watch={watch}, off=[]')


def found(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [caution for cell in told["cells"] for caution in cell["cautions"]]


def test_a_kernel_warns_of_the_cell_that_ran(kernel: Kernel) -> None:
    first = ask(kernel)
    assert first["cells"] == []
    assert kernel.run("import torch\nfrom torch import nn")["status"] == "ok"
    source = "model = nn.Linear(1, 1)\npred = model(torch.ones(5, 1))\ny = torch.zeros(5)\n"
    assert kernel.run(source + "loss = ((pred - y) ** 2).mean()", "pairs")["status"] == "ok"
    told = ask(kernel, first["revision"])
    assert [(c["kind"], c["spot"]["line"], c["result"]) for c in found(told)] == [
        ("broadcast", 3, [5, 5])
    ]
    assert [cell["cell_id"] for cell in told["cells"] if cell["cautions"]] == ["pairs"]


def test_torchs_compiler_is_not_loaded_between_two_cells(kernel: Kernel) -> None:
    kernel.run("error = ((2 * pred.exp() - y.float()).abs()).mean()", "computed")
    assert any(c["expression"] == "2 * pred.exp() - y.float()" for c in found(ask(kernel)))
    assert kernel.run("import sys\nassert 'torch._dynamo' not in sys.modules")["status"] == "ok"


def test_a_function_of_a_cell_is_warned_of_where_it_stands(kernel: Kernel) -> None:
    kernel.run("def score(p, t):\n    return (p == t).float().mean()", "function")
    since = ask(kernel)["revision"]
    cell = "z = torch.randn(4, 3)\na = score(z.argmax(1, keepdim=True), torch.zeros(4))"
    assert kernel.run(cell, "call")["status"] == "ok"
    told = ask(kernel, since)
    assert [(c["expression"], c["spot"]["line"]) for c in found(told)] == [("p == t", 1)]


def test_a_failing_cell_keeps_its_explanation_apart(kernel: Kernel) -> None:
    assert kernel.run("torch.ones(2, 3) @ torch.ones(2, 3)")["status"] == "error"
    assert ask(kernel)["problem"] is None


def test_an_interrupted_loop_and_a_restart_are_survived(kernel: Kernel) -> None:
    running = kernel.start("import time\nfor _ in range(600):\n    time.sleep(0.1)")
    while not any(m["msg_type"] == "execute_input" for m in kernel.heard()):
        pass
    kernel.interrupt()
    assert kernel.finish(running)["ename"] == "KeyboardInterrupt"
    assert ask(kernel)["problem"] is None
    kernel.restart()
    assert ask(kernel)["cells"] == []
    kernel.run("import torch\nz = torch.zeros(2).log()", "after")
    assert [c["kind"] for c in found(ask(kernel))] == ["nonfinite"]


def test_what_is_switched_off_is_watched_no_more(kernel: Kernel) -> None:
    assert ask(kernel, watch=False)["watching"] is False
