"""The ladder, and below it the last two axes as grids with the repeated cells dashed."""

from __future__ import annotations

from ...translation import _
from ..broadcast import Axis, Broadcast
from ..explorer import Drawing
from ..hues import hue_of_dimension
from ..operand import dimension
from ..svg import CHARACTER, NARROW, SMALL, clipped, joined, rect, shown, text

LABEL, CELL, GAP, BOX, ROW, TOP = 92, 58, 8, 26, 34, 30
GRID, MOST = 20, 6
LONGEST = 11


def drawing(ladder: Broadcast) -> Drawing:
    rows = len(ladder.operands)
    base = [_head(ladder), *(_row(ladder, place) for place in range(rows)), _result(ladder)]
    width = max(_left(ladder, len(ladder.axes)) + 4, NARROW)
    height = TOP + (rows + 1) * ROW + 10.0
    if ladder.shape is not None and rows == 2 and ladder.axes and 0 not in ladder.shape:
        grids, right, bottom = _grids(ladder, height + 28)
        base.append(grids)
        width, height = max(width, right), bottom
    layers = ["", *(_column(ladder, place) for place in range(len(ladder.axes) - 1, -1, -1))]
    return Drawing(width, height, joined(base), tuple(layers))


def _left(ladder: Broadcast, column: int) -> float:
    return LABEL + sum(_wide(axis) + GAP for axis in ladder.axes[:column])


def _wide(axis: Axis) -> float:
    """The width of a column: its sizes with their names must fit."""
    longest = max(len(_words(axis, operand)) for operand in range(len(axis.sizes)))
    return max(CELL, longest * CHARACTER + 6)


def _words(axis: Axis, operand: int) -> str:
    size, name = axis.sizes[operand], axis.names[operand]
    if axis.stretches(operand):
        return f"{'∅' if size is None else dimension(size, name)} → {axis.result}"
    return _("none") if size is None else dimension(size, name)


def _hue(axis: Axis, operand: int | None = None) -> int:
    """That of the result; that of an operand which has the axis under another name."""
    own = None if operand is None or axis.stretches(operand) else axis.names[operand]
    return hue_of_dimension(axis.result, own or axis.name)


def _head(ladder: Broadcast) -> str:
    return joined(
        text(_left(ladder, place) + _wide(axis) / 2, 18, axis.title, "small", -1)
        for place, axis in enumerate(ladder.axes)
    )


def _row(ladder: Broadcast, operand: int) -> str:
    top = TOP + operand * ROW
    parts = [
        text(LABEL - 10, top + 17, clipped(ladder.operands[operand].label, LONGEST), "", None, "e")
    ]
    for place, axis in enumerate(ladder.axes):
        left, wide, words = _left(ladder, place), _wide(axis), _words(axis, operand)
        if axis.result is None:
            wrong = axis.sizes[operand] not in (1, None)
            parts.append(rect(left, top, wide, BOX, "wrong" if wrong else "box", -1))
            parts.append(text(left + wide / 2, top + 17, words, "wrong" if wrong else "", -1))
            continue
        hue = _hue(axis, operand)
        parts.append(rect(left, top, wide, BOX, "ghost" if axis.stretches(operand) else "box", hue))
        parts.append(text(left + wide / 2, top + 17, words, "", hue))
    return joined(parts)


def _result(ladder: Broadcast) -> str:
    top = TOP + len(ladder.operands) * ROW + 6
    parts = [text(LABEL - 10, top + 17, _("result"), "strong", None, "e")]
    for place, axis in enumerate(ladder.axes):
        left, wide = _left(ladder, place), _wide(axis)
        middle = left + wide / 2
        if axis.result is None:
            sizes = [str(size) for size in axis.sizes if size not in (1, None)]
            parts.append(text(middle, top + 17, " ≠ ".join(dict.fromkeys(sizes)), "wrong"))
        else:
            words = dimension(axis.result, axis.name)
            parts.append(rect(left, top, wide, BOX, "solid", _hue(axis)))
            parts.append(text(middle, top + 17, words, "", _hue(axis)))
    return joined(parts)


def _column(ladder: Broadcast, place: int) -> str:
    height = (len(ladder.operands) + 1) * ROW + 32
    axis = ladder.axes[place]
    kind = "wrong" if axis.result is None else "ring"
    return rect(_left(ladder, place) - 4, 4, _wide(axis) + 8, height, kind)


def _grids(ladder: Broadcast, top: float) -> tuple[str, float, float]:
    """Both operands and the result over the last two axes: right and bottom end come with it."""
    parts, x, bottom = [], 10.0, top
    for place in (0, 1, None):
        grid, right, low = _grid(ladder, place, x, top)
        parts.append(grid)
        if place is not None:
            middle = (top + low) / 2 + 5
            parts.append(text(right + 16, middle, _("with") if place == 0 else "→", "small", -1))
        x, bottom = right + 34, max(bottom, low)
    note = _("dashed cells are repeats, not memory")
    if len(ladder.axes) > 2:
        note = _("the last two axes; dashed cells are repeats, not memory")
    parts.append(text(10, bottom + 18, note, "small", -1, "s"))
    return joined(parts), max(x - 30, NARROW), bottom + 26


def _grid(ladder: Broadcast, operand: int | None, x: float, top: float) -> tuple[str, float, float]:
    column = ladder.axes[-1]
    row = ladder.axes[-2] if len(ladder.axes) > 1 else None
    across = shown(column.result or 1, MOST)
    down = shown(row.result or 1, MOST) if row else [0]
    name = _("result") if operand is None else clipped(ladder.operands[operand].label, 14)
    parts = [text(x, top - 6, name, "small", None, "s")]
    for at_y, i in enumerate(down):
        for at_x, j in enumerate(across):
            left, upper = x + at_x * GRID, top + at_y * GRID
            if i is None or j is None:
                parts.append(
                    text(left + GRID / 2 - 1, upper + 11, "⋮" if i is None else "…", "small", -1)
                )
                continue
            copied = operand is not None and (
                (j > 0 and column.stretches(operand))
                or (i > 0 and row is not None and row.stretches(operand))
            )
            hue = _hue(column if row is None or row.result == 1 else row)
            parts.append(rect(left, upper, GRID - 3, GRID - 3, "ghost" if copied else "solid", hue))
    width = max(len(across) * GRID, len(name) * SMALL)
    return joined(parts), x + width, top + len(down) * GRID
