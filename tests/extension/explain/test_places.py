"""Where the failure is said to be: lines and columns in cells of every kind."""

from __future__ import annotations

import pytest
from torchenstein.explain import Explanation

from .conftest import Explain, Shell


def _text(found: Explanation, cell: str) -> str:
    """What stands at the place of the explanation."""
    lines = cell.split("\n")
    place = found.place
    if place.line == place.end_line:
        return lines[place.line - 1][place.column : place.end_column]
    first, last = lines[place.line - 1], lines[place.end_line - 1]
    between = lines[place.line : place.end_line - 1]
    return "\n".join([first[place.column :], *between, last[: place.end_column]])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("a = torch.ones(2, 3)\nb = (a + 1) @ a; c = 2", "(a + 1) @ a"),
        ("größe = torch.ones(2, 3)  # ein größerer Fall\n'é', größe @ größe", "größe @ größe"),
        ("x = torch.ones(2, 3)\ny = (x.relu()\n      .matmul(x))", "x.relu()\n      .matmul(x)"),
        ("x = torch.ones(2, 3)\nz = [\n    x,\n    x @ x,\n]", "x @ x"),
        ("x = torch.ones(2, 3)\nd = {'k': (lambda v: v @ v)(x)}", "v @ v"),
        ("x = torch.ones(2, 3)\nprint(f'{x @ x}')", "x @ x"),
        ("x = torch.ones(2, 3)\nx @= x", "x @= x"),
        ("x = torch.ones(2, 3)\nassert (x @ x).sum() > 0", "x @ x"),
    ],
)
def test_the_place_is_the_expression(explained: Explain, cell: str, expected: str) -> None:
    found = explained(cell)
    assert found is not None
    assert _text(found, cell) == expected


def test_a_function_of_an_earlier_cell(explained: Explain, shell: Shell) -> None:
    found = explained("def f(v):\n    return v @ v\n", "w = 1", "f(torch.ones(2, 3))")
    assert found is not None
    assert (found.function, found.place.line) == ("f", 2)
    assert found.place.cell == shell.last_cell - 2


def test_a_cell_that_is_timed(shell: Shell, explained: Explain) -> None:
    found = explained("x = torch.ones(2, 3)", "%time x @ x")
    # Without the history of a real session the source may be gone; then nothing is said.
    assert found is None or found.expression == "x @ x"


def test_names_come_from_another_cell(explained: Explain) -> None:
    found = explained("q = torch.ones(2, 5, 8)  # (B, T, D)", "q @ q")
    assert found is not None
    assert found.operands[0].names == ("B", "T", "D")


def test_names_that_are_no_longer_true_are_not_told(explained: Explain) -> None:
    found = explained("q = torch.ones(5, 8)  # (T, D)\nq = q.reshape(4, 10)\nq @ q")
    assert found is not None
    assert found.operands[0].names is None


def test_names_move_with_the_dimensions(explained: Explain) -> None:
    cell = 'def f(x):\n    "x: (B, T, D)"\n    return x.transpose(1, 2).exp() @ x.transpose(1, 2)\n'
    found = explained(cell, "f(torch.ones(2, 5, 8))")
    assert found is not None
    assert found.operands[0].names == ("B", "D", "T")


def test_jaxtyping_names(explained: Explain) -> None:
    cell = """
class Float:
    def __class_getitem__(cls, item): return cls

def f(x: Float[torch.Tensor, "batch time"]):
    return x @ x
"""
    found = explained(cell, "f(torch.ones(2, 5))")
    assert found is not None
    assert found.operands[0].names == ("batch", "time")
