"""(N, 1) against (N,): every element of the one meets every element of the other."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...explain.finding import listed
from ...explain.model import Shape
from ...explain.rewrite import atom, swapped
from ...explain.shadow import Shadow
from ...translation import _
from .. import forms
from ..elementwise import common_shape
from ..flow import Statement
from ..losses import REGRESSION, loss_of
from ..model import Caution, Remedy
from ..reduced import is_reduced
from ..scene import Scene
from ..spelled import Intent, intent
from .rows import rows

DIFFERENCES = {"sub", "subtract", "eq", "ne", "dist"}


def broadcast(scene: Scene) -> Iterator[Caution]:
    """Columns that met rows unasked, and reductions that met the wrong dimension."""
    for at in scene.statements():
        for node in at.nodes():
            found = _column(scene, node, at) or rows(scene, node, at)
            if found is not None:
                yield found


def _column(scene: Scene, node: ast.AST, at: Statement) -> Caution | None:
    pair = _pair(scene, node, at)
    if pair is None or not isinstance(node, ast.expr):
        return None
    sort, left, right = pair
    if sort == "sum" and not (_is_noise(left) or _is_noise(right)):
        return None
    one = scene.tensor(left, at)
    other = scene.tensor(right, at) if one is not None else None
    if one is None or other is None:
        return None
    if stands_up(one.shape, other.shape):
        column, row = (left, one), (right, other)
    elif stands_up(other.shape, one.shape):
        column, row = (right, other), (left, one)
    else:
        return None
    if not _unasked(scene, node, at, sort, column[0], row[0]):
        return None
    return _caution(scene, node, column, row, sort)


def stands_up(column: Shape, row: Shape) -> bool:
    """Whether `column` is `row` with a dimension of size 1 more, and both grow when they meet."""
    return (
        len(row) > 0
        and column == (*row, 1)
        and row[-1] > 1
        and common_shape(column, row) is not None
    )


def _pair(scene: Scene, node: ast.AST, at: Statement) -> tuple[str, ast.expr, ast.expr] | None:
    """What sort of meeting an expression is, and its two sides."""
    match node:
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return "difference", left, right
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return "sum", left, right
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            return "comparison", left, right
        case ast.Call():
            loss = loss_of(scene.torch, scene.origins, scene.said(node, at))
            if loss is not None and loss.name in REGRESSION and loss.target is not None:
                return "loss", loss.input, loss.target
            name, operands = forms.operation(node)
            if name in DIFFERENCES and len(operands) >= 2:
                sort = "comparison" if name in ("eq", "ne") else "difference"
                return sort, operands[0], operands[1]
    return None


def _unasked(
    scene: Scene, node: ast.expr, at: Statement, sort: str, column: ast.expr, row: ast.expr
) -> bool:
    """Whether nothing in the code asks for the meeting."""
    if sort == "loss":
        return True
    tall = intent(scene.origins, scene.said(column, at))
    flat = intent(scene.origins, scene.said(row, at))
    if sort == "sum":
        return tall not in (Intent.RULER,) and not _asks(column) and _is_noise(row)
    if flat is Intent.RULER or tall in (Intent.ASKED, Intent.RULER):
        return False
    reduced = is_reduced(scene, node, at)
    if tall is Intent.KEPT:
        # argmax(dim=1, keepdim=True) == labels: a score, not a table.
        return sort == "comparison" and reduced
    if tall is Intent.DERIVED:
        return reduced or flat is not Intent.ASKED
    asked = (Intent.ASKED,) if sort == "comparison" else (Intent.ASKED, Intent.KEPT)
    return reduced and not scene.asked_by_callers(at, *asked)


def _asks(node: ast.expr) -> bool:
    """Whether the expression itself, not what it is a name for, shapes its value."""
    if isinstance(node, ast.Subscript):
        return True
    return any(
        isinstance(part, ast.Call | ast.Attribute | ast.Subscript)
        and (forms.operation(part)[0] in forms.SHAPING or isinstance(part, ast.Subscript))
        for part in ast.walk(node)
    )


def _is_noise(node: ast.expr) -> bool:
    """0.1 * torch.randn(100): drawn there and made small."""
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            draws = [p for p in (left, right) if forms.operation(p)[0] in forms.DRAWS]
            return len(draws) == 1
    return False


def _caution(
    scene: Scene,
    node: ast.expr,
    column: tuple[ast.expr, Shadow],
    row: tuple[ast.expr, Shadow],
    sort: str,
) -> Caution | None:
    spot = scene.spot(node)
    result = common_shape(column[1].shape, row[1].shape)
    if spot is None or result is None:
        return None
    tall, flat = scene.operand(*column), scene.operand(*row)
    sentence = _(
        "{tall} has the shape {tall_shape} and {flat} {flat_shape}: every element of "
        "one met every element of the other, {pairs} pairs instead of {number}.",
        tall=tall.text,
        tall_shape=listed(tall.shape),
        flat=flat.text,
        flat_shape=listed(flat.shape),
        pairs=f"{result[-2]} × {result[-1]}",
        number=row[1].shape[-1],
    )
    if sort == "loss":
        sentence += " " + _("The loss is the mean over all of them.")
    thin = f"{atom(tall.text)}.squeeze(-1)"
    high = f"{atom(flat.text)}.unsqueeze(-1)"
    remedies = (
        Remedy(_("Pair them one by one."), swapped(scene.source, node, {id(column[0]): thin})),
        Remedy(_("Or make both columns."), swapped(scene.source, node, {id(row[0]): high})),
    )
    operands = (tall, flat) if column[0].col_offset <= row[0].col_offset else (flat, tall)
    return Caution("broadcast", sentence, scene.text(node), spot, operands, result, remedies)
