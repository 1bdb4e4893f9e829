"""What an explorer knows of a tensor: its label and its shape, read without touching an element."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from ..translation import _

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor that goes into an operation; `label` is what the drawing calls it."""

    label: str
    shape: Shape

    @classmethod
    def of(cls, value: Any, label: str) -> Operand:
        """From a tensor, an array, a number, or a shape alone: a tuple or list of sizes.

        Raises:
            TypeError: `value` has no shape and is none.
        """
        sizes = getattr(value, "shape", () if isinstance(value, int | float) else value)
        if not isinstance(sizes, Iterable) or isinstance(sizes, str):
            raise TypeError(
                _(
                    "{name} must be a tensor or a shape, not a {type}",
                    name=label,
                    type=type(value).__name__,
                )
            )
        shape = tuple(sizes)
        if not all(_whole(size) for size in shape):
            raise TypeError(
                _("{name} must be a tensor or a shape: sizes are whole numbers", name=label)
            )
        return cls(label, tuple(int(size) for size in shape))

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def count(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    def __str__(self) -> str:
        return f"{self.label} {written(self.shape)}"


def written(shape: Iterable[int]) -> str:
    """A shape as Python writes it: (4, 1), (3,), ()."""
    return str(tuple(shape))


def listed(words: Iterable[str]) -> str:
    """a, b and c."""
    *most, last = words
    return _("{one} and {other}", one=", ".join(most), other=last) if most else last


def met(operands: Iterable[Operand]) -> str:
    """a (4, 1) with b (3,)."""
    return reduce(
        lambda one, other: _("{one} with {other}", one=one, other=other), map(str, operands)
    )


def _whole(size: object) -> bool:
    # A symbolic size of torch is no int, but says which one it stands for.
    return not isinstance(size, bool | str) and hasattr(size, "__index__")
