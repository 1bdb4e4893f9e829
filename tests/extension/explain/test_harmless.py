"""What explaining must never do: run the learner's code, read data, change or keep anything."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import pytest
import torch
from torchenstein.explain import explain, last_error

from .conftest import Shell

TRAPS = """
ran = []

class Trap:
    weight = torch.ones(2, 3)

    @property
    def matrix(self):
        ran.append("property")
        return torch.ones(3, 2)

    def __getattr__(self, name):
        ran.append("getattr")
        raise AttributeError(name)

    def __getitem__(self, key):
        ran.append("getitem")
        return torch.ones(2, 3)

class Layer(nn.Linear):
    def forward(self, x):
        ran.append("forward")
        return super().forward(x)

def make(n):
    ran.append("call")
    return torch.ones(n, 3)

class Mine(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        ran.append("torch_function")
        return super().__torch_function__(func, types, args, kwargs or {})

trap = Trap()
layer = Layer(3, 3)
mine = torch.ones(2, 3).as_subclass(Mine)
"""


@pytest.mark.parametrize(
    "expression",
    [
        "make(2) @ make(4)",
        "trap.matrix @ trap.matrix",
        "trap['x'] @ trap['y']",
        "layer(torch.ones(2, 3)) @ torch.ones(2, 3)",
        "mine @ mine",
        "[make(i) @ make(2) for i in range(3)]",
        "torch.cat([layer(make(2)), torch.ones(2, 2)])",
    ],
)
def test_runs_nothing_of_the_learners(shell: Shell, expression: str) -> None:
    error = shell.run(TRAPS, expression)
    assert error is not None
    ran: list[str] = shell.ipython.user_ns["ran"]
    ran.clear()
    explain(error)
    assert ran == []


def test_hooks_do_not_run(shell: Shell) -> None:
    cell = """
ran = []
inner = nn.Linear(3, 4)
inner.register_forward_hook(lambda *_: ran.append("hook"))
inner(torch.ones(2, 3)) @ torch.ones(2, 3)
"""
    error = shell.run(cell)
    assert error is not None
    before = list(shell.ipython.user_ns["ran"])
    explain(error)
    assert shell.ipython.user_ns["ran"] == before


def test_draws_no_random_number(shell: Shell) -> None:
    error = shell.run("F.relu(torch.randn(2, 3)).add(torch.rand(2, 3)) @ torch.randn(2, 3)")
    assert error is not None
    state = torch.get_rng_state()
    assert explain(error) is not None
    assert torch.equal(torch.get_rng_state(), state)


def test_changes_no_parameter_and_no_statistics(shell: Shell) -> None:
    cell = """
net = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(), nn.Linear(3, 4))
before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
x = torch.randn(5, 3)
"""
    error = shell.run(cell, "net(x) @ torch.ones(3, 2)")
    assert error is not None
    net, x = shell.ipython.user_ns["net"], shell.ipython.user_ns["x"]
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    versions = [parameter._version for parameter in (*net.parameters(), x)]
    found = explain(error)
    assert found is not None
    assert found.operands[0].shape == (5, 4)
    assert net.training
    assert versions == [parameter._version for parameter in (*net.parameters(), x)]
    for name, tensor in net.state_dict().items():
        assert torch.equal(tensor, state[name])


def test_keeps_no_tensor_alive(shell: Shell) -> None:
    error: Any = shell.run("x = torch.randn(4, 3)\ny = x.relu() @ x.relu()")
    kept = weakref.ref(shell.ipython.user_ns["x"])
    explanation = explain(error)
    assert explanation is not None
    del error
    shell.run("1")
    for name in ("last_value", "last_exc", "last_traceback"):
        if hasattr(sys, name):
            delattr(sys, name)
    gc.collect()
    assert kept() is None
    assert "x.relu() @ x.relu()" in str(explanation)


def test_leaves_the_exception_as_it_was(shell: Shell) -> None:
    error = shell.run("torch.ones(2, 3) @ torch.ones(2, 3)")
    assert error is not None
    before = (
        str(error),
        error.__traceback__,
        error.__notes__ if hasattr(error, "__notes__") else 0,
    )
    explain(error)
    after = (str(error), error.__traceback__, error.__notes__ if hasattr(error, "__notes__") else 0)
    assert before == after
    assert last_error() is error


@pytest.mark.parametrize(
    "expression",
    [
        "torch.ones(2, 3) @ torch.ones(len(list(range(10 ** 9))) * 0 + 2, 3)",
        "torch.ones(2, 3) @ torch.ones(10 ** 6 // 10 ** 6 + 1, 3)",
    ],
)
def test_is_not_stopped_by_large_numbers(shell: Shell, expression: str) -> None:
    # The first would fill the memory if it ran: it is only read here.
    import ast
    import builtins

    from torchenstein.explain.evaluate import Evaluator
    from torchenstein.explain.lookup import Scope
    from torchenstein.explain.operations import Operations
    from torchenstein.explain.shadow import on_shapes

    scope = Scope(torch, [{"torch": torch}, vars(builtins)], lambda name, rank: None)
    evaluator = Evaluator(scope, Operations(torch))
    node: Any = ast.parse(expression, mode="eval").body
    with on_shapes(torch):
        value = evaluator.attempt(node.right)
    assert value is None or value.shape == (2, 3)
