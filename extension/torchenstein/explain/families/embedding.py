"""Indices: of an embedding, of gather and its kin, of a tensor in square brackets."""

from __future__ import annotations

import ast
import re

from ...translation import _
from ..failed import Failed
from ..finding import Finding, clash, few, listed
from ..model import Fix, Operand
from ..rewrite import atom
from ..shadow import Shadow
from .layer import given, weight


def embedding(failed: Failed, match: re.Match[str]) -> Finding | None:
    """An index that is not a row of the table."""
    layer = failed.layers[-1] if failed.layers else None
    operation = failed.operation
    if type(layer).__name__ == "Embedding":
        x, w = given(failed), weight(failed)
    elif operation.name == "embedding" and len(operation.nodes) > 1:
        x, w = failed.operand(operation.nodes[0], "index"), failed.operand(operation.nodes[1])
    elif operation.name == "index_select" and len(operation.nodes) == 3:
        w, x = failed.operand(operation.nodes[0]), failed.operand(operation.nodes[2], "index")
    else:
        return None
    x = Operand(x.text, "index", x.shape, x.dtype, x.device, x.names)
    axis = 0
    if operation.name == "index_select":
        dim = operation.values[1]
        axis = dim if type(dim) is int else 0
    rows = w.shape[axis] if w.shape else None
    if rows is None:
        return None
    summary = _(
        "Some index in {name} is negative or too large: there are {rows} rows, so only "
        "0 to {last} exist.",
        name=x.text,
        rows=rows,
        last=rows - 1,
    )
    sentence = _(
        "Every index must be from 0 to {last}. {name}.min() and .max() tell.",
        last=rows - 1,
        name=x.text,
    )
    return Finding(summary, (x, w), clash("index", sentence, (1, axis % len(w.shape or (0,)))))


def bounds(failed: Failed, match: re.Match[str]) -> Finding | None:
    """x[i] where i is not in the dimension; torch says which index and which dimension."""
    index, axis, size = map(int, match.groups())
    operation = failed.operation
    if operation.name not in ("getitem", "setitem", "gather", "select") or failed.layer is not None:
        return None
    node = operation.nodes[0]
    if operation.name == "setitem" and isinstance(node, ast.Subscript):
        node = node.value
    x = failed.operand(node)
    if x.shape is None or axis >= len(x.shape) or x.shape[axis] != size:
        return None
    fixes: list[Fix] = []
    if isinstance(failed.node, ast.Subscript) and index == size:
        for part in ast.walk(failed.node.slice):
            if isinstance(part, ast.Constant) and part.value == index:
                code = failed.rewritten(part, str(size - 1))
                fixes += failed.fix(_("Counting begins at 0: take the last one."), code)
    summary = _(
        "There is no index {index}: {dimension} has the indices 0 to {last}.",
        index=index,
        dimension=x.dimension(axis),
        last=size - 1,
    )
    sentence = _(
        "An index of dimension {axis} must be from {first} to {last}.",
        axis=axis,
        first=-size,
        last=size - 1,
    )
    return Finding(summary, (x,), clash("index", sentence, (0, axis)), few(fixes))


def too_many(failed: Failed, match: re.Match[str]) -> Finding | None:
    """More indices than dimensions."""
    if failed.operation.name not in ("getitem", "setitem"):
        return None
    node = failed.operation.nodes[0]
    x = failed.operand(
        node.value
        if isinstance(node, ast.Subscript) and failed.operation.name == "setitem"
        else node
    )
    if x.shape is None:
        return None
    summary = _(
        "{name} is {shape}: it takes at most {rank} indices.",
        name=x.text,
        shape=listed(x.shape),
        rank=len(x.shape),
    )
    axes = [(0, axis) for axis in range(len(x.shape))]
    return Finding(summary, (x,), clash("rank", summary, *axes))


def mask(failed: Failed, match: re.Match[str]) -> Finding | None:
    """A boolean mask of another size than what it selects from."""
    if failed.operation.name not in ("getitem", "setitem"):
        return None
    node = failed.node
    if not isinstance(node, ast.Subscript):
        return None
    x, m = failed.operand(node.value), failed.operand(node.slice, "index")
    if not x.shape or not m.shape:
        return None
    fixes: list[Fix] = []
    for axis in range(1, len(x.shape)):
        if x.shape[axis : axis + len(m.shape)] == m.shape:
            code = f"{atom(x.text)}[{':, ' * axis}{m.text}]"
            fixes.append(failed.advice(_("Select along dimension {axis}.", axis=axis), code))
    axis = next((i for i, (a, b) in enumerate(zip(m.shape, x.shape, strict=False)) if a != b), 0)
    summary = _("A mask must have the sizes of the dimensions it selects from.")
    sentence = _(
        "{dimension} of the mask meets {other}.",
        dimension=m.dimension(axis),
        other=x.dimension(axis),
    )
    sentence = sentence[0].upper() + sentence[1:]
    return Finding(summary, (x, m), clash("equal", sentence, (0, axis), (1, axis)), few(fixes))


def gather(failed: Failed, match: re.Match[str]) -> Finding | None:
    """gather and scatter want an index with as many dimensions as the tensor."""
    operation = failed.operation
    if operation.name not in ("gather", "scatter", "scatter_", "scatter_add_"):
        return None
    if len(operation.nodes) < 3:
        return None
    x, i = failed.operand(operation.nodes[0]), failed.operand(operation.nodes[2], "index")
    fixes: list[Fix] = []
    if x.shape and i.shape and len(i.shape) == len(x.shape) - 1:
        code = failed.rewritten(operation.nodes[2], f"{atom(i.text)}.unsqueeze(-1)")
        fixes += failed.fix(_("Give the index a last dimension of size 1."), code)
        if not fixes and isinstance(operation.values[0], Shadow) and operation.name != "gather":
            fixes = [failed.advice(_("Give the index a last dimension of size 1."), code)]
    summary = _("The index needs as many dimensions as the tensor it picks from.")
    axes = [(1, axis) for axis in range(len(i.shape or ()))]
    return Finding(summary, (x, i), clash("rank", summary, *axes), few(fixes))
