"""Inputs for checks: tensors in named dimensions, and the edge cases at which code breaks.

All inputs are drawn on the CPU from a generator seeded by `seed()`, so that every machine checks
with the same numbers; they are moved to the device at hand when the call is made.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from torchgrade.check.device import default_dtype, device, seed, supports

# Sizes that a name gets by its order of appearance: unequal, so that no transposition hides, and
# two sets, so that no size can be hard-coded.
SIZES = ((3, 5, 2, 7, 4, 6), (4, 2, 6, 3, 5, 7))
_DIMENSIONS = re.compile(r"([A-Z][A-Za-z0-9_]*|\d+)( ([A-Z][A-Za-z0-9_]*|\d+))*")


@dataclass(frozen=True)
class Case:
    """One set of inputs with a title that may be shown to the learner."""

    title: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TensorSpec:
    """A tensor to be drawn; made by `tensor(...)`."""

    dims: str
    dtype: torch.dtype | None = None
    low: float | None = None
    high: float | None = None

    def names(self) -> list[str]:
        return self.dims.split()

    def draw(
        self, sizes: Mapping[str, int], dtype: torch.dtype, generator: torch.Generator
    ) -> torch.Tensor:
        shape = [int(name) if name.isdigit() else sizes[name] for name in self.names()]
        kind = self.dtype or dtype
        if kind is torch.bool:
            return torch.rand(shape, generator=generator) < 0.5
        if kind.is_complex:
            draws = torch.randn(shape, generator=generator, dtype=torch.complex128)
            return draws.to(kind)
        if not kind.is_floating_point:
            low = -9 if self.low is None else self.low
            high = 10 if self.high is None else self.high
            return torch.randint(int(low), int(high), shape, generator=generator, dtype=kind)
        if self.low is None and self.high is None:
            return torch.randn(shape, generator=generator, dtype=torch.float64).to(kind)
        low, high = self.low or 0.0, 1.0 if self.high is None else self.high
        draws = torch.rand(shape, generator=generator, dtype=torch.float64)
        return (draws * (high - low) + low).to(kind)


def tensor(
    dims: str,
    *,
    dtype: torch.dtype | None = None,
    low: float | None = None,
    high: float | None = None,
) -> TensorSpec:
    """An input to be drawn: `tensor("B T", dtype=torch.int64, low=0, high=10)`.

    Args:
        dims: names of dimensions (capitalised) or sizes, separated by spaces; "" is a 0-d tensor.
        dtype: of the tensor; by default the dtype of the case.
        low, high: bounds of uniform draws (integers: `high` excluded); without them floats are
            standard normal and integers lie in [-9, 10).
    """
    return TensorSpec(dims, dtype, low, high)


def case(title: str, /, *args: Any, **kwargs: Any) -> Case:
    """A case written by hand: `case("two rows", torch.eye(2), dim=0)`."""
    return Case(title, args, kwargs)


def _scaled(factor: float) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda x: x * factor if x.is_floating_point() else x


def _equal_rows(x: torch.Tensor) -> torch.Tensor:
    return x[:1].expand_as(x).contiguous() if x.dim() else x


def _noncontiguous(x: torch.Tensor) -> torch.Tensor:
    if x.dim() >= 2:
        return x.mT.contiguous().mT
    return torch.stack([x, x], dim=-1)[..., 0] if x.dim() else x


EDGES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "large": _scaled(1e4),
    "small": _scaled(1e-4),
    "negative": lambda x: -x.abs() - 1 if x.is_floating_point() else x,
    "zeros": torch.zeros_like,
    "equal rows": _equal_rows,
    "noncontiguous": _noncontiguous,
    "batch of one": lambda x: x[:1],
    "empty": lambda x: x[:0],
}
# Edges that resize the first dimension: where it has a name, every input with that name follows.
RESIZED = {"batch of one": 1, "empty": 0}
DTYPES = {"float64": torch.float64, "bfloat16": torch.bfloat16, "float16": torch.float16}
TITLES = {
    "large": "large values (about 10,000)",
    "small": "small values (about 0.0001)",
    "negative": "negative values",
    "zeros": "all zeros",
    "equal rows": "rows that are all equal",
    "noncontiguous": "an input that is not contiguous in memory",
    "batch of one": "a first dimension of size 1",
    "empty": "an empty input",
}
DEFAULT_EDGES = ("large", "small", "equal rows", "noncontiguous", "batch of one", "float64")


def cases(
    *,
    edge: Iterable[str] = DEFAULT_EDGES,
    sizes: Mapping[str, int | tuple[int, ...]] | None = None,
    edit: Iterable[str] | None = None,
    **inputs: Any,
) -> tuple[Case, ...]:
    """Ordinary and edge cases for inputs given by name, in the order of the learner's parameters.

    A string of capitalised names or sizes (`x="B T D"`) is a normal tensor in those dimensions;
    the same name has the same size in every input. A `tensor(...)` gives dtype and bounds. Any
    other value (a number, `"mean"`, a tuple) is passed as it is. Two ordinary cases of different
    sizes come first, then one case for each edge.

    Args:
        edge: keys of `EDGES` and `DTYPES`; `()` for none.
        sizes: fixed sizes for names, or one size for each ordinary case.
        edit: names of the inputs that edges change; by default every drawn floating tensor.
        inputs: the inputs, passed by position.

    Raises:
        ValueError: an edge that does not exist, or no input.
    """
    if not inputs:
        raise ValueError('cases() needs an input, for example cases(x="B C").')
    specs = {name: _as_spec(value) for name, value in inputs.items()}
    drawn = [name for name, spec in specs.items() if isinstance(spec, TensorSpec)]
    touched = set(edit) if edit is not None else set(drawn)
    made = [_ordinary(specs, sizes or {}, index, default_dtype()) for index in range(len(SIZES))]
    for name in edge:
        if name in DTYPES:
            if supports(DTYPES[name], device()):
                made.append(replace(_ordinary(specs, sizes or {}, 0, DTYPES[name]), title=name))
        elif name in EDGES:
            made.append(_edge_case(specs, sizes or {}, touched, name))
        else:
            known = ", ".join(itertools.chain(EDGES, DTYPES))
            raise ValueError(f"cases() knows no edge {name!r}; it knows {known}.")
    return tuple(made)


def _as_spec(value: Any) -> Any:
    if isinstance(value, str) and _DIMENSIONS.fullmatch(value):
        return TensorSpec(value)
    return value


def _ordinary(
    specs: Mapping[str, Any],
    fixed: Mapping[str, int | tuple[int, ...]],
    index: int,
    dtype: torch.dtype,
) -> Case:
    sizes: dict[str, int] = {}
    free = iter(SIZES[index])
    for spec in specs.values():
        for name in spec.names() if isinstance(spec, TensorSpec) else ():
            if name.isdigit() or name in sizes:
                continue
            given = fixed.get(name)
            if given is None:
                sizes[name] = next(free)
            else:
                sizes[name] = given if isinstance(given, int) else given[index % len(given)]
    generator = torch.Generator().manual_seed(1000 * seed() + index)
    args = tuple(
        spec.draw(sizes, dtype, generator) if isinstance(spec, TensorSpec) else spec
        for spec in specs.values()
    )
    named = ", ".join(f"{name}={size}" for name, size in sizes.items())
    return Case(f"sizes {named}" if named else "ordinary inputs", args)


def _edge_case(
    specs: Mapping[str, Any],
    fixed: Mapping[str, int | tuple[int, ...]],
    touched: set[str],
    edge: str,
) -> Case:
    resized = [
        spec.names()[0]
        for name, spec in specs.items()
        if name in touched and isinstance(spec, TensorSpec) and spec.names()
    ]
    first = resized[0] if resized else ""
    if edge in RESIZED and first and not first.isdigit():
        sizes = {**fixed, first: RESIZED[edge]}
        return replace(_ordinary(specs, sizes, 0, default_dtype()), title=TITLES[edge])
    return _edged(_ordinary(specs, fixed, 0, default_dtype()), list(specs), touched, edge)


def _edged(base: Case, names: list[str], touched: set[str], edge: str) -> Case:
    change = EDGES[edge]
    args = tuple(
        change(value) if name in touched and isinstance(value, torch.Tensor) else value
        for name, value in zip(names, base.args, strict=True)
    )
    return Case(TITLES[edge], args)
