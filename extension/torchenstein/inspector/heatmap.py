"""A tensor as a picture of cells: its last two dimensions, thinned out to what a panel can draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..translation import _
from .elements import Elements
from .figures import reals
from .plain import Json, Real, real

# Digits of a cell: more than a colour or a tooltip shows, less than the message would grow by.
DIGITS = 6


def heatmap(torch: Any, elements: Elements, max_cells: int, index: Sequence[int]) -> Json:
    """A Heatmap of at most `max_cells` cells; `index` is clipped to the leading dimensions' sizes.

    A vector is one row, a 0-d tensor one cell. `elements` must not be empty.
    """
    view = elements.view
    dims = view.dim()
    leading = list(view.shape[:-2])
    wanted = [*index, *[0] * len(leading)][: len(leading)]
    place = [min(at, size - 1) for at, size in zip(wanted, leading, strict=True)]
    rows = view.shape[-2] if dims > 1 else 1
    columns = view.shape[-1] if dims else 1
    row_step, column_step = _steps(rows, columns, max_cells)
    shown = view[tuple(place)] if place else view
    if dims > 1:
        shown = shown[::row_step, ::column_step]
    elif dims:
        shown = shown[::column_step]
    numbers = elements.copy(shown)
    cells = reals(torch, numbers).reshape(-1, math.ceil(columns / column_step)).tolist()
    finite = [cell for row in cells for cell in row if math.isfinite(cell)]
    rounded = numbers.is_floating_point() or numbers.is_complex()
    return {
        "cells": [[_cell(cell, rounded) for cell in row] for row in cells],
        "rows": rows,
        "columns": columns,
        "row_dim": dims - 2 if dims > 1 else None,
        "column_dim": dims - 1 if dims else None,
        "row_step": row_step,
        "column_step": column_step,
        "index": place,
        "leading": leading,
        "min": min(finite, default=None),
        "max": max(finite, default=None),
        "note": _note(dims, place, row_step, column_step),
    }


def _cell(number: float, rounded: bool) -> Real:
    return real(float(f"{number:.{DIGITS}g}") if rounded else number)


def _steps(rows: int, columns: int, most: int) -> tuple[int, int]:
    """Steps down and across: the same for both as far as a dimension has that many cells."""
    step = max(1, math.isqrt(rows * columns // most))
    row_step, column_step = min(step, rows), min(step, columns)
    while math.ceil(rows / row_step) * math.ceil(columns / column_step) > most:
        # The one that still shows more cells gives way, by what is too many or by one.
        if math.ceil(rows / row_step) > math.ceil(columns / column_step):
            row_step = max(row_step + 1, rows // max(1, most * column_step // columns))
        else:
            column_step = max(column_step + 1, columns // max(1, most * row_step // rows))
    return row_step, column_step


def _note(dims: int, place: Sequence[int], row_step: int, column_step: int) -> str:
    if dims == 0:
        return _("The only element.")
    shown = [*map(str, place), *[":"] * min(dims, 2)]
    parts = [_("Shows the whole tensor")]
    if place or row_step > 1 or column_step > 1:
        parts = [_("Shows {index}", index=f"[{', '.join(shown)}]")]
    if row_step > 1:
        parts.append(_("every {ordinal} row", ordinal=_ordinal(row_step)))
    if column_step > 1:
        parts.append(_("every {ordinal} column", ordinal=_ordinal(column_step)))
    return ", ".join(parts) + "."


def _ordinal(n: int) -> str:
    if n % 100 in (11, 12, 13):
        return _("{number:,}th", number=n)
    match n % 10:
        case 1:
            return _("{number:,}st", number=n)
        case 2:
            return _("{number:,}nd", number=n)
        case 3:
            return _("{number:,}rd", number=n)
    return _("{number:,}th", number=n)
