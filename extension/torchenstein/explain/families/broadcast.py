"""Elementwise operations: sizes are compared from the right, and must be equal or 1."""

from __future__ import annotations

import ast
import re
from itertools import combinations

from ...translation import _
from .. import told
from ..allowed import ELEMENTWISE
from ..failed import Failed
from ..finding import Finding, clash, few, listed
from ..model import Fix, Operand, Shape
from ..rewrite import atom
from ..shadow import Shadow
from .stretch import clashing_axes, met, right_clash, stretched

# Losses that compare their two arguments elementwise, in Python: their frames have the operands.
LOSSES = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")

Pair = tuple[ast.expr, Operand, ast.expr, Operand]


def broadcast(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Two tensors whose sizes do not go together."""
    pair = _pair(failed)
    if pair is None:
        nodes = [n for n in failed.operation.nodes if not isinstance(n, ast.Constant)]
        operands = [failed.operand(node) for node in nodes]
        if failed.layer is not None or not failed.operation.name or len(operands) < 2:
            return None
        if len(operands) > 2 or failed.operation.name not in ELEMENTWISE:
            return _in_part(failed, operands)
        left, right = told.elementwise(failed.message, *operands)
        if not clashing_axes(left.shape or (), right.shape or ()):
            return _in_part(failed, [left, right])
        pair = nodes[0], left, nodes[1], right
        failed.know(nodes[0], left)
        failed.know(nodes[1], right)
    l_node, left, r_node, right = pair
    found = right_clash("broadcast", left, right)
    summary = _uncombined(left, right)
    fixes: list[Fix] = []
    for small, small_node, large in ((right, r_node, left), (left, l_node, right)):
        for sentence, code in stretched(failed, small, small_node, large):
            fixes += failed.fix(
                sentence, failed.rewritten(small_node, code), _result(failed, large)
            )
    return Finding(summary, (left, right), found, few(fixes))


def _in_part(failed: Failed, operands: list[Operand]) -> Finding:
    """What can be said where torch's message tells only some sizes, if any."""
    summary = _("The shapes cannot be stretched to a common one.")
    sizes = re.findall(r"\((\d+)\)", failed.message)
    if len(sizes) == 2:
        summary = _(
            "The shapes cannot be stretched to a common one: size {one} meets size {other}.",
            one=sizes[0],
            other=sizes[1],
        )
    known = next((i for i, operand in enumerate(operands) if operand.shape is not None), None)
    parts = [operand for operand in operands if operand.part]
    if known is None or len(operands) != 2 or not parts:
        return Finding(summary, tuple(operands))
    left, right = operands
    # The first of the sizes that are told is the one that clashes.
    back = len(parts[0].part)
    sentence = met(left, -back, right, -back)
    axis = len(operands[known].sizes) - back
    found = clash("broadcast", sentence, (known, axis))
    return Finding(_uncombined(left, right), (left, right), found)


def _uncombined(left: Operand, right: Operand) -> str:
    return _(
        "{left} and {right} cannot be combined element by element. Sizes "
        "are compared from the right, and each pair must be equal or contain a 1.",
        left=left.written,
        right=right.written,
    )


def in_place(failed: Failed, match: re.Match[str]) -> Finding | None:
    """An in-place operation whose result would need a larger tensor than there is."""
    nodes = failed.operation.nodes
    if len(nodes) < 2:
        return None
    left, right = failed.operand(nodes[0]), failed.operand(nodes[1])
    summary = _(
        "An in-place operation cannot make its tensor larger, and the result would be larger."
    )
    fixes: list[Fix] = []
    node = failed.node
    if isinstance(node, ast.AugAssign) and failed.value_of(_sum(node)) is not None:
        fixes.append(failed.advice(_("Make a new tensor."), f"{left.text} = {_sum(node)}"))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name = node.func.attr.rstrip("_")
        others = ", ".join(map(failed.source.segment, node.args))
        fixes += failed.fix(_("Make a new tensor."), f"{atom(left.text)}.{name}({others})")
    found = None
    if left.shape is not None and right.shape is not None:
        sentence = _(
            "{left} would have to become what {right} needs.",
            left=listed(left.shape),
            right=listed(right.shape),
        )
        extra = len(right.shape) - len(left.shape)
        axes = [(1, axis) for axis in range(max(extra, 0))]
        found = clash("in place", sentence, *axes) if axes else right_clash("in place", left, right)
    return Finding(summary, (left, right), found, few(fixes))


def expand(failed: Failed, match: re.Match[str]) -> Finding | None:
    """expand, broadcast_to, or an assignment to a part of a tensor."""
    operation = failed.operation
    sizes = [tuple(map(int, found.split(","))) for found in re.findall(r"\[([\d, -]+)\]", match[0])]
    if failed.layer is not None or len(sizes) != 2 or not operation.nodes:
        return None
    wanted = sizes[0]
    if operation.name == "setitem" and len(operation.nodes) == 2:
        target, value = map(failed.operand, operation.nodes)
        # Of the value torch has left out the sizes of 1 in front.
        value = told.part(value, sizes[1])
        summary = _(
            "A value of shape {value} does not fit into {target}.",
            value=value.written,
            target=target.written,
        )
        return Finding(summary, (target, value), right_clash("broadcast", target, value))
    if operation.name not in ("expand", "broadcast_to", "expand_as"):
        return None
    tensor = told.whole(failed.operand(operation.nodes[0]), sizes[1])
    failed.know(operation.nodes[0], tensor)
    rest = ", ".join(failed.source.segment(node) for node in operation.nodes[1:])
    asked = Operand(rest, "shape", wanted)
    summary = _("Only dimensions of size 1 can be stretched; sizes are compared from the right.")
    fixes: list[Fix] = []
    if tensor.shape is not None:
        for sentence, code in stretched(failed, tensor, operation.nodes[0], asked):
            fixes += failed.fix(sentence, failed.rewritten(operation.nodes[0], code))
    return Finding(summary, (tensor, asked), right_clash("expand", tensor, asked), few(fixes))


def _pair(failed: Failed) -> Pair | None:
    """The first two operands that cannot be broadcast."""
    known: list[tuple[ast.expr, Operand]] = []
    variables = failed.inside(*LOSSES)
    if variables is not None:
        for place, name in enumerate(("input", "target")):
            node = failed.input_node(place)
            if node is not None:
                text = failed.source.segment(node)
                known.append((node, failed.seen(variables.get(name), text)))
    elif failed.layer is None:
        operation = failed.operation
        known = [
            (node, failed.operand(node))
            for node, value in zip(operation.nodes, operation.values, strict=True)
            if isinstance(value, Shadow)
        ]
    for (l_node, left), (r_node, right) in combinations(known, 2):
        if (
            left.shape is not None
            and right.shape is not None
            and clashing_axes(left.shape, right.shape)
        ):
            return l_node, left, r_node, right
    return None


def _result(failed: Failed, large: Operand) -> Shape | None:
    """The shape a good fix gives: that of the larger operand, never an outer product."""
    return None if failed.inside(*LOSSES) else large.shape


def _sum(node: ast.AugAssign) -> str:
    left = ast.parse(ast.unparse(node.target), mode="eval").body
    return ast.unparse(ast.BinOp(left, node.op, node.value))
