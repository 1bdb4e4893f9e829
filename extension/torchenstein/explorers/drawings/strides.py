"""The tensor with the place of each element in it, the storage as a strip, and windows on it."""

from __future__ import annotations

from itertools import pairwise

from ...translation import _
from ..explorer import Drawing
from ..hues import hue_of_name
from ..operand import written
from ..strides import Strides, Window
from ..svg import NARROW, SMALL, clipped, joined, path, points, rect, shown, text

LEFT, CELL, WIDE, TALL, MOST, MOST_STRIP = 14, 25, 34, 22, 6, 19
# Hues for the last axis, the one before, and so on, where an axis has no name.
HUES = (0, 1, 2, 3, 4, 5)


class Strip:
    """The part of the storage that is drawn: from the first place of any window to the last."""

    def __init__(self, strides: Strides, top: float) -> None:
        windows = [w for w in (strides.window, *strides.aliases) if w.shares and w.ends]
        windows = [w for w in windows if w.itemsize == strides.window.itemsize]
        begin = min((min(w.ends or (0,)) for w in windows), default=0)
        if begin < MOST_STRIP // 2:
            begin = 0
        end = max((max(w.ends or (0,)) for w in windows), default=-1) + 1
        if strides.storage - begin <= MOST_STRIP:
            end = strides.storage
        self.top = top
        # A place far into a storage is a long number.
        self.cell = max(CELL, len(str(end)) * SMALL + 4)
        most = int(MOST_STRIP * CELL / self.cell)
        self.begin, self.storage = begin, strides.storage
        self.places = [None if p is None else p + begin for p in shown(max(end - begin, 0), most)]
        self._at = {p: LEFT + n * self.cell for n, p in enumerate(self.places) if p is not None}

    def x(self, place: int) -> float | None:
        """The left edge of a place; None where it is left out."""
        return self._at.get(place)

    @property
    def right(self) -> float:
        return LEFT + len(self.places) * self.cell


def drawing(strides: Strides) -> Drawing:
    window = strides.window
    down, across = _axes(window)[:2]
    grid_top = 48.0
    strip = Strip(strides, grid_top + len(down) * TALL + 62)
    base = [_grid(window, grid_top), _strip(strides, strip)]
    top = strip.top + 58
    windows = (window, *strides.aliases)
    tops = [top + place * 44 for place in range(len(windows))]
    base += [_window(one, strip, at, strides) for one, at in zip(windows, tops, strict=True)]
    layers = [""]
    layers += [_jumps(window, axis, strip, grid_top) for axis in range(len(window.shape))]
    layers += [rect(4, at - 18, max(strip.right, NARROW - 8) - 2, 42, "ring") for at in tops[1:]]
    end = tops[-1] + 42
    words = _("in each window: element 0, 1, 2, … by rows")
    base.append(text(LEFT, end, words, "small", -1, "s"))
    longest = max((len(window.axis(axis)) for axis in range(len(window.shape))), default=1)
    beside = 130 + (longest - 1) * SMALL
    width = max(strip.right + 10, LEFT + len(across) * _wide(window) + beside, NARROW)
    return Drawing(width, end + 10, joined(base), tuple(layers))


def _wide(window: Window) -> float:
    """The width of a cell of the grid: its number must fit."""
    return max(WIDE, len(str(max(window.ends or (0,)))) * SMALL + 8)


def _axes(window: Window) -> tuple[list[int | None], list[int | None], tuple[int, ...]]:
    """What is drawn of the last two axes, and the index of the axes before."""
    shape = (1, 1, *window.shape)
    lead = (0,) * max(len(window.shape) - 2, 0)
    return shown(shape[-2], MOST), shown(shape[-1], MOST), lead


def _hue(window: Window, axis: int) -> int:
    name = window.name(axis)
    return hue_of_name(name) if name else HUES[(len(window.shape) - 1 - axis) % len(HUES)]


def _jump(arrow: str, axis: int, window: Window) -> str:
    stride = window.stride[axis]
    return _("{arrow} axis {axis}: +{stride}", arrow=arrow, axis=window.axis(axis), stride=stride)


def _grid(window: Window, top: float) -> str:
    """The tensor as it is indexed; in each cell its place in storage."""
    down, across, lead = _axes(window)
    rank, wide = len(window.shape), _wide(window)
    name = window.label + (f"[{', '.join(['0'] * len(lead))}]" if lead else "")
    title = _("{name}: the place of each element", name=clipped(name, 20))
    parts = [text(LEFT, top - 30, title, "", None, "s")]
    if rank:
        jump = _jump("→", rank - 1, window)
        parts.append(text(LEFT, top - 9, jump, "small", _hue(window, rank - 1), "s"))
    if rank > 1:
        x = LEFT + len(across) * wide + 8
        jump = _jump("↓", rank - 2, window)
        parts.append(text(x, top + 14, jump, "small", _hue(window, rank - 2), "s"))
    if lead:
        x = LEFT + len(across) * wide + 8
        for axis in range(min(len(lead), 3)):
            jump = _jump("⇢", axis, window)
            parts.append(text(x, top + 32 + 16 * axis, jump, "small", _hue(window, axis), "s"))
    if 0 in window.shape:
        parts.append(text(LEFT, top + 15, _("no elements"), "", -1, "s"))
        return joined(parts)
    for y, i in enumerate(down):
        for x_, j in enumerate(across):
            left, upper = LEFT + x_ * wide, top + y * TALL
            if i is None or j is None:
                parts.append(
                    text(left + wide / 2, upper + 14, "⋮" if i is None else "…", "small", -1)
                )
                continue
            index = (*lead, i, j)[-rank:] if rank else ()
            parts.append(rect(left, upper, wide - 3, TALL - 3, "box", -1))
            parts.append(text(left + wide / 2 - 1, upper + 14, window.place(*index), "small"))
    return joined(parts)


def _strip(strides: Strides, strip: Strip) -> str:
    parts = [text(LEFT, strip.top - 34, _("storage"), "strong", None, "s")]
    used = set(strides.window.places())
    if strip.begin:
        words = _("↑ from place {place}", place=strip.begin)
        parts.append(text(LEFT, strip.top + 36, words, "small", -1, "s"))
    for number, place in enumerate(strip.places):
        x = LEFT + number * strip.cell
        if place is None:
            parts.append(text(x + strip.cell / 2, strip.top + 15, "…", "", -1))
            continue
        parts.append(rect(x, strip.top, strip.cell, 24, "solid" if place in used else "box", -1))
        parts.append(text(x + strip.cell / 2, strip.top + 16, place, "small"))
    left_out = strip.storage - (max((p for p in strip.places if p is not None), default=-1) + 1)
    if left_out > 0:
        words = _("then {count:,} more", count=left_out)
        parts.append(text(strip.right, strip.top + 36, words, "small", -1, "e"))
    return joined(parts)


def _window(window: Window, strip: Strip, top: float, strides: Strides) -> str:
    """One tensor as a window: in each place the number of the element that is shown there."""
    facts = written(window.shape)
    facts += " " + _("stride {stride}", stride=written(window.stride))
    if window.offset:
        facts += " " + _("offset {offset}", offset=window.offset)
    name = clipped(window.label, 16)
    parts = [
        text(LEFT, top - 4, name, "strong", None, "s"),
        text(LEFT + 7.3 * len(name) + 10, top - 4, facts, "small", -1, "s"),
    ]
    if not window.shares:
        return joined(parts) + text(
            LEFT, top + 14, _("a storage of its own: a copy"), "small", -1, "s"
        )
    if window.itemsize != strides.window.itemsize:
        words = _("the same bytes, read {count} at a time", count=window.itemsize)
        return joined(parts) + text(LEFT, top + 14, words, "small", -1, "s")
    seen: dict[int, list[int]] = {}
    for number, place in enumerate(window.places()):
        seen.setdefault(place, []).append(number)
    xs = [x for place in seen if (x := strip.x(place)) is not None]
    if xs:
        parts.append(path(points("M", min(xs), top + 22, "H", max(xs) + strip.cell), "dashed", -1))
    for place, numbers in seen.items():
        x = strip.x(place)
        if x is not None:
            words = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]}…"
            parts.append(rect(x + 1, top, strip.cell - 2, 20, "solid", None))
            parts.append(text(x + strip.cell / 2, top + 14, words, "small"))
    return joined(parts)


def _jumps(window: Window, axis: int, strip: Strip, grid_top: float) -> str:
    """Arcs over the strip from element to element along one axis, the others at 0."""
    hue, stride = _hue(window, axis), window.stride[axis]
    places = [window.offset + i * stride for i in range(min(window.shape[axis], MOST_STRIP))]
    parts = []
    for one, other in pairwise(places):
        x, to = strip.x(one), strip.x(other)
        if x is None or to is None or stride == 0:
            continue
        rise = min(24.0, 8 + (to - x) / 5)
        middle = strip.cell / 2
        y = strip.top - 2
        parts.append(
            path(
                points(
                    "M", x + middle, y, "Q", (x + to) / 2 + middle, y - rise * 1.6, to + middle, y
                ),
                "line",
                hue,
            )
        )
    for place in dict.fromkeys(places):
        x = strip.x(place)
        if x is not None:
            parts.append(rect(x, strip.top, strip.cell, 24, "mark", hue))
    rank, wide = len(window.shape), _wide(window)
    down, across = _axes(window)[:2]
    if axis == rank - 1:
        parts.append(rect(LEFT - 3, grid_top - 3, len(across) * wide + 3, TALL + 3, "ring", hue))
    elif axis == rank - 2:
        parts.append(rect(LEFT - 3, grid_top - 3, wide + 3, len(down) * TALL + 3, "ring", hue))
    else:
        parts.append(rect(LEFT - 3, grid_top - 3, wide + 3, TALL + 3, "ring", hue))
    return joined(parts)
