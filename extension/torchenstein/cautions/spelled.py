"""Whether a shape was asked for in so many words: x[:, None], unsqueeze, keepdim=True, or a ruler.

What was asked for is meant, and no warning is due.
"""

from __future__ import annotations

import ast
from enum import Enum

from . import forms
from .origins import Origins, Said

DEEPEST = 8


class Intent(Enum):
    """How the shape of an operand came about."""

    ASKED = "asked for by an operation on shapes"
    KEPT = "kept by keepdim=True"
    WRITTEN = "written where the tensor was made"
    RULER = "counted off, to be laid against something"
    DERIVED = "came of a calculation"
    UNKNOWN = "cannot be told"


def intent(origins: Origins, said: Said, depth: int = 0) -> Intent:
    """How the shape of `said` came about."""
    node = said.node
    if depth > DEEPEST:
        return Intent.UNKNOWN
    if isinstance(node, ast.Name):
        origin = origins.definition(said)
        return Intent.UNKNOWN if origin is None else intent(origins, origin, depth + 1)
    if isinstance(node, ast.UnaryOp):
        return intent(origins, said.part(node.operand), depth + 1)
    if isinstance(node, ast.BinOp):
        return _computed(origins, said, node, depth)
    if isinstance(node, ast.Subscript):
        return _indexed(origins, said, node, depth)
    name, operands = forms.operation(node)
    if forms.is_true(forms.keyword(node, "keepdim")):
        return Intent.KEPT
    if name in forms.SHAPING or name in ("T", "mT", "H"):
        return Intent.ASKED
    if name in forms.RULERS:
        return Intent.RULER
    if name in forms.FACTORIES:
        return Intent.WRITTEN
    if name in forms.NEUTRAL and operands:
        return intent(origins, said.part(operands[0]), depth + 1)
    return Intent.DERIVED if name else Intent.UNKNOWN


def _computed(origins: Origins, said: Said, node: ast.BinOp, depth: int) -> Intent:
    """With a number the shape stays; but what has a name has gone on to be something else."""
    parts = [part for part in (node.left, node.right) if not forms.is_number(part)]
    if len(parts) == 1 and not isinstance(parts[0], ast.Name):
        inner = intent(origins, said.part(parts[0]), depth + 1)
        # 2 * torch.linspace(...) is no ruler any more: it has values of its own.
        return Intent.DERIVED if inner is Intent.RULER else inner
    return Intent.DERIVED


def _indexed(origins: Origins, said: Said, node: ast.Subscript, depth: int) -> Intent:
    index = node.slice
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    if any(_is_new_axis(part) for part in parts):
        return Intent.ASKED
    if any(isinstance(part, ast.List | ast.Slice) for part in parts[1:]):
        # x[:, :1] and x[:, [0]] keep a dimension that x[:, 0] would not have.
        return Intent.WRITTEN
    return intent(origins, said.part(node.value), depth + 1)


def _is_new_axis(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None
    return isinstance(node, ast.Attribute) and node.attr == "newaxis"
