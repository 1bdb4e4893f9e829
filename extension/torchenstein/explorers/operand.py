"""What an explorer knows of a tensor: its label, its shape and what its dimensions are called.

Read without touching an element."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from itertools import repeat
from typing import Any

from ..dims import Names
from ..translation import _
from .names import names_of

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor that goes into an operation; `label` is what the drawing calls it.

    `names` has one for each dimension, and is None where the learner's code says nothing of them.
    """

    label: str
    shape: Shape
    names: Names | None = None

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

    def named(self, code: str) -> Operand:
        """With the names of the variable `code`, which is how the learner writes this tensor."""
        return replace(self, names=names_of(code, self.shape))

    def name(self, axis: int) -> str | None:
        return self.names[axis] if self.names else None

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def count(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    def __str__(self) -> str:
        return f"{self.label} {written(self.shape, self.names)}"


def written(shape: Iterable[int], names: Names | None = None) -> str:
    """A shape as Python writes it: (4, 1), (3,), (); with names: (B 4, 1)."""
    pairs = zip(shape, names or repeat(None), strict=False)
    sizes = [dimension(size, name) for size, name in pairs]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def dimension(size: object, name: str | None) -> str:
    """A size beside the name of its dimension, as the chips have it: T 5."""
    return str(size) if name is None else f"{name} {size}"


def axis_called(axis: int, name: str | None) -> str:
    """The number of an axis and its name: 1 (T)."""
    return str(axis) if name is None else f"{axis} ({name})"


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
