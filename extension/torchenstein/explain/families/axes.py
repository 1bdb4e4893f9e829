"""Dimensions by number: out of range, too few, too many; and unpacking a shape."""

from __future__ import annotations

import ast
import math
import re

from ...translation import _
from ..failed import Failed
from ..finding import Finding, clash, few, listed
from ..model import Fix, Operand
from ..rewrite import atom
from ..shadow import Shadow
from .layer import given


def out_of_range(failed: Failed, match: re.Match[str]) -> Finding | None:
    """dim=2 of a tensor of two dimensions."""
    low, high, dim = map(int, match.groups())
    fixes: list[Fix] = []
    if failed.layer is not None:
        x = given(failed)
    else:
        if not failed.operation.nodes:
            return None
        first = failed.operation.nodes[0]
        if isinstance(first, ast.List | ast.Tuple) and first.elts:
            first = first.elts[0]
        x = failed.operand(first)
        nodes = [*failed.operation.nodes[1:], *failed.operation.keywords.values()]
        for node in nodes:
            if failed.evaluator.attempt(node) == dim and type(dim) is int:
                code = failed.rewritten(node, "-1")
                fixes += failed.fix(_("Count from the end: -1 is the last dimension."), code)
    if x.shape is None:
        return None
    summary = _(
        "There is no dimension {dim}: {name} is {shape}, so its dimensions are 0 to {last}, or "
        "{first} to -1 from the end.",
        dim=dim,
        name=x.text,
        shape=listed(x.shape),
        last=len(x.shape) - 1,
        first=-max(len(x.shape), 1),
    )
    if len(x.shape) == 1:
        summary = _(
            "There is no dimension {dim}: {name} is {shape}, it has only dimension 0.",
            dim=dim,
            name=x.text,
            shape=listed(x.shape),
        )
    if not x.shape:
        summary = _("{name} is a single number: it has no dimensions.", name=x.text)
    axes = [(0, axis) for axis in range(len(x.shape))]
    sentence = _("dim must be from {low} to {high}.", low=low, high=high)
    return Finding(summary, (x,), clash("dim", sentence, *axes), few(fixes))


def permute(failed: Failed, match: re.Match[str]) -> Finding | None:
    """permute with another number of dimensions than there are, or one of them twice."""
    if failed.operation.name != "permute" or not failed.operation.nodes:
        return None
    x = failed.operand(failed.operation.nodes[0])
    if x.shape is None:
        return None
    text, fixes = atom(x.text), list[Fix]()
    rank = len(x.shape)
    order = [v for v in failed.operation.values[1:] if type(v) is int]
    if len(order) < rank and sorted(order) == list(range(len(order))):
        # The batch dimension was forgotten: the given order is meant for the ones behind it.
        extra = rank - len(order)
        whole = [*range(extra), *(extra + v for v in order)]
        code = f"{text}.permute({', '.join(map(str, whole))})"
        fixes += failed.fix(_("Name all dimensions, the leading ones too."), code)
    if rank == 2:
        fixes += failed.fix(_("Exchange the two dimensions."), f"{text}.T")
    summary = _(
        "permute needs each of the {rank} dimensions of {name} {shape} once.",
        rank=rank,
        name=x.text,
        shape=listed(x.shape),
    )
    axes = [(0, axis) for axis in range(rank)]
    return Finding(summary, (x,), clash("rank", summary, *axes), few(fixes))


def transpose(failed: Failed, match: re.Match[str]) -> Finding | None:
    """t() of more than two dimensions."""
    if failed.operation.name != "t" or not failed.operation.nodes:
        return None
    x = failed.operand(failed.operation.nodes[0])
    code = f"{atom(x.text)}.transpose(-2, -1)"
    fixes = failed.fix(_("Exchange the last two dimensions."), code)
    summary = _("t() is for matrices, and {name} is {shape}.", name=x.text, shape=listed(x.shape))
    axes = [(0, axis) for axis in range(len(x.shape or ()))]
    return Finding(summary, (x,), clash("rank", summary, *axes), few(fixes))


def unpack(failed: Failed, match: re.Match[str]) -> Finding | None:
    """B, T, D = x.shape where x has not three dimensions."""
    statement = failed.source.statement(failed.node)
    if not isinstance(statement, ast.Assign) or not isinstance(failed.node, ast.Tuple):
        return None
    value = failed.evaluator.attempt(statement.value)
    node: ast.expr = statement.value
    if isinstance(value, failed.torch.Size):
        node = node.func if isinstance(node, ast.Call) else node
        node = node.value if isinstance(node, ast.Attribute) else node
        count = len(value)
    elif isinstance(value, Shadow) and value.shape:
        count = value.shape[0]
    else:
        return None
    x = failed.operand(node)
    names = ", ".join(map(ast.unparse, failed.node.elts))
    known = {"names": names, "names_count": len(failed.node.elts), "name": x.text, "count": count}
    axes = [(0, axis) for axis in range(len(x.shape or ()))]
    if isinstance(value, failed.torch.Size):
        summary = _("{names} are {names_count} names, and {name} has {count} dimensions.", **known)
    else:
        summary = _("{names} are {names_count} names, and {name} has {count} rows.", **known)
        axes = axes[:1]
    return Finding(summary, (x,), clash("rank", summary, *axes))


def truth(failed: Failed, match: re.Match[str]) -> Finding | None:
    """if tensor: where the tensor holds more than one number."""
    node = failed.node
    if isinstance(node, ast.Call) and failed.below:
        return _uncalled(failed, node)
    parts = node.values if isinstance(node, ast.BoolOp) else [node]
    if isinstance(node, ast.Call):
        # bool(x) asks for the truth of x, x.gt(0) is itself asked for it.
        parts = [node, *node.args]
    known = [(part, failed.operand(part)) for part in parts if isinstance(part, ast.expr)]
    many = [(part, x) for part, x in known if x.shape and math.prod(x.shape) > 1]
    if not many:
        return None
    node, x = many[0]
    assert x.shape is not None
    fixes: list[Fix] = []
    for sentence, method in (
        (_("Is it so for all of them?"), "all"),
        (_("For any of them?"), "any"),
    ):
        code = f"{atom(x.text)}.{method}()"
        if failed.value_of(code) is not None:
            whole = code if node is failed.node else failed.rewritten(node, code)
            fixes.append(failed.advice(sentence, whole))
    summary = _(
        "if, and, or, not need one yes or no, and {name} has {count}.",
        name=x.text,
        count=math.prod(x.shape),
    )
    axes = [(0, axis) for axis in range(len(x.shape))]
    return Finding(summary, (x,), clash("scalar", summary, *axes), few(fixes))


def item(failed: Failed, match: re.Match[str]) -> Finding | None:
    """item() or float() of a tensor with more than one number."""
    node = failed.node
    if not isinstance(node, ast.Call):
        return None
    base = node.func.value if isinstance(node.func, ast.Attribute) else failed.input_node()
    x = failed.operand(base) if base is not None else Operand("")
    if x.shape is None or base is None:
        return None
    fixes = []
    for sentence, method in (
        (_("Reduce it to one number first."), "mean"),
        (_("Or sum it."), "sum"),
    ):
        code = f"{atom(x.text)}.{method}()"
        if failed.value_of(code) is not None:
            fixes.append(failed.advice(sentence, failed.rewritten(base, code)))
    if isinstance(node.func, ast.Attribute):
        fixes.append(failed.advice(_("Or take all of them as a list."), f"{atom(x.text)}.tolist()"))
    summary = _(
        "One Python number can hold one element, and {name} has {count}.",
        name=x.text,
        count=math.prod(x.shape),
    )
    axes = [(0, axis) for axis in range(len(x.shape))]
    return Finding(summary, (x,), clash("scalar", summary, *axes), few(fixes))


def _uncalled(failed: Failed, node: ast.Call) -> Finding | None:
    """nn.CrossEntropyLoss(logits, target): the layer is made, not called."""
    variables = failed.below[0].variables
    owner = variables.get("self")
    if not issubclass(type(owner), failed.torch.nn.Module):
        return None
    operands = tuple(failed.operand(argument) for argument in node.args)
    name = failed.source.segment(node.func)
    code = f"{name}(){ast.unparse(node)[len(ast.unparse(node.func)) :]}"
    summary = _(
        "{name}(...) makes the layer; its settings go there, the tensors into a second call.",
        name=name,
    )
    fixes = failed.fix(_("Make it, then call it."), code)
    fixes = fixes or [failed.advice(_("Make it, then call it."), code)]
    return Finding(summary, operands, None, few(fixes))
