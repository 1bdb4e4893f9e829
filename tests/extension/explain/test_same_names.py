"""The chips and the explanation name the same tensor in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from torchenstein import inspector, lines

from .conftest import Answer, Shell

CELLS = [
    # What the failing line is given, the cells before it, and the names of x that both must tell.
    (["B", "D"], ["x = torch.ones(2, 3)  # (B, D)\nx @ x"]),
    (["B", "D"], ["x = torch.ones(3, 2).T  # x: (D, B) -> (B, D)\nx @ x"]),
    (["B", "D"], ["x: 'Float[Tensor, \"B D\"]' = torch.ones(2, 3)\nx @ x"]),
    (["b", "o"], ["x = torch.einsum('bi,io->bo', torch.ones(2, 3), torch.ones(3, 4))\nx @ x"]),
    (["B", "D"], ["x = torch.ones(2, 3)\nB, D = x.shape\nx @ x"]),
    (["B", "D"], ["x = torch.ones(2, 3)  # (B, D)", "x @ x"]),
    (["B", "D"], ["y, x = torch.ones(3, 2), torch.ones(2, 3)  # y: (D, B), x: (B, D)\nx @ x"]),
    (["B", "D"], ["y, x = torch.ones(3, 2), torch.ones(2, 3)  # (D, B), (B, D)\nx @ x"]),
    (["B", "D"], ["y, x = torch.ones(4, 3).chunk(2)  # (B, D) each\nx @ x"]),
    (None, ["y, x = torch.ones(2, 3), torch.ones(3, 4)  # (B, D)\nx @ x"]),
    (["B", "D"], ["x = torch.ones(2, 3)  # (B, D)\nx += 1\nx[0] = 2\nx.mul_(2)\nx @ x"]),
    (None, ["x = torch.ones(2, 3)  # (B, D)\nx.unsqueeze_(0)\nx @ x"]),
    (None, ["x = torch.ones(2, 3)  # (B, D)\nx = x.reshape(3, 2)\nx @ x"]),
    (None, ["x = torch.ones(2, 3)  # (B, D, 4)\nx @ x"]),
    (["B", "D"], ["for x in torch.ones(4, 2, 3):  # (B, D)\n    x @ x"]),
    (["B", "D"], [
        "x = torch.ones(2, 3)  # (B, D)\nif x.dim() == 3:\n    x = x[0]  # (B, D)\nx @ x"
    ]),
    (["B", "D"], [
        "def f(x: 'Float[Tensor, \"B D\"]'):\n    return x @ x", "f(torch.ones(2, 3))"
    ]),
    (["B", "D"], [
        "def f(y, x):\n    \"y, x: any batches, shape (B, D)\"\n    return x @ x",
        "f(torch.ones(2, 3), torch.ones(2, 3))",
    ]),
    (["B", "T", "D"], [
        "def f(x):\n    B, T, D = x.size()\n    return x @ x", "f(torch.ones(2, 5, 3))"
    ]),
    # Only the chips saw the sizes that B and D had when x was given.
    (["B", "D"], [
        "def f(x):\n    '''x (Tensor): of shape (B, D)'''\n    x = x * 2\n    return x @ x",
        "f(torch.ones(2, 3))",
    ]),
    (None, [
        "def f(x):\n    '''x (Tensor): of shape (B, D)'''\n    x = x.T\n    return x @ x",
        "f(torch.ones(2, 3))",
    ]),
]  # fmt: skip


@pytest.fixture
def watched(shell: Shell) -> Iterator[Shell]:
    assert lines.install(shell.ipython)
    yield shell
    lines.uninstall()


@pytest.mark.parametrize(("names", "cells"), CELLS)
def test_the_failing_operand_is_named_as_its_chip(
    watched: Shell, valid: Answer, names: list[str] | None, cells: list[str]
) -> None:
    assert watched.run(*cells) is not None
    chips: list[Any] = []
    for cell in valid(inspector.reply("lines"))["cells"]:
        chips += [line["dims"] for line in cell["lines"] if line["name"] == "x"]
    operands = valid(inspector.reply("explain"))["operands"]
    told = [operand["names"] for operand in operands if operand["text"] == "x"]
    assert (chips[-1], told) == (names, [names, names])


def test_a_name_of_either_branch_is_told_only_if_both_agree(shell: Shell, valid: Answer) -> None:
    for other, names in (("(B, D)", ["B", "D"]), ("(D, B)", None)):
        cell = f"y = 1\nif y:\n    x = torch.ones(2, 3)  # (B, D)\nelse:\n    x = 0  # {other}\n"
        cell += f"if not y:\n    x = torch.ones(3, 2)  # {other}\nx @ x"
        assert shell.run(cell) is not None
        operands = valid(inspector.reply("explain"))["operands"]
        assert [operand["names"] for operand in operands] == [names, names]
