"""Einsum: each letter is a loop; those that the output lacks are summed over.

Source: https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..translation import N_, _, ngettext
from .equation import Letter, Term, letter_of, output_of, split, term_of
from .explorer import Drawing, Explorer, Step
from .operand import Operand, Shape, listed, written


@dataclass(frozen=True)
class Einsum(Explorer):
    """`terms` has the letters of each operand; `letters` begin with those of the output."""

    operation: ClassVar[str] = N_("Einsum")
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
        operands = listed(map(str, self.operands))
        return _('"{equation}" of {operands}', equation=self.equation, operands=operands)

    @property
    def summary(self) -> str:
        for letter in self.letters:
            if letter.size is None:
                return _(
                    "The letter {letter} has two sizes: {sizes}.",
                    letter=letter.name,
                    sizes=self._sizes(letter),
                )
        summed = [letter for letter in self.letters if not letter.kept]
        count = math.prod(letter.size or 0 for letter in self.letters)
        known = {
            "shape": written(self.shape or ()),
            "products": ngettext("{number:,} product", "{number:,} products", count),
        }
        if not summed:
            return _("The result is {shape}, no letter is summed: {products}.", **known)
        return _(
            "The result is {shape}, summed over {letters}: {products}.",
            letters=listed(f"{x.name} ({x.size})" for x in summed),
            **known,
        )

    @property
    def steps(self) -> tuple[Step, ...]:
        kept = "".join(letter.name for letter in self.letters if letter.kept) or _("none")
        whole = _(
            "Each letter is one loop. The output keeps {letters}; what it lacks is summed.",
            letters=kept,
        )
        return (Step(_("all"), whole), *(Step(x.name, self._sentence(x)) for x in self.letters))

    @property
    def loops(self) -> tuple[str, ...]:
        """The same computation as loops, one line for each letter and one for the product."""
        lines: list[str] = []
        for letter in self.letters:
            loop = f"for {letter.name} in range({letter.size}):"
            if not letter.kept:
                loop = _("add up {loop}", loop=loop)
            lines.append("  " * len(lines) + loop)
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
            [x.name, *row, ("?" if x.size is None else str(x.size)) if x.kept else _("sum")]
            for x, row in zip(self.letters, rows, strict=True)
        ]
        names = ["", *(operand.label for operand in self.operands), _("result")]
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
        return listed(
            _("{size} in {name}", size=size, name=operand.label)
            for size, operand in pairs
            if size is not None
        )

    def _sentence(self, letter: Letter) -> str:
        name, size = letter.name, letter.size
        if size is None:
            return _("{sizes}: one letter must have one size.", sizes=self._sizes(letter))
        holders = [
            o.label for o, s in zip(self.operands, letter.sizes, strict=True) if s is not None
        ]
        known = {"letter": name, "size": size, "places": listed(holders)}
        if letter.kept and len(holders) > 1:
            said = _(
                "{letter} ({size}) is in {places} and in the result: equal {letter} meet, and stay "
                "apart.",
                **known,
            )
        elif letter.kept:
            said = _(
                "{letter} ({size}) is only in {places}, and in the result: it is kept, once for "
                "each of its {size}.",
                **known,
            )
        elif len(holders) > 1:
            said = _(
                "{letter} ({size}) is in {places}, not in the result: equal {letter} are "
                "multiplied, the {size} added up.",
                **known,
            )
        else:
            said = _(
                "{letter} ({size}) is only in {places}, not in the result: its {size} are added "
                "up.",
                **known,
            )
        twice = [
            o.label for o, t in zip(self.operands, self.terms, strict=True) if t.count(name) > 1
        ]
        if twice:
            said += " " + _(
                "It stands twice in {places}: only the diagonal is read.", places=listed(twice)
            )
        return said
