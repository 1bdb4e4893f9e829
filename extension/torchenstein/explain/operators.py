"""Python's operators, as the evaluator applies them to numbers and Shadows."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

# Longest list that is computed with, and largest number of repetitions.
MOST_ITEMS = 256

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def too_large(op: ast.operator, left: Any, right: Any) -> bool:
    """Whether a result could be huge: a learner's typing error must not stop the kernel."""
    if isinstance(op, ast.Pow):
        return abs(right) > 64 or abs(left) > 10**9
    sequences = [x for x in (left, right) if isinstance(x, str | tuple | list)]
    return isinstance(op, ast.Mult) and bool(sequences) and not _small(left, right)


def _small(left: Any, right: Any) -> bool:
    sizes = [len(x) if isinstance(x, str | tuple | list) else abs(x) for x in (left, right)]
    return bool(sizes[0] * sizes[1] <= MOST_ITEMS)
