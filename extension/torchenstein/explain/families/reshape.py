"""view, reshape, unflatten: the number of elements stays; view also needs them in order."""

from __future__ import annotations

import ast
import math
import re

from ...translation import _
from ..failed import Failed
from ..finding import Finding, clash, few, listed
from ..model import Fix, Operand, Shape
from ..rewrite import atom


def reshape(failed: Failed, match: re.Match[str]) -> Finding | None:
    """A requested shape for another number of elements."""
    operation = failed.operation
    if operation.name not in ("view", "reshape") or len(operation.nodes) < 2:
        return None
    tensor = failed.operand(operation.nodes[0])
    asked = _asked(failed)
    told = re.search(r"input of size (\d+)", failed.message)
    have = int(told[1]) if told else math.prod(tensor.shape or ())
    if (tensor.shape is None and told is None) or asked is None or asked.shape is None:
        return Finding(_("The requested shape needs another number of elements."), (tensor,))
    want = math.prod(n for n in asked.shape if n != -1)
    if "only one" in failed.message:
        summary = _("Only one size can be left to torch as -1: two would have many solutions.")
        sentence = _("{shape} has more than one -1.", shape=listed(asked.shape))
        axes = [(1, axis) for axis, size in enumerate(asked.shape) if size == -1]
        found = clash("count", sentence, *axes)
    else:
        known = {"name": operation.name, "have": have, "want": want}
        # Where the shape cannot be known, torch's message has the number of elements.
        shape = tensor.text if tensor.shape is None else tensor.written
        known |= {"shape": shape, "asked": listed(asked.shape)}
        if -1 in asked.shape:
            summary = _(
                "{name} keeps all elements: {shape} has {have:,}, and {asked} needs a multiple of "
                "{want:,}.",
                **known,
            )
            sentence = _("{have:,} elements are not a multiple of {want:,}.", **known)
        else:
            summary = _(
                "{name} keeps all elements: {shape} has {have:,}, and {asked} needs exactly "
                "{want:,}.",
                **known,
            )
            sentence = _("{have:,} elements are not exactly {want:,}.", **known)
        axes = [(0, axis) for axis in range(len(tensor.shape or ()))]
        axes += [(1, axis) for axis, size in enumerate(asked.shape) if size != -1]
        found = clash("count", sentence, *axes)
    fixes = _fixes(failed, tensor, asked.shape) if tensor.shape is not None else []
    return Finding(summary, (tensor, asked), found, few(fixes))


def strides(failed: Failed, match: re.Match[str]) -> Finding | None:
    """view of a tensor whose elements are not in order in memory."""
    operation = failed.operation
    if operation.name != "view" or not isinstance(failed.node, ast.Call):
        return None
    tensor, asked = failed.operand(operation.nodes[0]), _asked(failed)
    rest = ", ".join(failed.source.segment(argument) for argument in failed.node.args)
    text = atom(tensor.text)
    fixes = failed.fix(_("Let torch copy where it must."), f"{text}.reshape({rest})")
    fixes += failed.fix(_("Copy first, then view."), f"{text}.contiguous().view({rest})")
    summary = _(
        "view never copies, so it needs elements that lie in memory in the order of "
        "the new shape. After a transpose or permute they do not."
    )
    operands = (tensor,) if asked is None else (tensor, asked)
    return Finding(summary, operands, None, few(fixes))


def unflatten(failed: Failed, match: re.Match[str]) -> Finding | None:
    """unflatten into sizes whose product is not the size of the dimension."""
    sizes = tuple(map(int, match[1].split(",")))
    axis, size = int(match[2]), int(match[3])
    nodes = failed.operation.nodes
    if failed.operation.name != "unflatten" or not nodes:
        return None
    tensor = failed.operand(nodes[0])
    asked = Operand(", ".join(map(str, sizes)), "shape", sizes)
    summary = _(
        "Dimension {axis} has {size} elements, and {sizes} needs {product}.",
        axis=axis,
        size=size,
        sizes=listed(sizes),
        product=math.prod(sizes),
    )
    fixes: list[Fix] = []
    for place in range(len(sizes)):
        code = list(map(str, sizes))
        code[place] = "-1"
        if len(nodes) == 3:
            whole = failed.rewritten(nodes[2], f"({', '.join(code)})")
            fixes += failed.fix(_("Let torch work out one of the sizes."), whole)
    pairs = [(0, axis % len(tensor.shape))] if tensor.shape else []
    found = clash("count", summary, *pairs, *((1, i) for i in range(len(sizes))))
    return Finding(summary, (tensor, asked), found, few(fixes))


def _asked(failed: Failed) -> Operand | None:
    values = failed.operation.values[1:]
    sizes = values[0] if len(values) == 1 and isinstance(values[0], tuple | list) else values
    if not sizes or any(type(size) is not int for size in sizes):
        return None
    text = ", ".join(failed.source.segment(node) for node in failed.operation.nodes[1:])
    return Operand(text, "shape", tuple(sizes))


def _fixes(failed: Failed, tensor: Operand, asked: Shape) -> list[Fix]:
    nodes = failed.operation.nodes[1:]
    written = [failed.source.segment(node) for node in nodes]
    if len(nodes) == 1 and isinstance(nodes[0], ast.Tuple | ast.List):
        written = [failed.source.segment(part) for part in nodes[0].elts]
    text, name, fixes = atom(tensor.text), failed.operation.name, list[Fix]()

    def call(sizes: list[str]) -> str:
        return f"{text}.{name}({', '.join(sizes)})"

    if len(written) != len(asked):
        return []
    several = asked.count(-1) > 1
    for place in range(len(asked)):
        parts = list(written)
        if several:
            known = [
                str(n) if s == -1 and i != place else w
                for i, (s, w, n) in enumerate(
                    zip(asked, written, (*(tensor.shape or ()), *asked), strict=False)
                )
            ]
            fixes += failed.fix(_("Say all sizes but one."), call(known))
        elif -1 in asked:
            continue
        else:
            parts[place] = "-1"
            fixes += failed.fix(_("Let torch work out one of the sizes."), call(parts))
    shape = tensor.shape or ()
    if not several and math.prod(shape[1:]) == math.prod(asked):
        # What was written is the shape of one sample.
        fixes[:0] = failed.fix(_("Keep the batch dimension in front."), call(["-1", *written]))
    return fixes
