"""A square for each weight, as large as the weight: readable without colour."""

from __future__ import annotations

import math

from ...translation import _
from ..attention import CLOSE, MOST_SIDE, MOST_TOKENS, Attention, Map
from ..explorer import Drawing
from ..svg import CHARACTER, NARROW, clipped, joined, path, points, rect, text

CELL, TOP = 24, 40


def drawing(attention: Attention) -> Drawing:
    left = 24 + max([2, *(min(len(q), MOST_TOKENS) for q in attention.queries)]) * CHARACTER + 8
    keys = attention.keys[:MOST_SIDE]
    rows, columns = len(attention.queries), len(keys)
    slant = max([0, *(min(len(key), MOST_TOKENS) for key in keys)]) > 3
    top = TOP + (36 if slant else 0)
    right, bottom = left + columns * CELL, top + rows * CELL
    parts = [
        text(4, 14, _("queries ↓  keys →"), "small", -1, "s"),
        rect(left, top, columns * CELL, rows * CELL, "box", -1),
    ]
    for place, key in enumerate(keys):
        x, word = left + place * CELL + CELL / 2, clipped(key, MOST_TOKENS)
        if slant:
            turned = text(0, 0, word, "small", None, "s")
            parts.append(
                f'<g transform="translate({x + 3:.0f} {top - 6}) rotate(-50)">{turned}</g>'
            )
        else:
            parts.append(text(x, top - 6, word, "small"))
    for place, query in enumerate(attention.queries):
        words = clipped(query, MOST_TOKENS)
        parts.append(text(left - 8, top + place * CELL + 16, words, "small", None, "e"))
    all_rows, all_columns = attention.sizes
    if columns < all_columns:
        words = _("… {count} keys", count=all_columns)
        parts.append(text(right + 6, top + 14, words, "small", -1, "s"))
    if rows < all_rows:
        words = _("⋮ {count} queries", count=all_rows)
        parts.append(text(left, bottom + 15, words, "small", -1, "s"))
    side = right + (78 if columns < all_columns else 8)
    parts.append(text(side, top - 6, _("row sum"), "small", -1, "s"))
    layers = [_layer(shown, left, top, side) for shown in attention.maps]
    return Drawing(max(side + 80, NARROW), bottom + 28, joined(parts), tuple(layers))


def _layer(shown: Map, left: float, top: float, side: float) -> str:
    """The weights of one map; the largest of each row has another colour and a ring."""
    largest = max((abs(w) for row in shown.weights for w in row if math.isfinite(w)), default=0)
    parts, squares, dots = [], list[str](), list[str]()
    for i, row in enumerate(shown.weights):
        best = shown.largest[i][0] if i < len(shown.largest) else None
        for j, weight in enumerate(row):
            x, y = left + j * CELL + CELL / 2, top + i * CELL + CELL / 2
            length = (CELL - 4) * math.sqrt(abs(weight) / largest) if largest else 0
            if not math.isfinite(weight):
                parts.append(text(x, y + 4, "?", "wrong"))
            elif length < 1:
                dots.append(points("M", x - 0.5, y, "h", 1))
            elif weight < 0:
                parts.append(rect(x - length / 2, y - length / 2, length, length, "ghost", 0))
            elif j == best:
                parts.append(rect(x - length / 2, y - length / 2, length, length, "fill", 2))
                parts.append(
                    rect(x - CELL / 2 + 1, y - CELL / 2 + 1, CELL - 2, CELL - 2, "line", 2)
                )
            else:
                # One path for all of them: a rectangle each would make the page many times as long.
                half = length / 2
                squares.append(
                    points("M", x - half, y - half, "h", length, "v", length, "h", -length, "z")
                )
        total = shown.row_sums[i] if shown.row_sums else None
        if total is not None:
            wrong = not abs(total - 1) <= CLOSE
            words = f"{total:.2f}{' ≠ 1' if wrong else ''}" if math.isfinite(total) else "?"
            y = top + i * CELL + 16
            parts.append(text(side, y, words, "wrong small" if wrong else "small", -1, "s"))
    return path(" ".join(dots), "line", -1) + path(" ".join(squares), "fill", 0) + joined(parts)
