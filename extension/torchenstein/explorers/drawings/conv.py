"""The padded input, the kernel and the output; over it one window and the element it makes."""

from __future__ import annotations

from ...translation import _, ngettext
from ..conv import Conv
from ..explorer import Drawing
from ..hues import hue_of, hue_of_dimension, hue_of_name
from ..operand import Operand, dimension, written
from ..svg import (
    CHARACTER,
    NARROW,
    SMALL,
    clipped,
    joined,
    path,
    phrase,
    points,
    rect,
    shown,
    text,
)
from ..walk import Walk
from .sizes import sizes

CELL, MOST, MOST_OUT, LEFT, TOP, GAP = 19, 11, 8, 14, 52, 36
PLAIN = Walk(1, 1, 1, 0, 0, 1)
"""The row of a convolution over one axis."""


class Axis:
    """One spatial axis of the drawing: which padded places and which windows are drawn where."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        tail = min(walk.extent, 4)
        self.places = [
            None if p is None else p - walk.before for p in shown(walk.padded, MOST, tail)
        ]
        self.windows = shown(walk.windows, MOST_OUT)

    def place(self, place: int) -> float | None:
        return self.places.index(place) * CELL if place in self.places else None

    def window(self, window: int) -> float:
        return self.windows.index(window) * CELL

    @property
    def length(self) -> float:
        return len(self.places) * CELL


def drawing(conv: Conv) -> Drawing:
    if conv.problem:
        return _clash(conv)
    walks = (PLAIN, *conv.walks)[-2:]
    down, across = map(Axis, walks)
    result = Operand(_("result"), conv.shape or (), conv.names)
    kernel_x = LEFT + max(across.length, _words(conv.x)) + GAP
    kernel_w, kernel_h = min(walks[1].kernel, 7) * CELL, min(walks[0].kernel, 7) * CELL
    out_x = kernel_x + max(kernel_w, _words(conv.weight)) + GAP
    channels, out = conv.channels[0], conv.weight.shape[0]
    base = [
        _head(LEFT, conv.x, _channels(channels)),
        _head(kernel_x, conv.weight, ngettext("{number} kernel", "{number} kernels", out)),
        _head(out_x, result, _channels(out)),
        _stack(LEFT, across.length, down.length, channels),
        _input(down, across, hue_of_dimension(across.walk.size, conv.x.name(-1))),
        _stack(kernel_x, kernel_w, kernel_h, channels),
        _kernel(kernel_x, walks),
        _output(out_x, down, across, out),
        text(kernel_x - GAP / 2, TOP + 16, "∗", "large", -1),
        text(out_x - GAP / 2, TOP + 16, "=", "large", -1),
    ]
    height = TOP + max(down.length, kernel_h, len(down.windows) * CELL) + 34
    notes = []
    if any(w.before or w.after for w in conv.walks):
        notes.append(_("dashed cells are padding"))
    if len(conv.walks) == 3:
        notes.append(_("the last two of three axes are drawn"))
    base.append(text(LEFT, height - 8, "; ".join(notes), "small", -1, "s"))
    layers = ["", *(_layer(down, across, (0, *at)[-2:], out_x) for at in conv.visited)]
    width = out_x + max(len(across.windows) * CELL, _words(result)) + 16
    return Drawing(max(width, NARROW), height, joined(base), tuple(layers))


def _channels(count: int) -> str:
    return ngettext("{number} channel", "{number} channels", count)


def _words(operand: Operand) -> float:
    """How wide the words over it are."""
    return max(len(written(operand.shape, operand.names)), 12) * SMALL


def _head(x: float, operand: Operand, words: str) -> str:
    name = clipped(operand.label, 14)
    return (
        text(x, 16, name, "strong", None, "s")
        + phrase(x, 32, sizes(operand.shape, operand.names), "small", -1, "s")
        + text(x, 44, words, "small", -1, "s")
    )


def _stack(x: float, width: float, height: float, channels: int) -> str:
    """More sheets behind the first where there are more channels."""
    depth = [d for d in (6, 3) if channels > 1]
    return joined(rect(x + d, TOP - d + 1, width - 1, height - 2, "box", -1) for d in depth)


def _input(down: Axis, across: Axis, hue: int) -> str:
    parts = []
    for y, i in enumerate(down.places):
        for x, j in enumerate(across.places):
            left, top = LEFT + x * CELL, TOP + y * CELL
            if i is None or j is None:
                words = "⋮" if i is None else "…"
                parts.append(text(left + CELL / 2, top + 13, words, "small", -1))
                continue
            inside = 0 <= i < down.walk.size and 0 <= j < across.walk.size
            kind, own = ("box", hue) if inside else ("ghost", -1)
            parts.append(rect(left + 1, top + 1, CELL - 2, CELL - 2, kind, own))
    return joined(parts)


def _kernel(x: float, walks: tuple[Walk, ...]) -> str:
    down, across = (shown(walk.kernel, 7) for walk in walks)
    parts = []
    for top, i in enumerate(down):
        for left, j in enumerate(across):
            at = (x + left * CELL + 1, TOP + top * CELL + 1)
            if i is None or j is None:
                parts.append(text(at[0] + 8, at[1] + 12, "·", "", -1))
            else:
                parts.append(rect(*at, CELL - 2, CELL - 2, "mark"))
    return joined(parts)


def _output(x: float, down: Axis, across: Axis, channels: int) -> str:
    width, height = len(across.windows) * CELL, len(down.windows) * CELL
    parts = [_stack(x, width, height, channels)]
    for top, i in enumerate(down.windows):
        for left, j in enumerate(across.windows):
            at = (x + left * CELL + 1, TOP + top * CELL + 1)
            if i is None or j is None:
                parts.append(text(at[0] + 8, at[1] + 12, "⋮" if i is None else "…", "small", -1))
            else:
                hue = hue_of(across.walk.windows)
                parts.append(rect(*at, CELL - 2, CELL - 2, "box", hue))
    return joined(parts)


def _layer(down: Axis, across: Axis, at: tuple[int, ...], out_x: float) -> str:
    """The taps of one window, the frame around them, and the element that they make."""
    rows = [down.place(tap) for tap in down.walk.taps(at[0])]
    columns = [across.place(tap) for tap in across.walk.taps(at[1])]
    ys = [TOP + y for y in rows if y is not None]
    xs = [LEFT + x for x in columns if x is not None]
    parts = [rect(x + 1, y + 1, CELL - 2, CELL - 2, "mark") for y in ys for x in xs]
    left, top = out_x + across.window(at[1]), TOP + down.window(at[0])
    if xs and ys:
        frame = (
            min(xs) - 1,
            min(ys) - 1,
            max(xs) - min(xs) + CELL + 2,
            max(ys) - min(ys) + CELL + 2,
        )
        parts.append(rect(*frame, "ring"))
        middle = frame[1] + frame[3] / 2
        line = points("M", frame[0] + frame[2], middle, "L", left, top + CELL / 2)
        parts.append(path(line, "dashed"))
    parts.append(rect(left + 1, top + 1, CELL - 2, CELL - 2, "mark"))
    return joined(parts)


def _clash(conv: Conv) -> Drawing:
    """The two shapes below each other, the sizes that do not fit marked."""
    spatial = len(conv.walks)
    channels = conv.channels[0] != conv.channels[1]
    small = [place for place, walk in enumerate(conv.walks) if walk.windows == 0]
    wrong = {1} if channels else {2 + place for place in small}
    names = [[_("batch"), _("channels")], [_("out"), _("in")]]
    both = (conv.x, conv.weight)
    longest = max(len(dimension(s, o.name(a))) for o in both for a, s in enumerate(o.shape))
    wide = max(62, longest * CHARACTER + 10)
    parts = []
    for row, operand in enumerate(both):
        top = 22 + row * 56
        parts.append(text(100, top + 17, clipped(operand.label, 11), "", None, "e"))
        heads = [
            *names[row],
            *(
                _("size {axis}", axis=place - spatial)
                if row == 0
                else _("kernel {axis}", axis=place - spatial)
                for place in range(spatial)
            ),
        ]
        missing = spatial + 2 - operand.rank
        for place, size in enumerate((*([None] * missing), *operand.shape)):
            name = None if size is None else operand.name(place - missing)
            x, hue = 110 + place * (wide + 8), hue_of_name(name) if name else -1
            parts.append(text(x + wide / 2, top - 5, heads[place], "small", -1))
            kind = "wrong" if place in wrong else "box" if size is not None else "ghost"
            parts.append(rect(x, top, wide, 26, kind, hue))
            words = _("none") if size is None else dimension(size, name)
            parts.append(
                text(x + wide / 2, top + 17, words, "wrong" if place in wrong else "", hue)
            )
    return Drawing(max(120 + (spatial + 2) * (wide + 8), NARROW), 128, joined(parts), ("",))
