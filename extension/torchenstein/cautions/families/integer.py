"""Fractions that are lost because a tensor is made of whole numbers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...explain.rewrite import atom, swapped
from ...explain.shadow import Shadow
from ...translation import _
from .. import forms
from ..flow import Statement
from ..model import Caution, Remedy
from ..scene import Scene

COMPARES = {"eq", "ne", "gt", "lt", "ge", "le", "isclose"}


def integer(scene: Scene) -> Iterator[Caution]:
    """Fractions written into whole numbers, and scores divided with //."""
    for at in scene.statements():
        found = _stored(scene, at)
        if found is not None:
            yield found
        for node in at.nodes():
            score = _score(scene, node, at)
            if score is not None:
                yield score


def _stored(scene: Scene, at: Statement) -> Caution | None:
    """x[0] = 0.5 or x.fill_(0.5) of an integer x."""
    written = _written(at.node)
    if written is None:
        return None
    node, target, value = written
    into = scene.tensor(target, at)
    if into is None or not _is_whole(into):
        return None
    name = forms.operation(value)[0]
    given = scene.value(value, at)
    is_fraction = type(given) is float and given != int(given) if _is_finite(given) else False
    if isinstance(given, Shadow):
        is_fraction = given.meta.dtype.is_floating_point and name not in forms.ROUNDING
    spot = scene.spot(node)
    if not is_fraction or spot is None:
        return None
    text = scene.text(target)
    known = {"name": text, "dtype": into.dtype, "value": scene.text(value)}
    if isinstance(given, float):
        sentence = _(
            "{name} is made of whole numbers ({dtype}): of {value} only {whole} was stored.",
            whole=int(given),
            **known,
        )
    else:
        sentence = _(
            "{name} is made of whole numbers ({dtype}): of {value} only the whole part was stored, "
            "so that 1.9 becomes 1.",
            **known,
        )
    operands = [scene.operand(target, into)]
    if isinstance(given, Shadow):
        operands.append(scene.operand(value, given))
    remedy = Remedy(
        _("Make {name} of floating-point numbers before.", name=text), f"{text} = {text}.float()"
    )
    return Caution("integer", sentence, scene.line(node), spot, tuple(operands), None, (remedy,))


def _written(node: ast.stmt) -> tuple[ast.stmt, ast.Name, ast.expr] | None:
    """A statement that writes into a tensor, the tensor's name, and what it writes there."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name() as target)], value=value):
            return node, target, value
        case (
            ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name() as target)) as call)
            | ast.Assign(value=ast.Call(func=ast.Attribute(value=ast.Name() as target)) as call)
        ):
            name, operands = forms.operation(call)
            given = operands[1] if len(operands) == 2 else forms.keyword(call, "value")
            if name == "fill_" and given is not None:
                return node, target, given
    return None


def _score(scene: Scene, node: ast.AST, at: Statement) -> Caution | None:
    """(prediction == target).sum() // len(target): 0 until all are right."""
    match node:
        case ast.BinOp(left=left, op=ast.FloorDiv(), right=right):
            pass
        case ast.Call() if forms.operation(node)[0] == "floor_divide":
            left, right = [*forms.operation(node)[1], node, node][:2]
        case _:
            return None
    if not _is_count(scene, left, at) or not _is_total(right):
        return None
    spot = scene.spot(node)
    if spot is None or not isinstance(node, ast.expr):
        return None
    one, other = scene.text(left), scene.text(right)
    sentence = _(
        "// rounds down to a whole number: as long as {count} is less than {total}, this is 0.",
        count=one,
        total=other,
    )
    code = f"{atom(one)} / {atom(other)}"
    if isinstance(node, ast.Call):
        code = swapped(scene.source, node, {id(node.func): "torch.div"})
    return Caution(
        "integer",
        sentence,
        scene.text(node),
        spot,
        remedies=(Remedy(_("Divide with a fraction."), code),),
    )


def _is_count(scene: Scene, node: ast.expr, at: Statement) -> bool:
    """Whether it counts where a comparison holds."""
    if isinstance(node, ast.Name):
        binding = scene.flow.binding(node.id, at)
        return (
            binding is not None
            and binding.value is not None
            and (_is_count(scene, binding.value, binding.statement))
        )
    name, operands = forms.operation(node)
    if name == "item" and operands:
        return _is_count(scene, operands[0], at)
    if name != "sum" or len(operands) != 1:
        return False
    inner = operands[0]
    if isinstance(inner, ast.Name):
        binding = scene.flow.binding(inner.id, at)
        if binding is None or binding.value is None:
            return False
        inner = binding.value
    return isinstance(inner, ast.Compare) or forms.operation(inner)[0] in COMPARES


def _is_total(node: ast.expr) -> bool:
    name, _ = forms.operation(node)
    if name in ("len", "numel", "size", "nelement"):
        return True
    return isinstance(node, ast.Subscript) and forms.operation(node.value)[0] == "shape"


def _is_whole(tensor: Shadow) -> bool:
    dtype = tensor.meta.dtype
    return not dtype.is_floating_point and not dtype.is_complex and tensor.dtype != "bool"


def _is_finite(value: object) -> bool:
    return type(value) is float and value - value == 0.0
