"""Products: @, matmul, mm, bmm, mv, dot, addmm and what torch computes through them."""

from __future__ import annotations

import re

from ...translation import _
from .. import told
from ..failed import Failed
from ..finding import Finding, clash, few
from ..model import Clash, Fix, Operand
from ..rewrite import atom

PRODUCTS = {
    "matmul": (0, 1),
    "mm": (0, 1),
    "bmm": (0, 1),
    "mv": (0, 1),
    "dot": (0, 1),
    "addmm": (1, 2),
    "addmv": (1, 2),
    "baddbmm": (1, 2),
}
# What these ask of the number of dimensions of both operands.
RANKS = {"mm": (2, 2), "bmm": (3, 3), "mv": (2, 1), "dot": (1, 1), "addmm": (2, 2)}


def matmul(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Inner sizes that differ, batch sizes that differ, or a wrong number of dimensions."""
    operation = failed.operation
    if operation.name not in PRODUCTS or failed.layer is not None:
        return None
    first, second = PRODUCTS[operation.name]
    if len(operation.nodes) <= second:
        return None
    nodes = operation.nodes[first], operation.nodes[second]
    left, right = failed.operand(nodes[0]), failed.operand(nodes[1])
    if left.shape is None or right.shape is None:
        left, right = told.product(failed.message, operation.name, left, right)
    if left.shape is None or right.shape is None:
        return _in_part(left, right)
    for node, operand in zip(nodes, (left, right), strict=True):
        failed.know(node, operand)
    summary, found = _judge(operation.name, left, right)
    fixes = _fixes(failed, left, right, found)
    return Finding(summary, (left, right), found, few(fixes))


def _in_part(left: Operand, right: Operand) -> Finding:
    """What can be said where torch's message tells only some sizes, if any."""
    inner = -2 if len(right.sizes) > 1 else -1
    meets = left.sizes[-1:], right.sizes[inner:][:1]
    if not all(meets) or None in meets[0] + meets[1] or meets[0] == meets[1]:
        return Finding(_("The two sides of this product do not fit together."), (left, right))
    axes = [
        (i, len(operand.shape) + axis)
        for i, (operand, axis) in enumerate(((left, -1), (right, inner)))
        if operand.shape is not None
    ]
    found = clash("inner", _inner(left, -1, right, inner), *axes)
    return Finding(_differ(left, right), (left, right), found)


def _judge(name: str, left: Operand, right: Operand) -> tuple[str, Clash | None]:
    a, b = left.shape or (), right.shape or ()
    wanted = RANKS.get(name)
    if wanted and (len(a), len(b)) != wanted:
        rule = _(
            "{name} takes tensors of {left} and {right} dimensions.",
            name=name,
            left=wanted[0],
            right=wanted[1],
        )
        summary = _(
            "{name} got tensors of {left} and {right} dimensions.",
            name=name,
            left=len(a),
            right=len(b),
        )
        return f"{summary} {rule}", clash(
            "rank", rule, *((i, axis) for i, s in enumerate((a, b)) for axis in range(len(s)))
        )
    if not a or not b:
        sentence = _(
            "A product needs at least one dimension on each side; use * for a single number."
        )
        return _("One side is a single number (0 dimensions).") + " " + sentence, None
    inner = len(b) - 2 if len(b) > 1 else 0
    if a[-1] != b[inner]:
        sentence = _inner(left, len(a) - 1, right, inner)
        return _differ(left, right), clash("inner", sentence, (0, len(a) - 1), (1, inner))
    for back in range(3, max(len(a), len(b)) + 1):
        i, j = len(a) - back, len(b) - back
        if i >= 0 and j >= 0 and a[i] != b[j] and 1 not in (a[i], b[j]):
            sentence = _(
                "The leading (batch) dimensions must be equal or 1: {left} meets {right}.",
                left=left.dimension(i),
                right=right.dimension(j),
            )
            summary = _("The matrices would fit, but there are not equally many on both sides.")
            return summary, clash("batch", sentence, (0, i), (1, j))
    return _("The two sides of this product do not fit together."), None


def _differ(left: Operand, right: Operand) -> str:
    return _(
        "{left} times {right} cannot be multiplied: the inner sizes differ.",
        left=left.written,
        right=right.written,
    )


def _inner(left: Operand, last: int, right: Operand, inner: int) -> str:
    meets = {"left": left.dimension(last), "right": right.dimension(inner)}
    if len(right.sizes) == 1:
        return _(
            "The last dimension of the left side, {left}, must equal the only dimension of the "
            "right side, {right}.",
            **meets,
        )
    return _(
        "The last dimension of the left side, {left}, must equal the second last dimension of "
        "the right side, {right}.",
        **meets,
    )


def _fixes(failed: Failed, left: Operand, right: Operand, found: Clash | None) -> list[Fix]:
    first, second = PRODUCTS[failed.operation.name]
    l_node, r_node = failed.operation.nodes[first], failed.operation.nodes[second]
    a, b = left.shape or (), right.shape or ()
    l_text, r_text = atom(left.text), atom(right.text)
    fixes: list[Fix] = []

    def both(sentence: str, one: str, other: str) -> None:
        code = failed.swapped({id(l_node): one, id(r_node): other})
        fixes.extend(failed.fix(sentence, code))

    if found is not None and found.rule == "rank":
        fixes += failed.fix(
            _("Use @, which takes any number of dimensions."), f"{l_text} @ {r_text}"
        )
        if failed.operation.name == "dot":
            fixes += failed.fix(_("Flatten both."), f"{l_text}.flatten() @ {r_text}.flatten()")
    if len(b) >= 2:
        both(_("Transpose the right side."), left.text, _transposed(r_text, len(b)))
    if len(a) >= 2:
        both(_("Transpose the left side."), _transposed(l_text, len(a)), right.text)
    if found is not None and found.rule == "batch":
        for axis in range(1, max(len(a), len(b)) - 1):
            if len(b) < len(a):
                both(
                    _("Give the right side the missing dimension."),
                    left.text,
                    f"{r_text}.unsqueeze({axis})",
                )
            elif len(a) < len(b):
                both(
                    _("Give the left side the missing dimension."),
                    f"{l_text}.unsqueeze({axis})",
                    right.text,
                )
    # Elsewhere in a loop the other order may be the one that does not fit.
    inner = found is not None and found.rule == "inner" and len(a) == len(b) == 2
    if inner and not failed.in_loop():
        both(_("Change the order of the two sides."), r_text, l_text)
    return fixes


def _transposed(text: str, rank: int) -> str:
    return f"{text}.T" if rank == 2 else f"{text}.transpose(-2, -1)"
