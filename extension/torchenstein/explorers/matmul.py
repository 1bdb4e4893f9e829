"""Matrix multiplication: the last axis of the left meets the last but one of the right.

Source: https://docs.pytorch.org/docs/stable/generated/torch.matmul.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from ..dims import Names
from ..translation import N_, _, ngettext
from .broadcast import Axis, common, ladder
from .explorer import Drawing, Explorer, Fit, Step
from .operand import Operand, Shape, dimension, written

MOST_STEPS = 6


@dataclass(frozen=True)
class Matmul(Explorer):
    """`left` @ `right`. The last two axes are matrices, those before a batch of them."""

    operation: ClassVar[str] = N_("Matmul")
    left: Operand
    right: Operand

    def __post_init__(self) -> None:
        for operand in (self.left, self.right):
            if not operand.shape:
                raise ValueError(
                    _(
                        "{name} is one number: matmul needs an axis to sum over",
                        name=operand.label,
                    )
                )

    @property
    def inner(self) -> tuple[int, int]:
        return self.left.shape[-1], self.right.shape[0 if self.right.rank == 1 else -2]

    @property
    def inner_names(self) -> tuple[str | None, str | None]:
        return self.left.name(-1), self.right.name(0 if self.right.rank == 1 else -2)

    @property
    def rows(self) -> int | None:
        """Rows of the result; None where the left side is a vector."""
        return self.left.shape[-2] if self.left.rank > 1 else None

    @property
    def columns(self) -> int | None:
        """Columns of the result; None where the right side is a vector."""
        return self.right.shape[-1] if self.right.rank > 1 else None

    @property
    def batch(self) -> tuple[Axis, ...]:
        return ladder(
            [
                Operand(o.label, o.shape[:-2], o.names and o.names[:-2])
                for o in (self.left, self.right)
            ]
        )

    @property
    def shape(self) -> Shape | None:
        """The shape of the product; None where the operands clash."""
        return product(self.left.shape, self.right.shape)

    @property
    def names(self) -> Names:
        """What the dimensions of the product are called."""
        found = [axis.name for axis in self.batch]
        found += [self.left.name(-2)] if self.left.rank > 1 else []
        found += [self.right.name(-1)] if self.right.rank > 1 else []
        return tuple(found)

    @property
    def problem(self) -> bool:
        return self.shape is None

    @property
    def subject(self) -> str:
        return f"{self.left} @ {self.right}"

    @property
    def summary(self) -> str:
        one, other = self.inner
        if one != other:
            known = {"left": self.left.label, "right": self.right.label, "one": one, "other": other}
            if self.right.rank == 1:
                return _(
                    "The inner sizes differ: the last axis of {left} is {one}, and the only of "
                    "{right} is {other}.",
                    **known,
                )
            return _(
                "The inner sizes differ: the last axis of {left} is {one}, and the last but one of "
                "{right} is {other}.",
                **known,
            )
        if self.shape is None:
            return _(
                "The inner sizes meet, {size} and {size}, but the axes before do not broadcast.",
                size=one,
            )
        return _(
            "The result is {shape}: {sums} of {products} each.",
            shape=written(self.shape, self.names),
            sums=ngettext("{number:,} sum", "{number:,} sums", math.prod(self.shape)),
            products=ngettext("{number:,} product", "{number:,} products", one),
        )

    @property
    def fits(self) -> tuple[Fit, ...]:
        if not self.problem:
            return ()
        left, right = self.left, self.right
        turned_left, turned_right = (
            (f"{o.label}.mT", (*o.shape[:-2], *o.shape[:-3:-1])) if o.rank > 1 else None
            for o in (left, right)
        )
        tries = []
        if turned_right:
            tries.append((f"{left.label} @ {turned_right[0]}", left.shape, turned_right[1]))
        if turned_left:
            tries.append((f"{turned_left[0]} @ {right.label}", turned_left[1], right.shape))
        tries.append((f"{right.label} @ {left.label}", right.shape, left.shape))
        found = [(code, product(one, other)) for code, one, other in tries]
        return tuple(Fit(code, written(shape)) for code, shape in found if shape is not None)

    @property
    def elements(self) -> tuple[tuple[int, int], ...]:
        """The elements of the product that the steps visit: the first ones and the last."""
        rows, columns = self.rows or 1, self.columns or 1
        if self.problem or 0 in (rows, columns):
            return ()
        few = [
            (place // columns, place % columns) for place in range(min(rows * columns, MOST_STEPS))
        ]
        last = (rows - 1, columns - 1)
        return tuple(few) if last in few else (*few[:-1], last)

    @property
    def steps(self) -> tuple[Step, ...]:
        one, other = self.inner
        if self.problem:
            return (Step(_("all"), _("The two marked edges must be equally long.")),)
        whole = _(
            "The marked edges meet: {one} numbers in a row of {left}, {other} in a column of "
            "{right}.",
            one=one,
            left=self.left.label,
            other=other,
            right=self.right.label,
        )
        return (
            Step(_("all"), whole),
            *(Step(self.index(i, j), self._sentence(i, j)) for i, j in self.elements),
        )

    def index(self, row: int, column: int) -> str:
        """How an element of the last two axes is written; a vector's axis is not there."""
        there = [(row, self.rows), (column, self.columns)]
        return str([place for place, size in there if size is not None])

    def table(self) -> str:
        names = [self.left.label, self.right.label, _("result")]
        width = max(map(len, names))
        shapes = [written(operand.shape, operand.names) for operand in (self.left, self.right)]
        shapes.append(_("clash") if self.shape is None else written(self.shape, self.names))
        lines = [f"  {name:<{width}}  {shape}" for name, shape in zip(names, shapes, strict=True)]
        one, other = map(dimension, self.inner, self.inner_names)
        if self.inner[0] == self.inner[1]:
            inner = _("inner sizes: {one} meets {other}", one=one, other=other)
        else:
            inner = _("inner sizes: {one} does not fit {other}", one=one, other=other)
        return "\n".join([*lines, f"  {inner}"])

    def drawing(self) -> Drawing:
        from .drawings.matmul import drawing

        return drawing(self)

    def _sentence(self, row: int, column: int) -> str:
        left = f"{self.left.label}{'' if self.left.rank < 2 else f'[{row}, :]'}"
        right = f"{self.right.label}{'' if self.right.rank < 2 else f'[:, {column}]'}"
        known = {"element": self.index(row, column), "left": left, "right": right}
        if self.batch:
            return _(
                "Element {element} is {left} times {right}, {count} products added in each matrix "
                "of the batch.",
                count=self.inner[0],
                **known,
            )
        return _(
            "Element {element} is {left} times {right}, {count} products added.",
            count=self.inner[0],
            **known,
        )


def product(left: Shape, right: Shape) -> Shape | None:
    """The shape of left @ right; None where they clash."""
    if left[-1] != right[0 if len(right) == 1 else -2]:
        return None
    batch = common(left[:-2], right[:-2])
    if batch is None:
        return None
    return (*batch, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))
