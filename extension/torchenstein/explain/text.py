"""The explanation as plain text, for screen readers, logs and tests."""

from __future__ import annotations

from ..translation import N_, _
from .model import Explanation, Operand, Place

# Rules under which dimensions are compared from the right.
RIGHT_ALIGNED = ("broadcast", "expand", "in place")
# Longest text of an operand in a drawing.
WIDEST = 32
# An operand's role in words.
ROLES = {
    "tensor": N_("tensor"),
    "weight": N_("weight"),
    "index": N_("index"),
    "target": N_("target"),
    "shape": N_("shape"),
    "equation": N_("equation"),
}


def text(explanation: Explanation) -> str:
    """Where, what, drawn, and what would make it fit."""
    place = explanation.place
    at = _("at {place}", place=_where(place))
    if explanation.function:
        at = _("at {place}, in {function}", place=_where(place), function=explanation.function)
    lines = [explanation.expression, f"  {at}"]
    if explanation.layer:
        path, type_ = explanation.layer.path, explanation.layer.type
        lines.append("  " + _("in layer {path} ({type})", path=path, type=type_))
    lines += ["", explanation.summary]
    if explanation.operands:
        lines += ["", drawing(explanation)]
    if explanation.clash and explanation.clash.sentence != explanation.summary:
        lines.append(explanation.clash.sentence)
    for fix in explanation.fixes:
        lines += ["", fix.sentence]
        lines += [f"    {line}" for line in fix.code.splitlines()]
        if fix.place != place:
            lines.append("  " + _("in place of what stands at {place}", place=_where(fix.place)))
    return "\n".join(lines)


def _where(place: Place) -> str:
    where = _(
        "line {line}, columns {first} to {last}",
        line=place.line,
        first=place.column + 1,
        last=place.end_column,
    )
    if place.end_line != place.line:
        where = _("lines {first} to {last}", first=place.line, last=place.end_line)
    return where if place.cell is None else _("cell {cell}, {where}", cell=place.cell, where=where)


def drawing(explanation: Explanation) -> str:
    """The operands one below the other, sizes in columns, marks below those that clash."""
    operands = [o for o in explanation.operands if o.shape is not None]
    if not operands:
        return "\n".join(
            _("{name}: {role}, shape unknown", name=o.text, role=_(ROLES[o.role]))
            for o in explanation.operands
        )
    marked = _marked(explanation)
    rank = max(len(o.shape or ()) for o in operands)
    right = explanation.clash is not None and explanation.clash.rule in RIGHT_ALIGNED
    rows = [
        _cells(o, rank, right, marked.get(index, ()))
        for index, o in enumerate(explanation.operands)
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(rank)]
    label = max(len(_short(o.text)) for o in explanation.operands)
    lines = []
    for operand, row in zip(explanation.operands, rows, strict=True):
        cells = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        unknown = operand.written if operand.part else _("shape unknown")
        shown = cells if operand.shape is not None else unknown
        shown = _("one number") if operand.shape == () else shown
        facts = " ".join(filter(None, (operand.dtype, operand.device)))
        lines.append(f"  {_short(operand.text):<{label}}  {shown}  {facts}".rstrip())
    return "\n".join(lines)


def _marked(explanation: Explanation) -> dict[int, tuple[int, ...]]:
    marked: dict[int, tuple[int, ...]] = {}
    for dimension in explanation.clash.dimensions if explanation.clash else ():
        marked[dimension.operand] = (*marked.get(dimension.operand, ()), dimension.axis)
    return marked


def _cells(operand: Operand, rank: int, right: bool, marked: tuple[int, ...]) -> list[str]:
    """Sizes with names, the clashing ones between > and <, so that colour is not needed."""
    shape = operand.shape or ()
    cells = []
    for axis, size in enumerate(shape):
        name = operand.names[axis] if operand.names else None
        cell = f"{name}={size}" if name else str(size)
        cells.append(f">{cell}<" if axis in marked else f" {cell} ")
    missing = [""] * (rank - len(cells))
    return missing + cells if right else cells + missing


def _short(name: str) -> str:
    return name if len(name) <= WIDEST else name[: WIDEST - 1] + "…"
