"""What a family makes of a failed operation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from ..translation import _
from .failed import Failed
from .model import Clash, Dimension, Fix, Operand

MOST_FIXES = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """The part of an Explanation that a family knows."""

    summary: str
    operands: tuple[Operand, ...] = ()
    clash: Clash | None = None
    fixes: tuple[Fix, ...] = ()


Family = Callable[[Failed, "re.Match[str]"], Finding | None]


def clash(rule: str, sentence: str, *dimensions: tuple[int, int]) -> Clash:
    """A clash of (operand, axis) pairs; negative axes are not for here."""
    return Clash(rule, sentence, tuple(Dimension(*pair) for pair in dimensions))


def few(fixes: list[Fix]) -> tuple[Fix, ...]:
    """The first of the fixes, none twice."""
    unique = {fix.code: fix for fix in reversed(fixes)}
    ordered = [fix for fix in fixes if unique.get(fix.code) is fix]
    return tuple(ordered[:MOST_FIXES])


def listed(shape: object) -> str:
    """A shape as it is written in text: (2, 3)."""
    if isinstance(shape, tuple):
        return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
    return _("of unknown shape")


def conjoined(words: list[str]) -> str:
    """The words with "and" between them."""
    return reduce(lambda one, other: _("{one} and {other}", one=one, other=other), words)


def dtypes(one: Operand, two: Operand) -> str:
    """The sentence that says of which dtypes two operands are."""
    return _(
        "{one} is {one_dtype}, {two} is {two_dtype}.",
        one=one.text,
        one_dtype=one.dtype,
        two=two.text,
        two_dtype=two.dtype,
    )
