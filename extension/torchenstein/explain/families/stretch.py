"""Broadcasting as a calculation: where two shapes clash, and how one could be made to stretch."""

from __future__ import annotations

import ast
from itertools import combinations

from ...translation import _
from ..failed import Failed
from ..finding import clash, conjoined
from ..model import Clash, Operand, Shape
from ..rewrite import atom

# Tensors and masks of more dimensions are not what a learner meant by leaving one out.
MOST_DIMENSIONS = 6
REDUCTIONS = ("mean", "sum", "std", "var", "amax", "amin", "norm", "prod")


def clashing_axes(a: Shape, b: Shape) -> tuple[int, int] | None:
    """The rightmost dimensions that clash."""
    for back in range(1, min(len(a), len(b)) + 1):
        if a[-back] != b[-back] and 1 not in (a[-back], b[-back]):
            return len(a) - back, len(b) - back
    return None


def right_clash(rule: str, left: Operand, right: Operand) -> Clash | None:
    axes = clashing_axes(left.shape or (), right.shape or ())
    if axes is None:
        return None
    return clash(rule, met(left, axes[0], right, axes[1]), (0, axes[0]), (1, axes[1]))


def met(left: Operand, axis: int, right: Operand, other: int) -> str:
    """The sentence that says which dimensions clash."""
    return _(
        "From the right, {left} meets {right}.",
        left=left.dimension(axis),
        right=right.dimension(other),
    )


def stretched(
    failed: Failed, small: Operand, node: ast.expr, large: Operand
) -> list[tuple[str, str]]:
    """Ways to write `small` so that it may stretch to `large`; each still to be tried."""
    shape, found = small.shape or (), list[tuple[str, str]]()
    if large.shape is None:
        return found
    kept = _kept(failed, node)
    if kept is not None:
        found.append((_("Keep the reduced dimension, with size 1."), kept))
    if len(shape) < len(large.shape) <= MOST_DIMENSIONS:
        ways = [
            positions
            for positions in combinations(range(len(large.shape)), len(shape))
            if all(s in (large.shape[p], 1) for s, p in zip(shape, positions, strict=True))
        ]
        for positions in sorted(ways, key=lambda way: _likely(small, large, way), reverse=True):
            code = _indexed(atom(small.text), positions, len(large.shape))
            met = conjoined([large.dimension(p) for p in positions])
            found.append((_("Add dimensions of size 1, so that it meets {met}.", met=met), code))
    if len(shape) == len(large.shape) == 2 and shape[::-1] == large.shape:
        found.append((_("Transpose {name}.", name=small.text), f"{atom(small.text)}.T"))
    elif len(shape) == len(large.shape) >= 2:
        code = f"{atom(small.text)}.transpose(-2, -1)"
        found.append((_("Exchange the last two dimensions of {name}.", name=small.text), code))
    return found


def _likely(small: Operand, large: Operand, way: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """Equal names first; else as far to the right as it goes, where padding masks and keys are."""
    pairs = zip(
        small.names or (), (large.names[p] for p in way) if large.names else (), strict=False
    )
    return sum(one is not None and one == other for one, other in pairs), way[::-1]


def _indexed(text: str, positions: tuple[int, ...], rank: int) -> str:
    """`text` with its dimensions at `positions` of `rank`, the others of size 1."""
    parts = [":" if place in positions else "None" for place in range(rank)]
    while parts[0] == "None":
        parts.pop(0)
    if len(parts) == len(positions) + 1:
        at = parts.index("None")
        return f"{text}.unsqueeze({-1 if at == len(parts) - 1 else at})"
    return f"{text}[{', '.join(parts)}]"


def _kept(failed: Failed, node: ast.expr) -> str | None:
    """A reduction over a dimension, written so that the dimension stays."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    named = {keyword.arg for keyword in node.keywords}
    if node.func.attr not in REDUCTIONS or "keepdim" in named or not (node.args or "dim" in named):
        return None
    text = ast.unparse(node)
    return f"{text[:-1]}, keepdim=True)"
