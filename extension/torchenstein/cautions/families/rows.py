"""x - x.mean(dim=1) of a square x: the means of the rows, one for each column."""

from __future__ import annotations

import ast

from ...explain.finding import listed
from ...explain.rewrite import swapped
from ...translation import _
from .. import forms
from ..flow import Statement
from ..model import Caution, Remedy
from ..scene import Scene


def rows(scene: Scene, node: ast.AST, at: Statement) -> Caution | None:
    """A reduction that lost its dimension and stretched along another one, sizes being equal."""
    match node:
        case ast.BinOp(left=left, op=ast.Sub() | ast.Div(), right=right):
            pass
        case _:
            return None
    reduction = _reduction(scene, right, at)
    if reduction is None:
        return None
    call, written = reduction
    name, operands = forms.operation(call)
    if not operands or not forms.same(operands[0], left):
        return None
    axis = forms.whole(forms.keyword(call, "dim") or (operands[1] if len(operands) > 1 else None))
    whole, small = scene.tensor(left, at), scene.tensor(right, at)
    if axis is None or whole is None or small is None or len(whole.shape) < 2:
        return None
    rank = len(whole.shape)
    axis = axis % rank if -rank <= axis < rank else 0
    lost = whole.shape[:axis] + whole.shape[axis + 1 :]
    # Without its first dimension a tensor meets the others where they belong.
    if axis == 0 or small.shape != lost or whole.shape[1:] != lost or max(lost) < 2:
        return None
    spot = scene.spot(node)
    if spot is None:
        return None
    one, other = scene.operand(left, whole), scene.operand(right, small)
    sentence = _(
        "{reduction} over dimension {axis} left {result} the shape {shape}, which is "
        "stretched from the right: it met dimension {axis} of {whole} instead of those "
        "that were kept. It only went through because the sizes are equal.",
        reduction=name,
        axis=axis,
        result=other.text,
        shape=listed(small.shape),
        whole=one.text,
    )
    kept = f"{ast.unparse(call)[:-1]}, keepdim=True)"
    code = swapped(scene.source, node, {id(right): kept}) if written else kept
    remedy = Remedy(_("Keep the reduced dimension, with size 1."), code)
    return Caution("broadcast", sentence, scene.text(node), spot, (one, other), None, (remedy,))


def _reduction(scene: Scene, node: ast.expr, at: Statement) -> tuple[ast.Call, bool] | None:
    """The call that reduced, and whether it stands in the expression itself."""
    written = True
    if isinstance(node, ast.Name):
        binding = scene.flow.binding(node.id, at)
        if binding is None or binding.value is None:
            return None
        names = {part.id for part in ast.walk(binding.value) if isinstance(part, ast.Name)}
        if any(scene.flow.between(name, binding.statement, at) for name in names):
            return None
        node, written = binding.value, False
    if not isinstance(node, ast.Call) or forms.operation(node)[0] not in forms.REDUCTIONS:
        return None
    return None if forms.is_true(forms.keyword(node, "keepdim")) else (node, written)
