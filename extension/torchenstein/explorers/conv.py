"""Convolution: a window of the kernel's size walks over the padded input, and its products add up.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice, product
from typing import ClassVar

from ..dims import Names
from ..translation import N_, _, ngettext
from .explorer import Drawing, Explorer, Fit, Step
from .operand import Operand, Shape, met, written
from .walk import Numbers, Walk, each, pads_of

MOST_STEPS = 8


@dataclass(frozen=True)
class Conv(Explorer):
    """`x` (batch, channels, sizes...) or without batch; `weight` (out, in / groups, kernel...)."""

    operation: ClassVar[str] = N_("Convolution")
    x: Operand
    weight: Operand
    walks: tuple[Walk, ...]
    groups: int

    @classmethod
    def of(
        cls,
        x: Operand,
        weight: Operand,
        stride: Numbers,
        padding: Numbers | str,
        dilation: Numbers,
        groups: int,
    ) -> Conv:
        """Read shapes and options, as torch.nn.functional.conv1d, conv2d and conv3d take them.

        Raises:
            ValueError: the weight is none of a convolution, or an option does not fit it.
        """
        spatial = weight.rank - 2
        if not 1 <= spatial <= 3:
            raise ValueError(
                _(
                    "{weight} is no weight: it has {rank} axes, and needs 3 to 5 "
                    "(out, in, kernel...)",
                    weight=weight,
                    rank=weight.rank,
                )
            )
        if x.rank not in (spatial + 1, spatial + 2):
            raise ValueError(
                ngettext(
                    "{x} has {rank} axes: with {weight} it needs {wanted} "
                    "(batch, channels, {number:,} size), or one less without a batch",
                    "{x} has {rank} axes: with {weight} it needs {wanted} "
                    "(batch, channels, {number:,} sizes), or one less without a batch",
                    spatial,
                    x=x,
                    rank=x.rank,
                    weight=weight,
                    wanted=spatial + 2,
                )
            )
        strides = each("stride", stride, spatial, 1)
        dilations = each("dilation", dilation, spatial, 1)
        kernels, sizes = weight.shape[2:], x.shape[-spatial:]
        pads = pads_of(padding, kernels, dilations)
        walks = [
            Walk(size, kernel, step, *pad, gap)
            for size, kernel, step, pad, gap in zip(
                sizes, kernels, strides, pads, dilations, strict=True
            )
        ]
        return cls(x, weight, tuple(walks), each("groups", groups, 1, 1)[0])

    @property
    def channels(self) -> tuple[int, int]:
        """Those of the input, and those that the weight is made for."""
        return self.x.shape[-len(self.walks) - 1], self.weight.shape[1] * self.groups

    @property
    def shape(self) -> Shape | None:
        """The shape of the output; None where the operands clash."""
        if self.problem:
            return None
        batch = self.x.shape[: -len(self.walks) - 1]
        return (*batch, self.weight.shape[0], *(walk.windows for walk in self.walks))

    @property
    def names(self) -> Names:
        """What the dimensions of the output are called; those of its windows have no name yet."""
        spatial = len(self.walks)
        batch = [self.x.name(0)] if self.x.rank > spatial + 1 else []
        return (*batch, self.weight.name(0), *[None] * spatial)

    @property
    def problem(self) -> bool:
        return self.channels[0] != self.channels[1] or any(w.windows == 0 for w in self.walks)

    @property
    def subject(self) -> str:
        return met((self.x, self.weight)) + self.options

    @property
    def options(self) -> str:
        """The options that are not torch's defaults, as they are written."""
        said = [
            f", {name}={_short([getattr(walk, field) for walk in self.walks])}"
            for name, field, usual in (
                ("stride", "stride", 1),
                ("padding", "before", 0),
                ("dilation", "dilation", 1),
            )
            if any(getattr(walk, field) != usual for walk in self.walks)
        ]
        return "".join(said) + (f", groups={self.groups}" if self.groups != 1 else "")

    @property
    def summary(self) -> str:
        have, want = self.channels
        if have != want:
            return ngettext(
                "{weight} is made for {number:,} channel, and axis {axis} of {x} has {have}.",
                "{weight} is made for {number:,} channels, and axis {axis} of {x} has {have}.",
                want,
                weight=self.weight.label,
                axis=self.x.rank - len(self.walks) - 1,
                x=self.x.label,
                have=have,
            )
        for walk in self.walks:
            if walk.windows == 0:
                return _(
                    "The kernel spans {span}, and the padded input has only {size}.",
                    span=walk.extent,
                    size=walk.padded,
                )
        formulas = "; ".join(dict.fromkeys(walk.formula for walk in self.walks))
        return _(
            "The result is {shape}. (padded size − span) / stride: {formulas}.",
            shape=written(self.shape or (), self.names),
            formulas=formulas,
        )

    @property
    def fits(self) -> tuple[Fit, ...]:
        spatial, (have, want) = len(self.walks), self.channels
        found: list[Fit] = []
        if have != want:
            ways = [
                (f"{self.x.label}.movedim(-1, {-spatial - 1})", self._moved()),
                (
                    f"{self.x.label}.unsqueeze({-spatial - 1})",
                    (*self.x.shape[:-spatial], 1, *self.x.shape[-spatial:]),
                ),
            ]
            for code, shape in ways:
                if len(shape) <= spatial + 2 and shape[-spatial - 1] == want:
                    found.append(Fit(code, written(shape)))
        elif self.problem:
            need = max(math.ceil((walk.extent - walk.size) / 2) for walk in self.walks)
            found.append(Fit(f"padding={need}", _("an output")))
        return tuple(found)

    @property
    def visited(self) -> tuple[tuple[int, ...], ...]:
        """The windows that the steps stop at: the first ones, some of the next row, the last."""
        if self.problem:
            return ()
        counts = [walk.windows for walk in self.walks]
        ranges = [range(min(count, 2)) for count in counts[:-1]] + [range(min(counts[-1], 3))]
        few = list(islice(product(*ranges), MOST_STEPS - 1))
        last = tuple(count - 1 for count in counts)
        return tuple(few if last in few else [*few, last])

    @property
    def steps(self) -> tuple[Step, ...]:
        if self.problem:
            return (Step(_("all"), _("The marked sizes do not fit.")),)
        taps, depth = math.prod(w.kernel for w in self.walks), self.weight.shape[1]
        whole = _(
            "Each output element is {products}: {taps} in {channels}.",
            products=ngettext("{number:,} product", "{number:,} products", taps * depth),
            taps=ngettext("{number:,} tap", "{number:,} taps", taps),
            channels=ngettext("{number:,} channel", "{number:,} channels", depth),
        )
        return (
            Step(_("all"), whole),
            *(Step(str(list(at)), self._sentence(at)) for at in self.visited),
        )

    def table(self) -> str:
        rows: list[tuple[str, ...]] = [
            (
                "",
                _("input"),
                _("padding"),
                _("kernel"),
                _("dilation"),
                _("spans"),
                _("stride"),
                _("output"),
            )
        ]
        for place, walk in enumerate(self.walks):
            axis = _("axis {axis}", axis=place - len(self.walks))
            pad = str(walk.before) if walk.before == walk.after else f"{walk.before}+{walk.after}"
            numbers = (walk.size, pad, walk.kernel, walk.dilation, walk.extent, walk.stride)
            rows.append((axis, *map(str, numbers), str(walk.windows or _("none"))))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  " + "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True))
            for row in rows
        )

    def drawing(self) -> Drawing:
        from .drawings.conv import drawing

        return drawing(self)

    def _moved(self) -> Shape:
        shape = self.x.shape
        spatial = len(self.walks)
        return (*shape[: -spatial - 1], shape[-1], *shape[-spatial - 1 : -1])

    def _sentence(self, at: tuple[int, ...]) -> str:
        taps = [walk.taps(o) for walk, o in zip(self.walks, at, strict=True)]
        read = [" ".join(map(str, axis)) for axis in taps]
        inside = math.prod(
            sum(0 <= tap < walk.size for tap in axis)
            for axis, walk in zip(taps, self.walks, strict=True)
        )
        outside = math.prod(map(len, taps)) - inside
        known = {"output": list(at), "x": self.x.label, "places": " | ".join(read)}
        if len(at) == 2:
            said = _("Output {output} reads {x} at rows and columns {places}", **known)
        else:
            said = _("Output {output} reads {x} at {places}", **known)
        if not outside:
            return f"{said}."
        return ngettext(
            "{reads}; {number:,} tap on padding, which is 0.",
            "{reads}; {number:,} taps on padding, which is 0.",
            outside,
            reads=said,
        )


def _short(numbers: list[int]) -> str:
    return str(numbers[0]) if len(set(numbers)) == 1 else str(tuple(numbers))
