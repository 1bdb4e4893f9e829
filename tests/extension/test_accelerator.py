"""Everything that watches, on tensors of an accelerator: no operation, no copy, no wait.

Tensors on meta stand in for those of a device: not on the CPU, and reading one is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from torch.utils._python_dispatch import TorchDispatchMode
from torchenstein import cautions, flow, inspector, lines, live

MODEL = """
with torch.device({device!r}):
    x, target = torch.zeros(64, 20), torch.zeros(64, dtype=torch.long)
    model = torch.nn.Sequential(torch.nn.Linear(20, 32), torch.nn.ReLU(), torch.nn.Linear(32, 2))
    row, column = torch.zeros(64), torch.zeros(64, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""
TRAINING = """
for step in range(5):
    loss = torch.nn.functional.cross_entropy(model(x), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
error = ((column - row) ** 2).mean()
half = x / 2
"""
WRONG = "model(x.T)"
CYCLES = 2_000_000_000
"""About a second of a GPU."""


class Operations(TorchDispatchMode):
    """The names of all operations that torch carries out."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.append(str(func))
        return func(*args, **(kwargs or {}))


def run(shell: InteractiveShell, source: str, cell_id: str, *, fails: bool = False) -> None:
    assert shell.run_cell(source, store_history=True, cell_id=cell_id).success is not fails


def ask() -> dict[str, Any]:
    """All that the page may ask after a cell while no detail is open, by the kind of the answer."""
    options: dict[str, dict[str, Any]] = {"lines": {"watch": True}, "cautions": {"watch": True}}
    kinds = ("snapshot", "lines", "cautions", "explain", "flow", "live")
    answers = {kind: inspector.reply(kind, **options.get(kind, {})).content for kind in kinds}
    assert [answer.get("reason") for answer in answers.values() if answer["kind"] == "failure"] in (
        [],
        ["nothing failed"],
    )
    return answers


@pytest.fixture
def everything(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    """A shell with all that watches on, the traced cell included."""
    # A kernel has one shell, and these tests another one for each file.
    monkeypatch.setattr(flow, "_tracer", None)
    ask()
    inspector.reply("flow", trace="training")
    yield shell
    for part in (lines, cautions, live):
        part.uninstall()
    flow.tracer().wait_for(None)


def test_watching_and_asking_carries_out_no_operation(
    shell: InteractiveShell, request: pytest.FixtureRequest
) -> None:
    run(shell, MODEL.format(device="meta"), "model")
    with Operations() as plain:
        run(shell, TRAINING, "training")
    request.getfixturevalue("everything")
    run(shell, MODEL.format(device="meta"), "model")
    with Operations() as watched:
        run(shell, TRAINING, "training")
        asked = ask()
    # The spy would be part of the traceback.
    run(shell, WRONG, "wrong", fails=True)
    with Operations() as after:
        explained = ask()["explain"]
    assert "aten._local_scalar_dense.default" not in plain.names
    assert (watched.names, after.names) == (plain.names, [])
    # All of them have looked.
    assert {tensor["name"] for tensor in asked["snapshot"]["tensors"]} >= {"x", "loss", "half"}
    assert {line["name"] for cell in asked["lines"]["cells"] for line in cell["lines"]} >= {"half"}
    told = [caution["kind"] for cell in asked["cautions"]["cells"] for caution in cell["cautions"]]
    assert told == ["broadcast"]
    assert len(asked["flow"]["graph"]["nodes"]) > 5
    assert explained["kind"] == "explanation"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_busy_stream_is_not_waited_for(everything: InteractiveShell) -> None:
    run(everything, MODEL.format(device="cuda"), "model")
    # The first run brings kernels to the device, and that waits.
    run(everything, TRAINING, "warm")
    torch.cuda.synchronize()
    run(everything, f"torch.cuda._sleep({CYCLES})\n{TRAINING}", "training")
    ask()
    run(everything, WRONG, "wrong", fails=True)
    ask()
    end = torch.cuda.Event()
    end.record()
    assert not end.query()
