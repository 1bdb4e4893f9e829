"""Broadcasting: sizes are compared from the right; 1 and what is missing are stretched.

Source: https://docs.pytorch.org/docs/stable/notes/broadcasting.html
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

from ..dims import Names
from ..translation import N_, _, ngettext
from .explorer import Drawing, Explorer, Fit, Step
from .operand import Operand, Shape, dimension, listed, met, written

MOST_FITS = 3


@dataclass(frozen=True, slots=True)
class Axis:
    """One column of the ladder: `position` is -1 for the rightmost.

    `sizes` has one entry for each operand, None where it has no such axis, and `names` has what
    their code calls it; `result` is None where they clash.
    """

    position: int
    sizes: tuple[int | None, ...]
    names: Names
    result: int | None

    @property
    def title(self) -> str:
        return _("axis {axis}", axis=str(self.position).replace("-", "−"))

    @property
    def name(self) -> str | None:
        """What the result's axis is called, if all agree that are not repeated along it."""
        named = {n for place, n in enumerate(self.names) if n and not self.stretches(place)}
        return named.pop() if len(named) == 1 and self.result is not None else None

    def stretches(self, operand: int) -> bool:
        """Whether the operand is repeated along this axis."""
        size = self.sizes[operand]
        return self.result is not None and size in (1, None) and size != self.result


@dataclass(frozen=True)
class Broadcast(Explorer):
    """How `operands` stretch to one shape; `axes` from the left."""

    operation: ClassVar[str] = N_("Broadcasting")
    operands: tuple[Operand, ...]
    axes: tuple[Axis, ...]

    @classmethod
    def of(cls, operands: Sequence[Operand]) -> Broadcast:
        return cls(tuple(operands), ladder(operands))

    @property
    def shape(self) -> Shape | None:
        """The shape of the result; None where the operands clash."""
        sizes = [axis.result for axis in self.axes if axis.result is not None]
        return tuple(sizes) if len(sizes) == len(self.axes) else None

    @property
    def problem(self) -> bool:
        return self.shape is None

    @property
    def outer(self) -> bool:
        """Whether all are stretched and one lacks an axis: often a forgotten keepdim."""
        operands = range(len(self.operands))
        stretched = all(any(axis.stretches(o) for axis in self.axes) for o in operands)
        lacking = any(None in axis.sizes for axis in self.axes)
        return len(self.operands) > 1 and stretched and lacking and not self.problem

    @property
    def subject(self) -> str:
        return met(self.operands)

    @property
    def summary(self) -> str:
        if self.shape is None:
            clash = next(axis for axis in reversed(self.axes) if axis.result is None)
            return _("They clash.") + " " + self._sentence(clash)
        count, counts = math.prod(self.shape), [operand.count for operand in self.operands]
        out = _(
            "The result is {shape}, {elements}.",
            shape=written(self.shape, tuple(axis.name for axis in self.axes)),
            elements=ngettext("{number:,} element", "{number:,} elements", count),
        )
        if self.outer:
            given = listed(f"{number:,}" for number in counts)
            out += " " + _(
                "That is more than any operand has ({given}): is it what you want?", given=given
            )
        return out

    @property
    def fits(self) -> tuple[Fit, ...]:
        if not self.problem or len(self.operands) != 2:
            return ()
        found: dict[str, Fit] = {}
        for small, large in (self.operands[::-1], self.operands):
            for code, shape in rewritten(small):
                result = common(shape, large.shape)
                if result is not None and math.prod(result) <= 4 * max(small.count, large.count):
                    found.setdefault(code, Fit(code, written(result)))
        return tuple(found.values())[:MOST_FITS]

    @property
    def steps(self) -> tuple[Step, ...]:
        whole = _(
            "Write the shapes below each other, aligned at the right; then compare each column."
        )
        columns = [Step(axis.title, self._sentence(axis)) for axis in reversed(self.axes)]
        return (Step(_("all"), whole), *columns)

    def table(self) -> str:
        rows = [[_cell(axis, place) for axis in self.axes] for place, _ in enumerate(self.operands)]
        rows.append(
            [_("clash") if a.result is None else dimension(a.result, a.name) for a in self.axes]
        )
        head = [_("axis {axis}", axis=axis.position) for axis in self.axes]
        names = ["", *(operand.label for operand in self.operands), _("result")]
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        left = max(map(len, names))
        return "\n".join(
            f"  {name:<{left}}  "
            + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for name, row in zip(names, [head, *rows], strict=True)
        )

    def drawing(self) -> Drawing:
        from .drawings.broadcast import drawing

        return drawing(self)

    def _sentence(self, axis: Axis) -> str:
        said = listed(
            _("{name} has no such axis", name=operand.label)
            if size is None
            else _("{name} has size {size}", name=operand.label, size=size)
            for operand, size in zip(self.operands, axis.sizes, strict=True)
        )
        if axis.result is None:
            return _(
                "At axis {axis} {sizes}: neither is 1, and they differ.",
                axis=axis.position,
                sizes=said,
            )
        moved = [o.label for place, o in enumerate(self.operands) if axis.stretches(place)]
        if not moved:
            return _("{sizes}: nothing is stretched.", sizes=said)
        return ngettext(
            "{sizes}: {names} is repeated to {size}.",
            "{sizes}: {names} are repeated to {size}.",
            len(moved),
            sizes=said,
            names=listed(moved),
            size=axis.result,
        )


def ladder(operands: Sequence[Operand]) -> tuple[Axis, ...]:
    """The columns of the operands' shapes aligned at the right."""
    rank = max((o.rank for o in operands), default=0)
    columns = []
    for position in range(-rank, 0):
        sizes = tuple(o.shape[position] if o.rank >= -position else None for o in operands)
        names = tuple(o.name(position) if o.rank >= -position else None for o in operands)
        others = {size for size in sizes if size not in (1, None)}
        result = None if len(others) > 1 else next(iter(others), 1)
        columns.append(Axis(position, sizes, names, result))
    return tuple(columns)


def common(*shapes: Shape) -> Shape | None:
    """The shape that `shapes` stretch to; None where they clash."""
    results = [axis.result for axis in ladder([Operand("", shape) for shape in shapes])]
    return None if None in results else tuple(size for size in results if size is not None)


def rewritten(operand: Operand) -> list[tuple[str, Shape]]:
    """Simple other ways to hold the same elements: with axes of size 1, or transposed."""
    label, shape = operand.label, operand.shape
    ways: list[tuple[str, Shape]] = []
    for at in range(len(shape) - 1, -1, -1):
        place = -1 if at == len(shape) - 1 else at + 1
        ways.append((f"{label}.unsqueeze({place})", (*shape[: at + 1], 1, *shape[at + 1 :])))
    if len(shape) >= 2:
        ways.append((f"{label}.mT", (*shape[:-2], shape[-1], shape[-2])))
    for first, second in combinations(range(1, len(shape) + 2), 2):
        sizes = list(shape)
        for at in (first, second):
            sizes.insert(at, 1)
        cut = ["None" if at in (first, second) else ":" for at in range(len(sizes))]
        ways.append((f"{label}[{', '.join(cut)}]", tuple(sizes)))
    return ways


def _cell(axis: Axis, operand: int) -> str:
    size = axis.sizes[operand]
    own = "·" if size is None else dimension(size, axis.names[operand])
    return f"{own} → {axis.result}" if axis.stretches(operand) else own
