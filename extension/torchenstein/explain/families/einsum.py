"""einsum: one letter is one size, in every operand."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from itertools import permutations

from ...translation import _
from ..failed import Failed
from ..finding import Finding, clash, few, listed
from ..model import Clash, Fix, Operand

# Orders of the letters of one operand that are tried.
MOST_LETTERS = 5


def einsum(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Letters that do not fit the shapes, or an output that no operand gives."""
    operation = failed.operation
    values, nodes = operation.values, operation.nodes
    if operation.name != "einsum" or not values or type(values[0]) is not str:
        return None
    equation = values[0].replace(" ", "")
    inputs, _arrow, output = equation.partition("->")
    terms = inputs.split(",")
    received = failed.inside("einsum")
    tensors = list(received["args"][1:]) if received and "args" in received else []
    texts = [failed.source.segment(node) for node in nodes[1:]]
    if len(texts) != len(tensors):
        texts = [_("operand {place}", place=i) for i in range(len(tensors))]
    operands = [
        _lettered(failed.seen(tensor, text), terms[i] if i < len(terms) else "")
        for i, (tensor, text) in enumerate(zip(tensors, texts, strict=True))
    ]
    summary, found, fixes = _judge(failed, terms, output, operands)
    return Finding(summary, tuple(operands), found, few(fixes))


def _judge(
    failed: Failed, terms: list[str], output: str, operands: list[Operand]
) -> tuple[str, Clash | None, list[Fix]]:
    fixes: list[Fix] = []
    if len(terms) != len(operands):
        summary = _(
            "The equation has {named} operands, and {given} were given.",
            named=len(terms),
            given=len(operands),
        )
        return summary, None, []
    for i, (term, operand) in enumerate(zip(terms, operands, strict=True)):
        rank = len(operand.shape or ())
        if "." not in term and len(term) != rank:
            summary = _(
                "The letters {letters} are {count}, and {operand} {shape} has {rank} dimensions: "
                "one letter each.",
                letters=term,
                count=len(term),
                operand=operand.text,
                shape=listed(operand.shape),
                rank=rank,
            )
            for start in range(1, len(term)):
                fixes += _try(failed, terms, i, term[start:], output)
            return summary, clash("rank", summary, *((i, axis) for axis in range(rank))), fixes
    sizes: dict[str, tuple[int, int]] = {}
    for i, (term, operand) in enumerate(zip(terms, operands, strict=True)):
        for axis, letter in enumerate(term if "." not in term else ""):
            size = (operand.shape or ())[axis]
            first = sizes.setdefault(letter, (i, axis))
            before = (operands[first[0]].shape or ())[first[1]]
            if size != before and 1 not in (size, before):
                summary = _(
                    "The letter {letter} stands for size {before} in {first} and for size {size} "
                    "in {second}. One letter is one size.",
                    letter=letter,
                    before=before,
                    first=operands[first[0]].text,
                    size=size,
                    second=operand.text,
                )
                found = clash("letter", summary, first, (i, axis))
                return summary, found, _orders(failed, terms, output, i)
    unknown = [letter for letter in output if letter.isalpha() and letter not in "".join(terms)]
    if unknown:
        letters = dict.fromkeys("".join(terms).replace(".", ""))
        summary = _(
            "The output letter {letter} is in no operand; there are {letters}.",
            letter=unknown[0],
            letters=", ".join(letters),
        )
        # Letters of one operand only are those a sum should not swallow: first.
        free = sorted(letters, key=lambda letter: sum(letter in term for term in terms))
        for letter in (letter for letter in free if letter not in output):
            fixes += _try(failed, terms, 0, terms[0], output.replace(unknown[0], letter), letter)
        return summary, None, fixes
    doubled = [letter for letter in output if output.count(letter) > 1]
    if doubled:
        summary = _(
            "The output names the letter {letter} twice; once is all it takes.", letter=doubled[0]
        )
        return summary, None, []
    return _("The equation does not fit the operands."), None, []


def _orders(failed: Failed, terms: list[str], output: str, last: int) -> list[Fix]:
    """The same letters in another order for one operand."""
    fixes: list[Fix] = []
    for i in (last, *(n for n in range(len(terms)) if n != last)):
        if len(terms[i]) > MOST_LETTERS:
            continue
        for order in permutations(terms[i]):
            if "".join(order) != terms[i]:
                fixes += _try(failed, terms, i, "".join(order), output)
    return fixes


def _try(
    failed: Failed, terms: list[str], place: int, term: str, output: str, kept: str = ""
) -> list[Fix]:
    node = failed.operation.nodes[0]
    if not isinstance(node, ast.Constant) or type(node.value) is not str:
        return []
    changed = [*terms[:place], term, *terms[place + 1 :]]
    equation = ", ".join(changed) if ", " in node.value else ",".join(changed)
    arrow = " -> " if " ->" in node.value else "->"
    if "->" in node.value:
        equation += arrow + output
    code = failed.rewritten(node, repr(equation))
    sentence = _("Name the dimensions {letters}.", letters=term)
    if kept:
        sentence = _("Keep the letter {letter}.", letter=kept)
    return failed.fix(sentence, code)


def _lettered(operand: Operand, term: str) -> Operand:
    """The operand with the equation's letters for names, where the code has no better ones."""
    if operand.names is not None or operand.shape is None or len(term) != len(operand.shape):
        return operand
    return replace(operand, names=tuple(term))
