"""The equation of torch.einsum, read against shapes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..translation import _, ngettext
from .operand import Operand, listed

Term = tuple[str, ...]
DOTS = "..."


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: `sizes` has one entry for each operand, None where the operand lacks it.

    A size of 1 meets any other, as in torch. `size` is None where the sizes clash. A dimension
    that an ellipsis stands for is called …1, counted from the right.
    """

    name: str
    sizes: tuple[int | None, ...]
    size: int | None
    kept: bool


def split(equation: str, operands: int) -> tuple[list[str], str | None]:
    text = equation.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    pattern = r"[A-Za-z]*(?:\.\.\.)?[A-Za-z]*"
    parts = inputs.split(",")
    if not all(re.fullmatch(pattern, part) for part in [*parts, output]):
        raise ValueError(
            _('"{equation}" is no equation of letters, commas and one ->', equation=equation)
        )
    if len(parts) != operands:
        raise ValueError(
            ngettext(
                '"{equation}" names {number:,} operand, and {given} came with it',
                '"{equation}" names {number:,} operands, and {given} came with it',
                len(parts),
                equation=equation,
                given=operands,
            )
        )
    return parts, output if arrow else None


def term_of(part: str, operand: Operand) -> Term:
    letters = part.replace(DOTS, "")
    extra = operand.rank - len(letters)
    if extra < 0 or (extra > 0 and DOTS not in part):
        raise ValueError(
            ngettext(
                '{operand} has {rank}, and "{letters}" names {number:,} dimension',
                '{operand} has {rank}, and "{letters}" names {number:,} dimensions',
                len(letters),
                operand=operand,
                rank=operand.rank,
                letters=part,
            )
        )
    before, _dots, after = part.partition(DOTS)
    return (*before, *(f"…{place}" for place in range(extra, 0, -1)), *after)


def output_of(output: str | None, terms: Sequence[Term], dots: int) -> Term:
    ellipsis = tuple(f"…{place}" for place in range(dots, 0, -1))
    names = Counter(name for term in terms for name in term if name[0] != "…")
    if output is None:
        return (*ellipsis, *sorted(name for name, count in names.items() if count == 1))
    unknown = [name for name in output.replace(DOTS, "") if name not in names]
    if unknown:
        raise ValueError(
            _("the output names {letters}, which no operand has", letters=listed(unknown))
        )
    before, found, after = output.partition(DOTS)
    out = (*before, *(ellipsis if found else ()), *after)
    if len(set(out)) < len(out):
        raise ValueError(_("the output names a letter twice"))
    return out


def letter_of(name: str, terms: Sequence[Term], operands: Sequence[Operand], out: Term) -> Letter:
    sizes: list[int | None] = []
    seen: set[int] = set()
    for term, operand in zip(terms, operands, strict=True):
        own = [s for s, n in zip(operand.shape, term, strict=True) if n == name]
        seen.update(own)
        sizes.append(max(own) if own else None)
    large = seen - {1}
    size = None if len(large) > 1 else next(iter(large), 1)
    return Letter(name, tuple(sizes), size, name in out)
