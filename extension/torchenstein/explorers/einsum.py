"""Einsum: each letter is a loop; those that the output lacks are summed over.

Source: https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from .equation import Letter, Term, letter_of, output_of, split, term_of
from .explorer import Drawing, Explorer, Step
from .operand import Operand, Shape, counted, listed, written


@dataclass(frozen=True)
class Einsum(Explorer):
    """`terms` has the letters of each operand; `letters` begin with those of the output."""

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
        inputs, output = split(equation, len(operands))
        terms = tuple(map(term_of, inputs, operands))
        dots = max((sum(name[0] == "…" for name in term) for term in terms), default=0)
        out = output_of(output, terms, dots)
        summed = [name for term in terms for name in term if name not in out]
        letters = [letter_of(name, terms, operands, out) for name in dict.fromkeys([*out, *summed])]
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
        lines: list[str] = []
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
        holders = [
            o.label for o, s in zip(self.operands, letter.sizes, strict=True) if s is not None
        ]
        place = listed(holders)
        twice = [
            o.label for o, t in zip(self.operands, self.terms, strict=True) if t.count(name) > 1
        ]
        diagonal = (
            f" It stands twice in {listed(twice)}: only the diagonal is read." if twice else ""
        )
        if letter.kept and len(holders) > 1:
            said = f"in {place} and in the result: equal {name} meet, and stay apart"
        elif letter.kept:
            said = f"only in {place}, and in the result: it is kept, once for each of its {size}"
        elif len(holders) > 1:
            said = (
                f"in {place}, not in the result: equal {name} are multiplied, the {size} added up"
            )
        else:
            said = f"only in {place}, not in the result: its {size} are added up"
        return f"{name} ({size}) is {said}.{diagonal}"
