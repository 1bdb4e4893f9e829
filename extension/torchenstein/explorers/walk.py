"""How a window walks along one axis, and the options of a convolution as numbers for each axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..translation import _
from .operand import Shape

Numbers = int | Sequence[int]


@dataclass(frozen=True, slots=True)
class Walk:
    """One spatial axis, all lengths in elements; `before` and `after` are the padding."""

    size: int
    kernel: int
    stride: int
    before: int
    after: int
    dilation: int

    @property
    def extent(self) -> int:
        """What the kernel spans with its gaps."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        return self.size + self.before + self.after

    @property
    def windows(self) -> int:
        """The size of the output; 0 where the kernel does not fit."""
        return max((self.padded - self.extent) // self.stride + 1, 0)

    def taps(self, window: int) -> tuple[int, ...]:
        """Where a window reads; what is below 0 or beyond the size is padding."""
        start = window * self.stride - self.before
        return tuple(start + self.dilation * tap for tap in range(self.kernel))

    @property
    def formula(self) -> str:
        """The size of the output, as in the manual, with the numbers put in."""
        if self.padded < self.extent:
            formula = f"({self.padded} − {self.extent}) / {self.stride}"
            return _("{formula} is negative", formula=formula)
        return f"⌊({self.padded} − {self.extent}) / {self.stride}⌋ + 1 = {self.windows}"


def each(name: str, value: Numbers, count: int, least: int) -> tuple[int, ...]:
    """The option `name` as `count` numbers.

    Raises:
        ValueError: there are others in `value` than `count` whole numbers of at least `least`.
    """
    numbers = (value,) * count if isinstance(value, int) else tuple(value)
    if len(numbers) == 1:
        numbers *= count
    if len(numbers) != count or any(not isinstance(n, int) or n < least for n in numbers):
        raise ValueError(
            _(
                "{name} must be a whole number of at least {least}, or {count} of them",
                name=name,
                least=least,
                count=count,
            )
        )
    return numbers


def pads_of(
    padding: Numbers | str, kernels: Shape, dilations: tuple[int, ...]
) -> list[tuple[int, int]]:
    """The padding before and after each axis; "same" may need one more after than before.

    Raises:
        ValueError: `padding` is neither whole numbers nor "same" nor "valid".
    """
    if padding == "valid":
        padding = 0
    if padding == "same":
        totals = [gap * (kernel - 1) for kernel, gap in zip(kernels, dilations, strict=True)]
        return [(total // 2, total - total // 2) for total in totals]
    if isinstance(padding, str):
        raise ValueError(
            _('padding must be a whole number, "same" or "valid", not "{given}"', given=padding)
        )
    return [(pad, pad) for pad in each("padding", padding, len(kernels), 0)]
