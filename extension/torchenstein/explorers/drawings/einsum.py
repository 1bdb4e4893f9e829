"""A column for each letter, a row for each operand; below, the loops, a line for each letter."""

from __future__ import annotations

from itertools import pairwise

from ...translation import _
from ..einsum import Einsum
from ..equation import Letter
from ..explorer import Drawing
from ..hues import hue_of, hue_of_name
from ..svg import CHARACTER, NARROW, clipped, joined, path, points, rect, text

LABEL, CELL, GAP, BOX, ROW, TOP, LINE = 92, 54, 10, 26, 36, 10, 21


def drawing(einsum: Einsum) -> Drawing:
    rows = len(einsum.operands)
    bottom = TOP + (rows + 1) * ROW + 14.0
    base = [_column(einsum, place) for place in range(len(einsum.letters))]
    for row, operand in enumerate(einsum.operands):
        middle = TOP + row * ROW + 17
        base.append(text(LABEL - 10, middle, clipped(operand.label, 11), "", None, "e"))
    base.append(text(LABEL - 10, TOP + rows * ROW + 23, _("result"), "strong", None, "e"))
    width = max(LABEL + len(einsum.letters) * (CELL + GAP) + 4.0, NARROW)
    height = bottom
    if not einsum.problem:
        lines = einsum.loops
        base += [_line(einsum, place, bottom + 18) for place in range(len(lines))]
        height = bottom + 14 + len(lines) * LINE
        width = max(width, 24 + max(map(len, lines)) * CHARACTER)
    layers = ["", *(_layer(einsum, place, bottom) for place in range(len(einsum.letters)))]
    return Drawing(width, height, joined(base), tuple(layers))


def hue(letter: Letter) -> int:
    """By its name; a dimension without one, that an ellipsis stands for, by its size."""
    return hue_of(letter.size) if letter.name[0] == "…" else hue_of_name(letter.name)


def _left(place: int) -> float:
    return LABEL + place * (CELL + GAP)


def _column(einsum: Einsum, place: int) -> str:
    letter, parts = einsum.letters[place], list[str]()
    x, colour = _left(place), hue(letter)
    rows = [row for row, size in enumerate(letter.sizes) if size is not None]
    end = len(letter.sizes)
    stops = [*rows, end]
    for one, other in pairwise(stops):
        top = TOP + one * ROW + BOX
        low = TOP + other * ROW + (6 if other == end else 0)
        parts.append(path(points("M", x + CELL / 2, top, "V", low), "line", colour))
    for row in rows:
        size, top = letter.sizes[row], TOP + row * ROW
        wrong = letter.size is None and size != 1
        ghost = letter.size is not None and size != letter.size
        words = f"{letter.name} {size}→{letter.size}" if ghost else f"{letter.name} {size}"
        kind = "wrong" if wrong else "ghost" if ghost else "box"
        parts.append(rect(x, top, CELL, BOX, kind, colour))
        parts.append(text(x + CELL / 2, top + 17, words, "wrong" if wrong else "", colour))
    top = TOP + end * ROW + 6
    if letter.size is None:
        parts.append(text(x + CELL / 2, top + 17, "≠", "wrong large"))
    elif letter.kept:
        parts.append(rect(x, top, CELL, BOX, "solid", colour))
        parts.append(text(x + CELL / 2, top + 17, f"{letter.name} {letter.size}", "", colour))
    else:
        parts.append(rect(x, top, CELL, BOX, "ghost", colour))
        parts.append(text(x + CELL / 2, top + 17, f"Σ {letter.name}", "", colour))
    return joined(parts)


def _line(einsum: Einsum, place: int, top: float) -> str:
    line = einsum.loops[place]
    words = line.lstrip()
    x = 14 + (len(line) - len(words)) * CHARACTER
    colour = hue(einsum.letters[place]) if place < len(einsum.letters) else None
    return text(x, top + place * LINE, words, "", colour, "s")


def _layer(einsum: Einsum, place: int, bottom: float) -> str:
    letter = einsum.letters[place]
    height = bottom - 10
    if letter.size is None:
        return rect(_left(place) - 4, 4, CELL + 8, height, "wrong")
    ring = rect(_left(place) - 4, 4, CELL + 8, height, "ring", hue(letter))
    line = einsum.loops[place]
    indent = len(line) - len(line.lstrip())
    x, width = 10 + indent * CHARACTER, (len(line) - indent) * CHARACTER + 10
    return ring + rect(x, bottom + 3 + place * LINE, width, LINE, "mark", hue(letter))
