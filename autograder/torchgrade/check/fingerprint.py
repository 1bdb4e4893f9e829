"""What one call came to, written so that float noise does not change it and a difference does.

A number is written as the cell of a grid that it lies in, on the scale of `compare`: a tolerance is
one step everywhere, for small numbers and for large ones. A number near a cell's edge would be
written in two ways by two machines. So there are many grids, shifted against each other: who keeps
a fingerprint takes the first on which no number is near an edge, and who looks for it tries all.
A result of some dozens of numbers has no such grid and no fingerprint: a coarser one would take one
mistake for another, and no name is better than a wrong one.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import torch

from torchgrade.check.compare import TOLERANCES
from torchgrade.check.expect import raised_by_hand
from torchgrade.check.observe import Observation, Raised
from torchgrade.check.plain import is_plain_tensor

CELL = 8.0
"""Width of a cell, in tolerances."""
SHIFTS = 16
MARGINS = (2.0, 1.0, 0.5, 0.25)
"""How far numbers should be from an edge, in tolerances; as far as a grid can be found for it."""
LARGEST = 4096
"""Elements of a result; what is larger has no fingerprint, so that a check does not wait for it."""
NUMBERS = (1e-5, 1e-6)  # (relative, absolute), as `compare` has them for Python's floats
GRADIENTS = (1e-6, 1e-8)  # and for gradients
LEAST = (1e-13, 1e-30)  # where a dtype is compared exactly


class _Unwritten(Exception):
    """A value without a fingerprint."""


@dataclass
class _Writing:
    """Words are exact; `places` are numbers on a scale on which a tolerance is 1."""

    words: list[str] = field(default_factory=list)
    places: list[torch.Tensor] = field(default_factory=list)
    tolerances: tuple[float, float] | None = None
    elements: int = 0

    def value(self, value: Any) -> None:
        """A structure, in the way that `compare` tells one from another."""
        if is_plain_tensor(value):
            self._tensor(value)
        elif isinstance(value, dict):
            self.words.append(f"dict {len(value)}")
            for key in sorted(value, key=repr):
                self.words.append(repr(key))
                self.value(value[key])
        elif isinstance(value, (list, tuple)):
            self.words.append(f"{'list' if isinstance(value, list) else 'tuple'} {len(value)}")
            for item in value:
                self.value(item)
        elif isinstance(value, (float, complex)):
            self.words.append(type(value).__name__)
            dtype = torch.complex128 if isinstance(value, complex) else torch.float64
            self._numbers(torch.tensor([value], dtype=dtype), NUMBERS)
        else:
            self.words.append(f"{type(value).__name__} {value!r}")

    def _tensor(self, value: torch.Tensor) -> None:
        value = value.detach()
        self.words.append(f"tensor {tuple(value.shape)} {value.dtype} {value.layout}")
        if value.is_meta:
            self.words.append("meta")
            return
        self.elements += value.numel()
        if value.layout is not torch.strided or self.elements > LARGEST:
            raise _Unwritten
        value = value.cpu()  # gradients may be elsewhere, and not every device has float64
        if value.is_floating_point() or value.is_complex():
            self._numbers(value.reshape(-1), TOLERANCES.get(value.dtype, (0.0, 0.0)))
        else:
            self.words.append(str(value.reshape(-1).tolist()))

    def _numbers(self, numbers: torch.Tensor, tolerances: tuple[float, float]) -> None:
        if numbers.is_complex():
            numbers = torch.view_as_real(numbers.resolve_conj()).reshape(-1)
        wide = numbers.double()
        strange = wide.isnan() * 1 + wide.isposinf() * 2 + wide.isneginf() * 3
        if strange.any():
            self.words.append(str(strange.tolist()))
        relative, absolute = map(max, self.tolerances or tolerances, LEAST)
        size = torch.where(strange > 0, 0.0, wide)
        # The slope of this is 1 / (absolute + relative * size): a step for each tolerance.
        self.places.append(size.sign() * torch.log1p(size.abs() * relative / absolute) / relative)


@dataclass(frozen=True)
class Form:
    """One way to write what was seen; `margin` is how far its numbers are from the edges."""

    text: bytes
    margin: float = math.inf


def forms(seen: Observation) -> list[Form]:
    """Every way to write an observation; none for a result that is too large.

    Two that `alike` calls the same share a form. Of errors that is the type with the message, or
    the type alone where the line is a `raise`; of values, the result on each grid, with what else
    was seen of the call.
    """
    if seen.error is not None:
        return [Form(text.encode()) for text in _causes(seen.error)]
    writing = _Writing()
    try:
        writing.value(seen.result)
        writing.words.append(f"{seen.mutated} {seen.banned} {bool(seen.shares)}")
        writing.tolerances = GRADIENTS
        writing.value(seen.gradients or {})
        words = "\n".join(writing.words)
        places = torch.cat([torch.zeros(0, dtype=torch.float64), *writing.places])
        return [_on_grid(places, words, shift) for shift in range(SHIFTS)]
    except Exception:
        # It may be anything, and the name of a mistake is worth no error.
        return []


def firm(seen: Observation) -> list[Form]:
    """The forms to keep: all of an error's; of a value's the first far enough from the edges."""
    found = forms(seen)
    if seen.error is not None:
        return found
    for margin in MARGINS:
        for form in found:
            if form.margin >= margin:
                return [form]
    return []


def _on_grid(places: torch.Tensor, words: str, shift: int) -> Form:
    shifted = places / CELL + (shift + 0.5) / SHIFTS
    cells = shifted.floor()
    inside = shifted - cells
    margin = float(torch.minimum(inside, 1 - inside).min()) * CELL if len(places) else math.inf
    return Form(f"grid {shift}\n{words}\n{cells.long().tolist()}".encode(), margin)


def _causes(error: Raised) -> list[str]:
    found = [f"raised {error.name}\n{error.message}"]
    return [f"raised {error.name} by hand", *found] if raised_by_hand(error) else found
