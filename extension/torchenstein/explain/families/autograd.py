"""Gradients: leaves changed in place, graphs used twice, outputs without a single number."""

from __future__ import annotations

import ast
import re

from ...translation import _
from ..failed import Failed
from ..finding import Finding, clash, few, listed
from ..model import Fix, Operand
from ..rewrite import atom
from ..shadow import is_tensor


def leaf(failed: Failed, match: re.Match[str]) -> Finding | None:
    """An in-place change of a tensor that collects a gradient."""
    nodes = failed.operation.nodes
    statement = failed.source.statement(failed.node)
    if not nodes:
        return None
    node = nodes[0]
    while isinstance(node, ast.Subscript):
        # A part of a leaf: the leaf itself is what must not change.
        node = node.value
    operand = failed.operand(node)
    fixes: list[Fix] = []
    if isinstance(statement, ast.AugAssign | ast.Assign | ast.Expr):
        code = f"with torch.no_grad():\n    {ast.unparse(statement)}"
        place = failed.source.place(statement)
        fixes.append(Fix(_("Change it where nothing is recorded for the gradient."), code, place))
    summary = _(
        "{name} requires a gradient and is a leaf: its value is where the "
        "gradient is taken. Changing it in place would change that point unseen, so "
        "torch refuses.",
        name=operand.text,
    )
    return Finding(summary, (operand,), None, tuple(fixes))


def twice(failed: Failed, match: re.Match[str]) -> Finding | None:
    """A second backward through a graph whose saved values are gone."""
    operand = _output(failed)
    summary = _(
        "This graph was already used for a backward pass, which frees the values it "
        "saved. Compute the loss again before each backward, or keep the graph the "
        "first time."
    )
    nodes = ast.walk(failed.source.tree)
    calls = [node for node in nodes if isinstance(node, ast.Call) and _is_backward(node)]
    fixes: list[Fix] = []
    first = min(calls, key=lambda call: (call.lineno, call.col_offset), default=None)
    is_again = first is failed.node and failed.in_loop()
    if first is not None and (first is not failed.node or is_again):
        code = f"{ast.unparse(first)[:-1]}{', ' if first.args or first.keywords else ''}"
        place = failed.source.place(first)
        fixes.append(Fix(_("Keep the graph the first time."), f"{code}retain_graph=True)", place))
    return Finding(summary, (operand,) if operand else (), None, few(fixes))


def scalar(failed: Failed, match: re.Match[str]) -> Finding | None:
    """backward of a tensor with many numbers."""
    operand = _output(failed)
    node = _output_node(failed)
    if operand is None or node is None:
        return None
    fixes: list[Fix] = []
    for reduction, sentence in (
        ("mean", _("Make one number of it: the mean.")),
        ("sum", _("Make one number of it: the sum.")),
    ):
        reduced = f"{atom(operand.text)}.{reduction}()"
        if failed.value_of(reduced) is not None:
            code = failed.rewritten(node, reduced)
            fixes.append(failed.advice(sentence, code))
    summary = _(
        "A gradient is that of one number, and {name} has the shape {shape}.",
        name=operand.text,
        shape=listed(operand.shape),
    )
    axes = [(0, axis) for axis in range(len(operand.shape or ()))]
    return Finding(summary, (operand,), clash("scalar", summary, *axes), few(fixes))


def unrecorded(failed: Failed, match: re.Match[str]) -> Finding | None:
    """backward of what no tensor with requires_grad=True took part in."""
    operand = _output(failed)
    if operand is None:
        return None
    summary = _(
        "{name} does not depend on any tensor that requires a gradient, so there "
        "is nothing to go back to. Either no parameter took part, or the path was "
        "cut by detach(), no_grad(), .data, .item() or a new torch.tensor(...).",
        name=operand.text,
    )
    return Finding(summary, (operand,))


def modified(failed: Failed, match: re.Match[str]) -> Finding | None:
    """A saved value changed in place before backward needed it."""
    sizes = re.search(r"\[torch\.\w+ \[([\d, ]*)\]\]", failed.message)
    output = re.search(r"output \d+ of (\w+)", failed.message)
    shape = tuple(map(int, filter(None, sizes[1].split(", ")))) if sizes else None
    name = output[1].removesuffix("Backward0") if output else _("an operation")
    operand = Operand(_("output of {name}", name=name), "tensor", shape)
    summary = _(
        "backward needs a value as it was: the output of {name}, of shape {shape}. "
        "It was changed in place afterwards. Use an operation that makes a new "
        "tensor there.",
        name=name,
        shape=listed(shape),
    )
    return Finding(summary, (operand,))


def shapes(failed: Failed, match: re.Match[str]) -> Finding | None:
    """A gradient of another shape than the output it belongs to."""
    node, given = _output_node(failed), failed.node
    if node is None or not isinstance(given, ast.Call) or not given.args:
        return None
    y, gradient = failed.operand(node), failed.operand(given.args[-1])
    code = failed.rewritten(given.args[-1], f"torch.ones_like({y.text})")
    fixes = []
    if y.shape is not None:
        fixes.append(failed.advice(_("Give one number for each element of the output."), code))
    summary = _(
        "The gradient handed to backward must have the shape of the output, "
        "{wanted}, and has {given}.",
        wanted=listed(y.shape),
        given=listed(gradient.shape),
    )
    return Finding(summary, (y, gradient), clash("equal", summary), few(fixes))


def numpy(failed: Failed, match: re.Match[str]) -> Finding | None:
    """NumPy cannot record what a gradient needs."""
    node = failed.node
    if not isinstance(node, ast.Call):
        return None
    base = node.func.value if isinstance(node.func, ast.Attribute) else None
    base = failed.input_node() if node.args else base
    if base is None:
        return None
    operand = failed.operand(base)
    code = failed.rewritten(base, f"{atom(operand.text)}.detach()")
    fix = failed.advice(_("Leave the graph first."), code)
    summary = _(
        "{name} is part of a graph for gradients, which NumPy knows nothing of.",
        name=operand.text,
    )
    return Finding(summary, (operand,), None, (fix,))


def _output_node(failed: Failed) -> ast.expr | None:
    """What backward was called on, or the first argument of autograd.grad."""
    node = failed.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    return node.func.value if failed.inside("backward") is not None else failed.input_node()


def _output(failed: Failed) -> Operand | None:
    node = _output_node(failed)
    for step in failed.below:
        tensor = step.variables.get("self", step.variables.get("outputs"))
        tensor = tensor[0] if type(tensor) in (tuple, list) and len(tensor) == 1 else tensor
        if node is not None and is_tensor(failed.torch, tensor):
            return failed.seen(tensor, failed.source.segment(node))
    return failed.operand(node) if node is not None else None


def _is_backward(node: ast.AST) -> bool:
    name = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
    return name in ("backward", "grad")
