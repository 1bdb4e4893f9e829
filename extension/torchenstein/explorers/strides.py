"""Strides: how an index becomes a place in storage, and which tensors are windows on one storage.

Source: https://docs.pytorch.org/docs/stable/tensor_view.html. Metadata only: no element is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any, ClassVar

from ..dims import Names
from ..translation import N_, _, ngettext
from .explorer import Drawing, Explorer, Step
from .names import names_of
from .operand import Shape, axis_called, written

MOST_ALIASES = 5
# Elements of a window whose places are worked out for the drawing.
MOST_PLACES = 4096


@dataclass(frozen=True, slots=True)
class Window:
    """A tensor as a window on a storage; stride and offset in elements of `itemsize` bytes.

    `shares` tells whether it lies on the storage of the tensor that is explored; `names` are those
    of its dimensions, None where the learner's code says nothing of them.
    """

    label: str
    shape: Shape
    stride: tuple[int, ...]
    offset: int
    itemsize: int
    shares: bool = True
    contiguous: bool = True
    names: Names | None = None

    def name(self, axis: int) -> str | None:
        return self.names[axis] if self.names else None

    def axis(self, axis: int) -> str:
        """How an axis is called: 1, or 1 (T)."""
        return axis_called(axis, self.name(axis))

    def place(self, *index: int) -> int:
        """Where the element at `index` lies in storage, in elements."""
        return self.offset + sum(i * s for i, s in zip(index, self.stride, strict=True))

    def places(self, most: int = MOST_PLACES) -> Iterator[int]:
        """The places of the elements in row-major order, of the first `most` at most."""
        return (self.place(*index) for index in islice(product(*map(range, self.shape)), most))

    @property
    def ends(self) -> tuple[int, int] | None:
        """The first and last place; None for a tensor without elements."""
        if 0 in self.shape:
            return None
        return self.offset, self.place(*(size - 1 for size in self.shape))


@dataclass(frozen=True)
class Strides(Explorer):
    """`window` is the tensor that is explored; `storage` counts its elements in storage."""

    operation: ClassVar[str] = N_("Strides")
    window: Window
    aliases: tuple[Window, ...]
    storage: int

    @classmethod
    def of(
        cls, tensor: Any, aliases: Sequence[Any], labels: Sequence[str], code: str = ""
    ) -> Strides:
        """Read a strided tensor, the variable `code`, and others that may share its storage.

        Raises:
            ValueError: one has no strides: a sparse tensor, for example.
        """
        first, *others = (
            _window(one, label, tensor)
            for one, label in zip([tensor, *aliases], labels, strict=True)
        )
        first = replace(first, names=names_of(code, first.shape))
        count = tensor.untyped_storage().nbytes() // first.itemsize
        return cls(first, tuple(others[:MOST_ALIASES]), count)

    @property
    def subject(self) -> str:
        window = self.window
        return _(
            "{name} {shape}, stride {stride}",
            name=window.label,
            shape=written(window.shape, window.names),
            stride=written(window.stride),
        )

    @property
    def formula(self) -> str:
        """The place of an element by its index: offset + 4·i + 1·j."""
        letters = "ijklmnpq"
        terms = [
            f"{stride}·{letters[axis] if axis < len(letters) else f'i{axis}'}"
            for axis, stride in enumerate(self.window.stride)
        ]
        return " + ".join([str(self.window.offset), *terms])

    @property
    def summary(self) -> str:
        window = self.window
        index = ", ".join("ijklmnpq"[: len(window.shape)]) or "()"
        said = _(
            "{element} lies at place {formula} of its storage.",
            element=f"{window.label}[{index}]",
            formula=self.formula,
        )
        if any(map(self._repeats, range(len(window.shape)))):
            said += " " + _(
                "An axis of stride 0 shows the same elements again and again, without memory."
            )
        elif not window.contiguous:
            said += " " + _(
                "Not contiguous: read row by row, its elements do not lie one after the other."
            )
        return said

    @property
    def steps(self) -> tuple[Step, ...]:
        whole = ngettext(
            "The storage is one row of {number:,} element.",
            "The storage is one row of {number:,} elements.",
            self.storage,
        )
        axes = [
            Step(_("axis {axis}", axis=self.window.axis(axis)), self._jump(axis))
            for axis in range(len(self.window.shape))
        ]
        aliases = [Step(alias.label, self._alias(alias)) for alias in self.aliases]
        return (Step(_("all"), whole), *axes, *aliases)

    def table(self) -> str:
        rows = [("", _("shape"), _("stride"), _("offset"), _("storage"))]
        for window in (self.window, *self.aliases):
            shared = _("this one") if window.shares else _("another")
            rows.append(
                (
                    window.label,
                    written(window.shape, window.names),
                    written(window.stride),
                    str(window.offset),
                    shared,
                )
            )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )

    def drawing(self) -> Drawing:
        from .drawings.strides import drawing

        return drawing(self)

    def _repeats(self, axis: int) -> bool:
        return self.window.stride[axis] == 0 and self.window.shape[axis] > 1

    def _jump(self, axis: int) -> str:
        size, stride = self.window.shape[axis], self.window.stride[axis]
        if self._repeats(axis):
            return _(
                "A step along axis {axis} stays where it is: {size} times the same elements.",
                axis=self.window.axis(axis),
                size=size,
            )
        return _(
            "One step along axis {axis} jumps {places}, {bytes}.",
            axis=self.window.axis(axis),
            places=_places(stride),
            bytes=_bytes(stride * self.window.itemsize),
        )

    def _alias(self, alias: Window) -> str:
        window = self.window
        if not alias.shares:
            return _(
                "{alias} has a storage of its own: to write into it leaves {name} as it is.",
                alias=alias.label,
                name=window.label,
            )
        if alias.itemsize != window.itemsize:
            return _(
                "{alias} reads the same bytes as elements of {bytes}.",
                alias=alias.label,
                bytes=_bytes(alias.itemsize),
            )
        common = len(set(alias.places()) & set(window.places()))
        if max(math.prod(alias.shape), math.prod(window.shape)) > MOST_PLACES:
            return _(
                "{alias} is a window on the same storage: to write into one changes the other.",
                alias=alias.label,
            )
        if common:
            return _(
                "{alias} is a window on the same storage, {places} in common: to write into one "
                "changes the other.",
                alias=alias.label,
                places=_places(common),
            )
        return _(
            "{alias} lies on the same storage, at other places than {name}.",
            alias=alias.label,
            name=window.label,
        )


def _places(count: int) -> str:
    return ngettext("{number:,} place", "{number:,} places", count)


def _bytes(count: int) -> str:
    return ngettext("{number:,} byte", "{number:,} bytes", count)


def _window(tensor: Any, label: str, first: Any) -> Window:
    try:
        stride, offset, storage = tensor.stride(), tensor.storage_offset(), tensor.untyped_storage()
        shape = tuple(map(int, tensor.shape))
        of_first = first.untyped_storage()
    except (AttributeError, RuntimeError, NotImplementedError, TypeError) as problem:
        raise ValueError(_("{name} has no strides to show", name=label)) from problem
    here, there = storage.data_ptr(), of_first.data_ptr()
    shares = here == there if here and there else storage._cdata == of_first._cdata
    whole = tensor.is_contiguous()
    return Window(label, shape, tuple(stride), offset, tensor.element_size(), shares, whole)
