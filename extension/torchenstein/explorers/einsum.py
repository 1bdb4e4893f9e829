"""Einsum: each letter is a loop; those that the output lacks are summed over.

Source: https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from .explorer import Drawing, Explorer, Step
from .operand import Operand, Shape, counted, listed, written

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


@dataclass(frozen=True)
class Einsum(Explorer):
    """`terms` has the letters of each operand; `letters` those of the output first, then the summed."""

    operation: ClassVar[str] = "Einsum"
    equation: str
    operands: tuple[Operand, ...]
    terms: tuple[Term, ...]
    output: Term
    letters: tuple[Letter, ...]

    @classmethod
    def of(cls, equation: str, operands: Sequence[Operand]) -> Einsum:
        """Read an equation against shapes.

        Raises:
            ValueError: the equation is none, or names another number of operands or dimensions.
        """
        inputs, output = _parts(equation, len(operands))
        terms = tuple(map(_term, inputs, operands))
        dots = max((sum(name[0] == "…" for name in term) for term in terms), default=0)
        out = _output(output, terms, dots)
        summed = [name for term in terms for name in term if name not in out]
        letters = [_letter(name, terms, operands, out) for name in dict.fromkeys([*out, *summed])]
        return cls(equation.replace(" ", ""), tuple(operands), terms, out, tuple(letters))

    @property
    def shape(self) -> Shape | None:
        """The shape of the result; None where a letter has two sizes."""
        kept = [letter.size for letter in self.letters if letter.kept]
        return None if self.problem else tuple(size for size in kept if size is not None)

    @property
    def problem(self) -> bool:
        return any(letter.size is None for letter in self.letters)

    @property
    def subject(self) -> str:
        return f'"{self.equation}" of {listed(map(str, self.operands))}'

    @property
    def summary(self) -> str:
        for letter in self.letters:
            if letter.size is None:
                return f"The letter {letter.name} has two sizes: {self._sizes(letter)}."
        summed = [letter for letter in self.letters if not letter.kept]
        products = math.prod(letter.size or 0 for letter in self.letters)
        how = "no letter is summed"
        if summed:
            how = f"summed over {listed(f'{x.name} ({x.size})' for x in summed)}"
        return f"The result is {written(self.shape or ())}, {how}: {counted(products, 'product')}."

    @property
    def steps(self) -> tuple[Step, ...]:
        kept = "".join(letter.name for letter in self.letters if letter.kept) or "none"
        whole = f"Each letter is one loop. The output keeps {kept}; what it lacks is summed."
        return (Step("all", whole), *(Step(x.name, self._sentence(x)) for x in self.letters))

    @property
    def loops(self) -> tuple[str, ...]:
        """The same computation as loops, one line for each letter and one for the product."""
        lines = []
        for letter in self.letters:
            head = "for" if letter.kept else "add up for"
            lines.append(f"{'  ' * len(lines)}{head} {letter.name} in range({letter.size}):")
        factors = [
            f"{operand.label}[{', '.join(self._index(term, place))}]"
            for place, (operand, term) in enumerate(zip(self.operands, self.terms, strict=True))
        ]
        sign = "=" if all(letter.kept for letter in self.letters) else "+="
        target = f"result[{', '.join(self.output)}]" if self.output else "result"
        return (*lines, f"{'  ' * len(lines)}{target} {sign} {' * '.join(factors)}")

    def table(self) -> str:
        rows = [["" if s is None else str(s) for s in x.sizes] for x in self.letters]
        columns = [
            [x.name, *row, ("?" if x.size is None else str(x.size)) if x.kept else "sum"]
            for x, row in zip(self.letters, rows, strict=True)
        ]
        names = ["", *(operand.label for operand in self.operands), "result"]
        left = max(map(len, names))
        lines = []
        for place, name in enumerate(names):
            cells = "  ".join(c[place].rjust(max(map(len, c))) for c in columns)
            lines.append(f"  {name:<{left}}  {cells}".rstrip())
        loops = [] if self.problem else ["", *(f"  {line}" for line in self.loops)]
        return "\n".join([*lines, *loops])

    def drawing(self) -> Drawing:
        from .drawings.einsum import drawing

        return drawing(self)

    def _index(self, term: Term, operand: int) -> list[str]:
        sizes = {letter.name: letter for letter in self.letters}
        return [
            "0" if sizes[name].sizes[operand] == 1 and sizes[name].size != 1 else name
            for name in term
        ]

    def _sizes(self, letter: Letter) -> str:
        pairs = zip(letter.sizes, self.operands, strict=True)
        return listed(f"{size} in {operand.label}" for size, operand in pairs if size is not None)

    def _sentence(self, letter: Letter) -> str:
        name, size = letter.name, letter.size
        if size is None:
            return f"{self._sizes(letter)}: one letter must have one size."
        holders = [o.label for o, s in zip(self.operands, letter.sizes, strict=True) if s is not None]
        place = listed(holders)
        twice = [
            o.label for o, t in zip(self.operands, self.terms, strict=True) if t.count(name) > 1
        ]
        diagonal = f" It stands twice in {listed(twice)}: only the diagonal is read." if twice else ""
        if letter.kept and len(holders) > 1:
            said = f"in {place} and in the result: each {name} of one meets the same {name} of the other"
        elif letter.kept:
            said = f"only in {place}, and in the result: it is kept, once for each of its {size}"
        elif len(holders) > 1:
            said = f"in {place}, not in the result: what shares {name} is multiplied, then {size} are added"
        else:
            said = f"only in {place}, not in the result: its {size} are added up"
        return f"{name} ({size}) is {said}.{diagonal}"


def _parts(equation: str, operands: int) -> tuple[list[str], str | None]:
    text = equation.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    pattern = r"[A-Za-z]*(?:\.\.\.)?[A-Za-z]*"
    parts = inputs.split(",")
    if not all(re.fullmatch(pattern, part) for part in [*parts, output]):
        raise ValueError(f'"{equation}" is no equation of letters, commas and one ->')
    if len(parts) != operands:
        raise ValueError(
            f'"{equation}" names {counted(len(parts), "operand")}, and {operands} came with it'
        )
    return parts, output if arrow else None


def _term(part: str, operand: Operand) -> Term:
    letters = part.replace(DOTS, "")
    extra = operand.rank - len(letters)
    if extra < 0 or (extra > 0 and DOTS not in part):
        said = f'"{part}" names {counted(len(letters), "dimension")}'
        raise ValueError(f"{operand} has {operand.rank}, and {said}")
    before, _, after = part.partition(DOTS)
    return (*before, *(f"…{place}" for place in range(extra, 0, -1)), *after)


def _output(output: str | None, terms: Sequence[Term], dots: int) -> Term:
    ellipsis = tuple(f"…{place}" for place in range(dots, 0, -1))
    names = Counter(name for term in terms for name in term if name[0] != "…")
    if output is None:
        return (*ellipsis, *sorted(name for name, count in names.items() if count == 1))
    unknown = [name for name in output.replace(DOTS, "") if name not in names]
    if unknown:
        raise ValueError(f"the output names {listed(unknown)}, which no operand has")
    before, found, after = output.partition(DOTS)
    out = (*before, *(ellipsis if found else ()), *after)
    if len(set(out)) < len(out):
        raise ValueError("the output names a letter twice")
    return out


def _letter(name: str, terms: Sequence[Term], operands: Sequence[Operand], out: Term) -> Letter:
    sizes: list[int | None] = []
    seen: set[int] = set()
    for term, operand in zip(terms, operands, strict=True):
        own = [s for s, n in zip(operand.shape, term, strict=True) if n == name]
        seen.update(own)
        sizes.append(max(own) if own else None)
    large = seen - {1}
    size = None if len(large) > 1 else next(iter(large), 1)
    return Letter(name, tuple(sizes), size, name in out)
