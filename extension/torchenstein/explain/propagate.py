"""Dimension names through the operations that only move dimensions or keep them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from ..dims import Names
from . import allowed
from .shadow import Shadow


def propagate(name: str, arguments: Sequence[Any], keywords: dict[str, Any]) -> Names | None:
    """The names of the result of operation `name`, None where they are lost."""
    first = arguments[0] if arguments else None
    if not isinstance(first, Shadow):
        return None
    shadows = [argument for argument in arguments if isinstance(argument, Shadow)]
    numbers = [n for n in (*arguments[1:], *keywords.values()) if type(n) is int]
    if name in allowed.ELEMENTWISE and len(shadows) == 2:
        return _broadcast(shadows[-2], shadows[-1])
    if first.names is None:
        return None
    names, rank = first.names, len(first.names)
    if name in allowed.KEEP_NAMES or (name in allowed.ELEMENTWISE and len(shadows) == 1):
        return names
    if name in ("T", "t"):
        return names[::-1]
    if name in ("mT", "mH") or (name in ("transpose", "swapaxes") and len(numbers) == 2):
        one, other = numbers if numbers else (-1, -2)
        order = list(range(rank))
        order[one], order[other] = order[other], order[one]
        return tuple(names[i] for i in order)
    if name == "permute" and len(numbers) == rank:
        return tuple(names[i] for i in numbers)
    if name == "unsqueeze" and len(numbers) == 1:
        at = numbers[0] % (rank + 1)
        return (*names[:at], None, *names[at:])
    if name in ("matmul", "mm", "bmm") and len(shadows) == 2 and rank >= 2:
        last = shadows[1].names
        return (*names[:-1], last[-1] if last and len(last) == rank else None)
    return None


def _broadcast(a: Shadow, b: Shadow) -> Names | None:
    if a.names is None and b.names is None:
        return None
    rows = [
        list(zip(s.shape[::-1], (s.names or (None,) * len(s.shape))[::-1], strict=True))
        for s in (a, b)
    ]
    names = []
    for one, other in zip_longest(*rows, fillvalue=(1, None)):
        # The dimension that is not stretched gives the name.
        wide = [name for size, name in (one, other) if size != 1 and name]
        names.append(next(iter(wide), None))
    return tuple(reversed(names))
