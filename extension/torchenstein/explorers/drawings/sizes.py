"""The sizes of a shape as parts of a phrase: those that have a name with it, in its hue."""

from __future__ import annotations

from ...dims import Names
from ..hues import hue_of_name
from ..operand import Shape, dimension

Parts = list[tuple[str, int | None]]


def sizes(shape: Shape, names: Names | None) -> Parts:
    """As `operand.written` has it: (B 4, 1)."""
    parts: Parts = []
    for size, name in zip(shape, names or (None,) * len(shape), strict=True):
        parts += [(", ", None), (dimension(size, name), hue_of_name(name) if name else None)]
    end = ",)" if len(shape) == 1 else ")"
    return [("(", None), *parts[1:], (end, None)]
