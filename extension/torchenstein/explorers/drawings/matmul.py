"""The right side stands above the result, the left side beside it, so that edges that belong
together are in line; the two inner edges are thick, and meet in the corner."""

from __future__ import annotations

from ..explorer import Drawing
from ..hues import hue_of_dimension
from ..matmul import Matmul
from ..operand import Operand, dimension
from ..svg import CHARACTER, NARROW, clipped, edge, joined, path, phrase, points, rect, shown, text
from .sizes import Parts, sizes

CELL, MOST, MARGIN, GAP = 18, 8, 58, 40


class Side:
    """One dimension as it is drawn: cells where they fit, else an edge with its size."""

    def __init__(self, size: int, cells: bool) -> None:
        self.size = size
        self.places = shown(size, MOST) if cells else []
        self.length = CELL * len(self.places) if cells else edge(size)

    def at(self, index: int) -> tuple[float, float]:
        """Begin and length of index `index` along the edge."""
        if self.places:
            return self.places.index(index) * CELL, CELL
        part = max(self.length / max(self.size, 1), 3)
        return min(index * self.length / max(self.size, 1), self.length - part), part


def drawing(matmul: Matmul) -> Drawing:
    one, other = matmul.inner
    rows, columns = Side(matmul.rows or 1, True), Side(matmul.columns or 1, True)
    left_inner, right_inner = Side(one, True), Side(other, True)
    down, along = _outer_words(matmul)
    # Beside the rows stand their words, and over them, ending at the corner, those of the meeting.
    meeting = _length(_meeting(matmul)[0]) - left_inner.length
    x0, y0 = max(MARGIN, len(down) * CHARACTER + 20, meeting - 2), 34.0
    x1, y1 = x0 + left_inner.length + GAP, y0 + right_inner.length + GAP
    place = {"left": (x0, y1), "right": (x1, y0), "result": (x1, y1)}
    left, right = _heading(matmul.left), _heading(matmul.right)
    below = y1 + rows.length + 22
    if x0 + _length(left) + 6 > x1 + (columns.length - len(along) * CHARACTER) / 2:
        below += 16
    base = [
        _sheets(matmul, place["left"], left_inner, rows, matmul.left.rank > 2),
        _sheets(matmul, place["right"], columns, right_inner, matmul.right.rank > 2),
        phrase(x0, below, left, "strong", None, "s"),
        phrase(x1, y0 - 14, right, "strong", None, "s"),
    ]
    base += _edges(matmul, place, left_inner, right_inner)
    base += _outer(matmul, place, rows, columns)
    result: Parts = []
    if matmul.shape is not None:
        base.append(_cells(place["result"], columns, rows, "solid", -1))
        middle = y1 + rows.length / 2 + 5
        result = [("= ", None), *sizes(matmul.shape, matmul.names)]
        base.append(phrase(x1 + columns.length + 12, middle, result, "strong", None, "s"))
    else:
        base.append(rect(x1, y1, columns.length, rows.length, "ghost", -1))
        base.append(text(x1 + columns.length / 2, y1 + rows.length / 2 + 5, "?", "large wrong"))
    layers = [""] + [
        _layer(place, left_inner, right_inner, rows, columns, i, j) for i, j in matmul.elements
    ]
    width = x1 + max(columns.length + _length(result) + 28, _length(right) + 8)
    return Drawing(max(width, NARROW), below + 12, joined(base), tuple(layers))


def _heading(operand: Operand) -> Parts:
    if operand.names is None:
        return [(clipped(str(operand), 24), None)]
    return [(f"{clipped(operand.label, 14)} ", None), *sizes(operand.shape, operand.names)]


def _length(parts: Parts) -> float:
    return sum(len(words) for words, _ in parts) * CHARACTER


def _sheets(
    matmul: Matmul, at: tuple[float, float], across: Side, down: Side, stacked: bool
) -> str:
    """One matrix; where there is a batch, two more sheets look out behind it."""
    x, y = at
    behind = [rect(x + d, y - d, across.length, down.length, "box", -1) for d in (8, 4) if stacked]
    return joined(behind) + _cells(at, across, down, "box", -1)


def _cells(at: tuple[float, float], across: Side, down: Side, kind: str, hue: int) -> str:
    x, y = at
    parts = []
    for top, i in enumerate(down.places):
        for left, j in enumerate(across.places):
            if i is None or j is None:
                words = "⋮" if i is None else "…"
                parts.append(text(x + left * CELL + 9, y + top * CELL + 13, words, "small", -1))
            else:
                parts.append(
                    rect(x + left * CELL + 1, y + top * CELL + 1, CELL - 2, CELL - 2, kind, hue)
                )
    return joined(parts)


def _edges(
    matmul: Matmul, place: dict[str, tuple[float, float]], left: Side, right: Side
) -> list[str]:
    """The inner edges, and the arc in the corner where they meet."""
    (x0, y1), (x1, y0) = place["left"], place["right"]
    fit = matmul.inner[0] == matmul.inner[1]
    meeting, hue = _meeting(matmul)
    (_one, left_hue), _sign, (_other, right_hue) = meeting
    kind = "thick" if fit else "wrong"
    corner = (x0 + left.length, y0 + right.length)
    arc = points("M", corner[0] - 4, y1 - 10, "Q", x1 - 26, y1 - 26, x1 - 9, corner[1] - 4)
    return [
        path(points("M", x0, y1 - 5, "h", left.length), kind, left_hue),
        path(points("M", x1 - 5, y0, "v", right.length), kind, right_hue),
        path(arc, "line" if fit else "wrong", hue),
        phrase(x1 - 34, y1 - 22, meeting, "strong" if fit else "strong wrong", hue, "e"),
    ]


def _meeting(matmul: Matmul) -> tuple[Parts, int | None]:
    """The words of the inner edges with their hues, and the hue of both.

    The dimension is one: a name that only one side has for it is that of the other side too.
    """
    (one, other), (left, right) = matmul.inner, matmul.inner_names
    words, following = dimension(one, left), dimension(other, right)
    if one != other:
        return [(words, None), (" ≠ ", None), (following, None)], None
    hues = hue_of_dimension(one, left or right), hue_of_dimension(other, right or left)
    hue = hues[0] if hues[0] == hues[1] else None
    return [(words, hues[0]), (" = ", None), (following, hues[1])], hue


def _outer(
    matmul: Matmul, place: dict[str, tuple[float, float]], rows: Side, columns: Side
) -> list[str]:
    (x0, y1), x1 = place["left"], place["right"][0]
    parts = []
    down, along = _outer_words(matmul)
    if matmul.rows is not None:
        hue = hue_of_dimension(matmul.rows, matmul.left.name(-2))
        parts.append(path(points("M", x0 - 5, y1, "v", rows.length), "thick", hue))
        parts.append(text(x0 - 12, y1 + rows.length / 2 + 4, down, "", hue, "e"))
    if matmul.columns is not None:
        hue = hue_of_dimension(matmul.columns, matmul.right.name(-1))
        bottom = y1 + rows.length
        parts.append(path(points("M", x1, bottom + 5, "h", columns.length), "thick", hue))
        parts.append(text(x1 + columns.length / 2, bottom + 22, along, "", hue))
    return parts


def _outer_words(matmul: Matmul) -> tuple[str, str]:
    """Those of the rows and columns of the result; empty beside a vector."""
    rows, columns = matmul.rows, matmul.columns
    return (
        "" if rows is None else dimension(rows, matmul.left.name(-2)),
        "" if columns is None else dimension(columns, matmul.right.name(-1)),
    )


def _layer(
    place: dict[str, tuple[float, float]],
    left: Side,
    right: Side,
    rows: Side,
    columns: Side,
    row: int,
    column: int,
) -> str:
    (x0, y1), (x1, y0) = place["left"], place["right"]
    (top, height), (across, width) = rows.at(row), columns.at(column)
    return joined(
        [
            rect(x0 - 1, y1 + top, left.length + 2, height, "mark"),
            rect(x1 + across, y0 - 1, width, right.length + 2, "mark"),
            rect(x1 + across, y1 + top, width, height, "mark"),
            path(
                points("M", x1 + across + width / 2, y0 + right.length + 2, "V", y1 + top - 1),
                "dashed",
            ),
            path(
                points("M", x0 + left.length + 2, y1 + top + height / 2, "H", x1 + across - 1),
                "dashed",
            ),
        ]
    )
