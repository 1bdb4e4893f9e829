"""The shape of what the learner's own code gave is told only where it is surely that call's."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from torchenstein import lines
from torchenstein.explain import explain

from .conftest import Explain, Shell

FUNCTIONS = """
ran = []

def features(n):
    ran.append(n)
    return torch.randn(n, 3)

def other(n):
    return features(n + 1)[:, :2]

def either(n, long):
    if long:
        return torch.randn(n, 3)
    return torch.randn(n, 4)

class Net(nn.Module):
    def forward(self, x):
        return x.relu()

net, w = Net(), torch.randn(4, 2)
"""


@pytest.fixture(autouse=True)
def watched(shell: Shell) -> Iterator[None]:
    assert lines.install(shell.ipython)
    yield
    lines.uninstall()


@pytest.mark.parametrize(
    ("cell", "shapes"),
    [
        ("features(5) @ w", [(5, 3), (4, 2)]),
        ("with torch.no_grad():\n    features(5) @ w", [(5, 3), (4, 2)]),
        ("features(5).T.relu()[:2] @ w", [(2, 5), (4, 2)]),
        ("features(5) @ other(6)", [(5, 3), (7, 2)]),
        ("net(net(torch.ones(5, 3))) @ w", [(5, 3), (4, 2)]),
        ("def step(n):\n    return features(n) @ w\nstep(5)", [(5, 3), (4, 2)]),
        ("features(5) if w is None else features(6) @ w", [(6, 3), (4, 2)]),
        ("for n in (4, 3):\n    features(n).T @ w", [(3, 3), (4, 2)]),
    ],
)
def test_a_call_just_before_the_failure(
    explained: Explain, cell: str, shapes: list[tuple[int, ...]]
) -> None:
    found = explained(FUNCTIONS, cell)
    assert found is not None
    assert [operand.shape for operand in found.operands] == shapes


@pytest.mark.parametrize(
    "cell",
    [
        # Each is (5, 3) at last, and its last return may have gone unseen or been changed.
        "for n in (9, 8, 7, 6, 5):\n    features(n) @ (w if n == 5 else w[:3])",
        "for _ in range(9):\n    either(5, False)\neither(5, True) @ w",
        "net.register_forward_hook(lambda *_: torch.ones(5, 3))\nnet(torch.ones(2, 9)) @ w",
        "net.forward = lambda x: torch.ones(5, 3)\nnet(torch.ones(2, 9)) @ w",
        "(lambda n: features(n)[:5])(9) @ w",
    ],
)
def test_else_only_what_the_message_tells(explained: Explain, cell: str) -> None:
    found = explained(FUNCTIONS, cell)
    assert found is not None
    assert [operand.written for operand in found.operands] == ["(…, 3)", "(4, 2)"]


@pytest.mark.parametrize(
    "cell",
    [
        "try:\n    features(5) @ w\nfinally:\n    features(7)",
        "for n in (5, 7):\n    try:\n        features(n) @ w[:n]\n    except RuntimeError as e:\n"
        "        kept = kept if n == 7 else e\nraise kept",
    ],
)
def test_a_later_call_is_not_taken_for_it(explained: Explain, cell: str) -> None:
    found = explained(FUNCTIONS, cell)
    assert found is not None
    assert found.operands[0].shape in (None, (5, 3))


def test_an_error_of_an_earlier_cell(shell: Shell) -> None:
    error = shell.run(FUNCTIONS, "features(5) @ w")
    assert error is not None
    assert shell.more("features(7)") is None
    found = explain(error)
    assert found is not None
    assert found.operands[0].written == "(…, 3)"


def test_a_caught_error_while_the_frame_goes_on(shell: Shell) -> None:
    cell = """
for n in (5, 7):
    try:
        features(n) @ w
    except RuntimeError as problem:
        error = error if n == 7 else problem
"""
    assert shell.run(FUNCTIONS + "error = None", cell) is None
    found = explain(shell.ipython.user_ns["error"])
    assert found is not None
    assert found.operands[0].written == "(…, 3)"


def test_nothing_runs_again_and_nothing_is_kept(shell: Shell) -> None:
    cell = "made = []\ndef make():\n    t = torch.randn(5, 3)\n    made.append(t)\n    return t"
    error: Any = shell.run(FUNCTIONS, cell, "make() @ features(4).T")
    assert error is None
    error = shell.more("make() @ features(4)")
    before = list(shell.ipython.user_ns["ran"])
    found = explain(error)
    assert found is not None
    assert [operand.shape for operand in found.operands] == [(5, 3), (4, 3)]
    assert shell.ipython.user_ns["ran"] == before
    kept = weakref.ref(shell.ipython.user_ns["made"].pop())
    del error
    assert shell.more("1") is None
    for name in ("last_value", "last_exc", "last_traceback"):
        if hasattr(sys, name):
            delattr(sys, name)
    gc.collect()
    assert kept() is None
