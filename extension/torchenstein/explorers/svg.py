"""A few shapes of SVG as text. Coordinates in CSS pixels; classes without their prefix."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

# The width of a character of the monospaced font, of ordinary and of small words.
CHARACTER, SMALL = 7.3, 6.7
# The least width of a drawing: the sidebar's, where words then keep their size.
NARROW = 350.0


def rect(
    x: float, y: float, width: float, height: float, kind: str = "box", hue: int | None = None
) -> str:
    """A rectangle; `hue` is that of its dimension, -1 the muted one, None the text's colour."""
    place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
    return f'<rect {_classes(kind, hue)} {place} rx="3"/>'


def text(
    x: float, y: float, words: object, kind: str = "", hue: int | None = None, anchor: str = "m"
) -> str:
    """Words on one line; `anchor` m for middle, s for start, e for end."""
    classes = _classes(f"text {kind} {anchor}", hue)
    return f'<text {classes} x="{_n(x)}" y="{_n(y)}">{escape(str(words))}</text>'


def phrase(
    x: float,
    y: float,
    parts: Iterable[tuple[str, int | None]],
    kind: str = "",
    hue: int | None = None,
    anchor: str = "m",
) -> str:
    """Words on one line, each part in a hue of its own, or in `hue` where it has none."""
    line = joined(
        escape(words)
        if own is None
        else f"<tspan {_classes(f'text {kind}', own)}>{escape(words)}</tspan>"
        for words, own in parts
    )
    classes = _classes(f"text {kind} {anchor}", hue)
    return f'<text {classes} x="{_n(x)}" y="{_n(y)}">{line}</text>'


def path(d: str, kind: str = "line", hue: int | None = None) -> str:
    """A path by SVG's own letters."""
    return f'<path {_classes(kind, hue)} d="{d}"/>'


def points(*numbers: float | str) -> str:
    """The data of a path: letters stay, numbers are rounded."""
    return " ".join(n if isinstance(n, str) else _n(n) for n in numbers)


def joined(parts: Iterable[str]) -> str:
    return "".join(parts)


def clipped(label: str, most: int) -> str:
    """`label`, its end cut off where it is longer than `most` characters."""
    return label if len(label) <= most else label[: most - 1] + "…"


def shown(size: int, most: int, tail: int = 1) -> list[int | None]:
    """The indices of a dimension that are drawn; None is the ellipsis for all the others."""
    if size <= most:
        return list(range(size))
    return [*range(most - tail - 1), None, *range(size - tail, size)]


def edge(size: int) -> float:
    """The length of an edge by its size: grows with the logarithm, so that 4096 still fits."""
    return min(112.0, 26.0 + 11.0 * (1 + size).bit_length())


def _classes(kinds: str, hue: int | None) -> str:
    names = [f"tx-{kind}" for kind in kinds.split()]
    if hue is not None:
        names.append("tx-muted" if hue < 0 else f"tx-hue tx-hue-{hue}")
    return f'class="{" ".join(names)}"'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
