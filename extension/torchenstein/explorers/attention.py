"""Attention maps: one row for each query, one column for each key, a map for each head.

Reads elements: of the maps that are shown, at most MOST_SIDE of their rows and columns, and the
sums of the rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, ClassVar

from ..translation import N_, _, ngettext
from .explorer import Drawing, Explorer, Step
from .operand import Operand, Shape, listed

MOST_SIDE, MOST_MAPS, MOST_TOKENS, MOST_SUMMED = 16, 8, 10, 4_000_000
CLOSE = 0.01


@dataclass(frozen=True, slots=True)
class Map:
    """One map: `index` of the axes before, weights of the rows and columns shown, sums of the rows
    and columns shown (None where the map is too large to be read whole), and for each of these rows
    its largest weight among all keys: (key, weight)."""

    index: tuple[int, ...]
    weights: tuple[tuple[float, ...], ...]
    row_sums: tuple[float, ...] | None
    column_sums: tuple[float, ...] | None
    largest: tuple[tuple[int, float], ...]

    @property
    def causal(self) -> bool:
        """Whether no query looks at a later key, among the rows shown."""
        weights = self.weights
        ahead = [w for i, row in enumerate(weights) for w in row[i + 1 :]]
        return len(ahead) > 0 and all(w == 0 for w in ahead)


@dataclass(frozen=True)
class Attention(Explorer):
    """`maps` are the first ones; `queries` label the rows shown, `keys` all columns."""

    operation: ClassVar[str] = N_("Attention")
    weights: Operand
    maps: tuple[Map, ...]
    queries: tuple[str, ...]
    keys: tuple[str, ...]

    @classmethod
    def of(cls, tensor: Any, operand: Operand, tokens: Sequence[str] | None = None) -> Attention:
        """Read weights of shape (..., queries, keys), which are `operand`.

        Raises:
            ValueError: fewer than two axes, complex numbers, or another number of tokens than keys.
        """
        if operand.rank < 2:
            raise ValueError(
                _("{operand} is no map: it needs two axes (queries, keys)", operand=operand)
            )
        if not hasattr(tensor, "detach") or tensor.is_complex():
            raise ValueError(_("{name} must be a tensor of real weights", name=operand.label))
        rows, columns = operand.shape[-2:]
        if tokens is not None and len(tokens) != columns:
            raise ValueError(
                _(
                    "{operand} has {keys} keys, and {tokens} tokens came with it",
                    operand=operand,
                    keys=columns,
                    tokens=len(tokens),
                )
            )
        lead = islice(product(*map(range, operand.shape[:-2])), MOST_MAPS)
        maps = tuple(_read(tensor.detach(), index) for index in lead)
        words = [str(token) for token in tokens] if tokens is not None else None
        keys = words or [str(place) for place in range(columns)]
        queries = words if words and rows == columns else list(map(str, range(rows)))
        return cls(operand, maps, tuple(queries[:MOST_SIDE]), tuple(keys))

    @property
    def sizes(self) -> Shape:
        """Queries and keys."""
        return self.weights.shape[-2:]

    @property
    def subject(self) -> str:
        return str(self.weights)

    @property
    def wrong_axis(self) -> bool:
        """Whether the columns sum to 1 and the rows do not: softmax over the queries."""
        one = [m for m in self.maps if m.row_sums and m.column_sums]
        return bool(one) and all(
            not _ones(m.row_sums or ()) and _ones(m.column_sums or ()) for m in one
        )

    @property
    def problem(self) -> bool:
        sums = self._sums
        return len(sums) > 0 and not (any(sums) and _ones([total for total in sums if total]))

    @property
    def _sums(self) -> list[float]:
        """Those of the rows. A query that sees no key has 0."""
        return [total for m in self.maps for total in m.row_sums or ()]

    @property
    def summary(self) -> str:
        rows, columns = self.sizes
        said = _(
            "{queries}, {keys}.",
            queries=ngettext("{number:,} query", "{number:,} queries", rows),
            keys=ngettext("{number:,} key", "{number:,} keys", columns),
        )
        if self.wrong_axis:
            wrong = _(
                "The columns sum to 1, and the rows do not: softmax ran over the queries, dim=-2."
            )
            return f"{said} {wrong}"
        if not all(map(math.isfinite, self._sums)):
            wrong = _(
                "Some weights are not finite: softmax over a row of nothing but -inf, all keys "
                "masked, gives NaN."
            )
            return f"{said} {wrong}"
        if self.problem:
            wrong = _(
                "The rows sum to {least:.2f} to {most:.2f}, not to 1: these are no weights of a "
                "softmax over the keys.",
                least=min(self._sums),
                most=max(self._sums),
            )
            return f"{said} {wrong}"
        if 0 in self._sums:
            said += " " + _("Each row sums to 1, or is all 0: a query that sees no key.")
        elif self._sums:
            said += " " + _("Each row sums to 1.")
        if self.maps and all(m.causal for m in self.maps):
            said += " " + _("Causal: no query looks at a later key.")
        return said

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(Step(_title(m.index), self._sentence(m)) for m in self.maps)

    def table(self) -> str:
        if not self.maps:
            return "  " + _("no maps")
        shown = self.maps[0]
        keys = self.keys[:MOST_SIDE]
        width = max([4, *(len(key) for key in keys)])
        left = max([0, *(len(query) for query in self.queries)])
        lines = [f"  {'':<{left}}  " + " ".join(key.rjust(width) for key in keys)]
        for query, row in zip(self.queries, shown.weights, strict=True):
            cells = " ".join(f"{weight:.2f}".rjust(width) for weight in row)
            lines.append(f"  {query:<{left}}  {cells}")
        rows, columns = self.sizes
        if (rows, columns) != (len(self.queries), len(keys)):
            size = f"{rows} x {columns}"
            lines.append("  " + _("the first rows and columns of {size}", size=size))
        return "\n".join(lines)

    def drawing(self) -> Drawing:
        from .drawings.attention import drawing

        return drawing(self)

    def _sentence(self, shown: Map) -> str:
        firsts = [
            _(
                "query {query} looks most at key {key} ({weight:.2f})",
                query=query,
                key=self.keys[key],
                weight=weight,
            )
            if weight
            else _("query {query} sees no key", query=query)
            for query, (key, weight) in list(zip(self.queries, shown.largest, strict=False))[:4]
            if math.isfinite(weight)
        ]
        where = "" if not shown.index else f"{self.weights.label}{list(shown.index)}: "
        return where + (f"{listed(firsts)}." if firsts else _("nothing to show."))


def _read(tensor: Any, index: tuple[int, ...]) -> Map:
    """One map; only what is shown, and the sums, come to the CPU."""
    whole = tensor[index] if index else tensor
    part = whole[:MOST_SIDE, :MOST_SIDE].to("cpu").double().tolist()
    sums: list[tuple[float, ...] | None] = [None, None]
    largest: tuple[tuple[int, float], ...] = ()
    if 0 < whole.numel() <= MOST_SUMMED:
        wide = whole if whole.dtype.itemsize > 2 else whole.float()
        sums = [tuple(wide.sum(a)[:MOST_SIDE].to("cpu").double().tolist()) for a in (-1, -2)]
        weights, places = wide[:MOST_SIDE].max(-1)
        largest = tuple(zip(places.tolist(), weights.to("cpu").double().tolist(), strict=True))
    return Map(index, tuple(map(tuple, part)), sums[0], sums[1], largest)


def _ones(sums: Sequence[float]) -> bool:
    return all(abs(total - 1) <= CLOSE for total in sums)


def _title(index: tuple[int, ...]) -> str:
    return _("map") if not index else str(list(index))
