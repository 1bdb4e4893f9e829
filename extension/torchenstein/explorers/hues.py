"""The hue of a dimension: the numbers of src/tensors/colors.ts, so that a drawing has the colours
of the chips and the table (a test compares the two)."""

from __future__ import annotations

HUES = 10
LETTERS = "BTDHCNKVSL"


def hue_of(size: int | None) -> int:
    """Equal sizes have equal hues; -1, the muted one, is for size 1 and for no size."""
    if size is None or size == 1:
        return -1
    rest = size % (HUES + 1)
    return 0 if rest == 0 else rest - 1


def hue_of_dimension(size: int | None, name: str | None) -> int:
    """That of its name, or of its size where it has no name."""
    return hue_of(size) if name is None else hue_of_name(name)


def hue_of_name(name: str) -> int:
    """The hue of a dimension with this name, whatever its size."""
    place = LETTERS.find(name.upper()) if len(name) == 1 else -1
    if place >= 0:
        return place
    total = 0
    for character in name:
        total = (total * 31 + ord(character)) % 65521
    return total % HUES
