"""Numbers of a kind the operation does not take, or of two kinds that it does not mix."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from ...translation import _
from ..failed import Failed
from ..finding import Finding, clash, dtypes, few
from ..model import Clash, Fix, Operand
from ..rewrite import atom
from ..shadow import Shadow
from .layer import changed, given, weight

# How a learner writes a conversion.
SHORT = {"float32": ".float()", "float64": ".double()", "int64": ".long()", "bool": ".bool()"}
# Operations whose first operand is the index.
FIRST = ("embedding", "one_hot")
FLOATING = ("float16", "bfloat16", "float32", "float64")


def mixed(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Two operands whose dtypes must be the same and are not."""
    layer = failed.layers[-1] if failed.layers else None
    if layer is not None:
        name = "weight_ih_l0" if type(layer).__name__ in ("RNN", "GRU", "LSTM") else "weight"
        x, w = given(failed), weight(failed, name)
        if x.dtype is None or w.dtype is None or x.dtype == w.dtype:
            return None
        fixes = changed(failed, _("Convert the input to {dtype}.", dtype=w.dtype), _to(w.dtype))
        summary = _(
            "The layer computes with {dtype}, and its input is {given}.",
            dtype=w.dtype,
            given=x.dtype,
        )
        return Finding(summary, (x, w), _clash(x, w), few(fixes))
    pairs = _tensors(failed)
    for (one_node, one), (two_node, two) in pairwise(pairs):
        if one.dtype == two.dtype or one.dtype is None or two.dtype is None:
            continue
        fixes = []
        for node, operand, other in ((one_node, one, two), (two_node, two, one)):
            if other.dtype in FLOATING and _converts(operand.dtype, other.dtype):
                code = failed.rewritten(node, atom(operand.text) + _to(other.dtype))
                fixes += failed.fix(
                    _("Convert {name} to {dtype}.", name=operand.text, dtype=other.dtype),
                    code,
                )
        summary = _(
            "This operation does not mix {one} and {two}.",
            one=one.dtype,
            two=two.dtype,
        )
        return Finding(summary, (one, two), _clash(one, two), few(fixes))
    return None


def floating(failed: Failed, match: re.Match[str]) -> Finding | None:
    """An operation for real numbers got whole ones, or one for bits got real ones."""
    wanted = "bool" if "bitwise" in failed.message or "invert" in failed.message else "float32"
    pairs = _tensors(failed)
    variables = failed.inside("cross_entropy", "nll_loss", "softmax", "log_softmax")
    node = failed.input_node()
    if variables is not None and node is not None:
        pairs = [(node, failed.seen(variables.get("input"), failed.source.segment(node)))]
    wrong = [
        (node, operand)
        for node, operand in pairs
        if operand.dtype is not None and (operand.dtype in FLOATING) == (wanted == "bool")
    ]
    if not wrong:
        return None
    operand = wrong[0][1]
    parts = {id(node): atom(part.text) + _to(wanted) for node, part in wrong}
    fixes = failed.fix(_("Convert to {dtype} first.", dtype=wanted), failed.swapped(parts))
    known = {"name": operand.text, "dtype": operand.dtype}
    summary = _(
        "This operation is defined for floating-point numbers, and {name} is {dtype}.", **known
    )
    if wanted == "bool":
        summary = _(
            "This operation is defined for whole or logical numbers, and {name} is {dtype}.",
            **known,
        )
    operands = tuple(operand for _, operand in wrong)
    return Finding(summary, operands, clash("dtype", summary), few(fixes))


def boolean(failed: Failed, match: re.Match[str]) -> Finding | None:
    """A mask or condition that is not boolean."""
    for node, operand in _tensors(failed)[:2]:
        is_mask = failed.operation.name == "where" or node is not failed.operation.nodes[0]
        if is_mask and operand.dtype not in ("bool", None):
            code = failed.rewritten(node, f"{atom(operand.text)}.bool()")
            fixes = failed.fix(_("Make the mask boolean."), code)
            summary = _(
                "A mask says yes or no, so it must be bool; {name} is {dtype}.",
                name=operand.text,
                dtype=operand.dtype,
            )
            return Finding(summary, (operand,), clash("dtype", summary), few(fixes))
    return None


def index(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Indices that are not whole numbers."""
    fixes: list[Fix] = []
    if failed.layers and type(failed.layers[-1]).__name__ == "Embedding":
        x = given(failed)
        fixes = changed(failed, _("Make the indices whole numbers."), ".long()")
    else:
        pairs = [
            (node, operand)
            for node, operand in _tensors(failed)
            if operand.dtype in (*FLOATING, "bool")
            and (node is not failed.operation.nodes[0] or failed.operation.name in FIRST)
        ]
        if not pairs:
            return None
        node, x = pairs[-1]
        code = failed.rewritten(node, f"{atom(x.text)}.long()")
        fixes = failed.fix(_("Make the indices whole numbers."), code)
        if not fixes and failed.operation.name == "one_hot":
            fixes = [failed.advice(_("Make the indices whole numbers."), code)]
    x = Operand(x.text, "index", x.shape, x.dtype, x.device, x.names)
    summary = _(
        "An index counts rows, so it must be a whole number; {name} is {dtype}.",
        name=x.text,
        dtype=x.dtype,
    )
    return Finding(summary, (x,), clash("dtype", summary), few(fixes))


def result(failed: Failed, match: re.Match[str]) -> Finding | None:
    """An in-place result that the tensor's dtype cannot hold."""
    pairs = _tensors(failed)
    node, fixes = failed.node, list[Fix]()
    if not pairs:
        return None
    target = pairs[0][1]
    if isinstance(node, ast.AugAssign):
        left = ast.parse(ast.unparse(node.target), mode="eval").body
        code = ast.unparse(ast.BinOp(left, node.op, node.value))
        if failed.value_of(code) is not None:
            fixes.append(failed.advice(_("Make a new tensor."), f"{target.text} = {code}"))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        others = ", ".join(map(failed.source.segment, node.args))
        code = f"{atom(target.text)}.{node.func.attr.rstrip('_')}({others})"
        fixes += failed.fix(_("Make a new tensor."), code)
    summary = _(
        "The result has fractions, and {name} can only hold {dtype}.",
        name=target.text,
        dtype=target.dtype,
    )
    return Finding(summary, tuple(o for _, o in pairs), clash("dtype", summary), few(fixes))


def gradient(failed: Failed, match: re.Match[str]) -> Finding | None:
    """requires_grad for whole numbers."""
    node = failed.node
    if not isinstance(node, ast.Call):
        return None
    summary = _(
        "Only floating-point (or complex) numbers can be moved by a small step, so only they can "
        "require a gradient."
    )
    if failed.operation.name in ("tensor", "arange", "zeros", "ones", "full"):
        given = [keyword.value for keyword in node.keywords if keyword.arg == "dtype"]
        code = f"{ast.unparse(node)[:-1]}, dtype=torch.float32)"
        if given:
            code = failed.rewritten(given[0], "torch.float32")
        fixes = failed.fix(_("Make it floating-point."), code)
        return Finding(summary, (), None, few(fixes))
    if isinstance(node.func, ast.Attribute):
        operand = failed.operand(node.func.value)
        code = failed.rewritten(node.func.value, f"{atom(operand.text)}.float()")
        fixes = failed.fix(_("Make it floating-point first."), code)
        return Finding(summary, (operand,), clash("dtype", summary), few(fixes))
    return None


def _tensors(failed: Failed) -> list[tuple[ast.expr, Operand]]:
    operation = failed.operation
    return [
        (node, failed.operand(node))
        for node, value in zip(operation.nodes, operation.values, strict=True)
        if isinstance(value, Shadow)
    ]


def _to(dtype: str) -> str:
    return SHORT.get(dtype, f".to(torch.{dtype})")


def _converts(dtype: str | None, other: str) -> bool:
    """Whether `dtype` is the one to give way: whole numbers, or the more precise of two."""
    return dtype not in FLOATING or FLOATING.index(dtype) > FLOATING.index(other)


def _clash(one: Operand, two: Operand) -> Clash:
    return clash("dtype", dtypes(one, two))
