"""Dimension names as people write them, and whether they fit a shape.

A spec is what one piece of text says of one tensor: a name, a number that the size must equal, None
for a dimension without a name, or `...` for any number of them. Sources of the notations:
https://docs.kidger.site/jaxtyping/api/array/, torch.einsum, https://einops.rocks/api/rearrange/.
torch itself has no named tensors any more.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from itertools import zip_longest
from types import EllipsisType

Spec = tuple[str | int | EllipsisType | None, ...]
# One for each dimension of a tensor, None where it has no name.
Names = tuple[str | None, ...]
# The operands of an einsum or einops pattern, each with its spec, and the spec of the result.
_Pattern = tuple[list[tuple[ast.expr, Spec]], Spec]

# A dimension may be computed: 3 * D, T // 2, D/H, (T + 1) // 2. But pre-norm and and/or are words.
_TERM = r"(?:[A-Za-z_]\w*|\d+)"
_BY = r"\s*(?:\*\*?|//|\+|[-/](?=\s*[A-Z\d(]))\s*"
_PART = rf"(?:{_TERM}|\(\s*{_TERM}(?:{_BY}{_TERM})*\s*\))"
_DIM = rf"(?:\*[A-Za-z_]\w*|\.\.\.|{_PART}(?:{_BY}{_PART})*)"
# Two dimensions or more, or one with its comma, a capital or a number alone: (x) is prose.
_GROUP = rf"[\(\[]\s*(?:{_DIM}(?:\s*,\s*{_DIM})+\s*,?|{_DIM}\s*,|[A-Z]\w{{0,3}}|\d+)\s*[\)\]]"
_WORD = r"[A-Za-z_]\w*"
_LIST = rf"[`*]*({_WORD}(?:[`*]*(?:\s*,\s*(?:and\s+)?|\s+and\s+)[`*]*{_WORD})*)[`*]*"
_FILLER = (
    r"(?:(?:an?|the|of|with|is|has|float\w*|int\w*|long|bool|tensors?|shaped?)\b[^\w\s(\[]?\s*)*"
)
# At the start of a line `q, k: any words, (B, T)`; anywhere `x (Tensor): tensor of shape (B, T)`.
_DOCUMENTED = re.compile(
    rf"^\W*(?:param\s+)?{_LIST}\s*(?:\([^()]*\)\s*)?:[^()\[\]]{{0,60}}(?={_GROUP})"
    rf"|\b{_LIST}\s*(?:\([\w.\[\], ]*\)\s*(?=:))?[:=,]?\s*{_FILLER}[:`]?\s*(?={_GROUP})"
)
_RETURNED = re.compile(rf"\b(?:[Rr]eturns?|RETURNS?)\b.*?({_GROUP})", re.DOTALL)
_PATTERNED = {"einsum", "rearrange", "reduce", "repeat"}
# Functions and methods of one tensor, whose result has its dimensions.
_KEPT = {
    *("abs", "neg", "exp", "log", "sqrt", "rsqrt", "square", "sin", "cos", "tanh", "sigmoid"),
    *("relu", "leaky_relu", "gelu", "silu", "elu", "softplus", "logsigmoid", "dropout"),
    *("softmax", "log_softmax", "float", "double", "half", "bfloat16", "long", "int", "bool"),
    *("clone", "detach", "contiguous", "cpu", "cuda"),
}
LONGEST_LINE = 500
# In a chip; longer ones of comments count as dimensions without a name.
LONGEST_NAME = 20


def groups(text: str) -> list[Spec]:
    """The specs in a text, in order: each `(B, T, D)` or `[B, T, D]`."""
    found = (match[0] for match in re.finditer(_GROUP, text))
    # [0, n) is an interval.
    whole = [group for group in found if group[0] + group[-1] in ("()", "[]")]
    return [tuple(map(_listed, group[1:-1].strip().rstrip(",").split(","))) for group in whole]


def documented(text: str) -> dict[str, list[Spec]]:
    """What a docstring or comment says of each name, alternatives in order; "" is the result."""
    said: dict[str, list[Spec]] = {}
    for line in text.splitlines():
        line = line[:LONGEST_LINE]
        found = list(_DOCUMENTED.finditer(line))
        for match, after in zip_longest(found, found[1:]):
            specs = groups(line[match.end() : after.start() if after else None])
            for name in re.findall(rf"(?!and\b)\b{_WORD}", match[1] or match[2]):
                said.setdefault(name, specs)
    returned = _RETURNED.search(text)
    if returned:
        said[""] = groups(returned[1])
    return said


def of_annotation(node: ast.expr | None) -> list[Spec]:
    """The specs of a jaxtyping annotation, alone or within another: Float[Tensor, "B T D"]."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError):
            return []
    found: list[Spec] = []
    for part in ast.walk(node) if node is not None else ():
        match part:
            case ast.Subscript(
                slice=ast.Tuple(elts=[ast.Name() | ast.Attribute(), ast.Constant(value=str(text))])
            ):
                found.append(_words(text))
    return found


def of_value(node: ast.expr | None) -> list[Spec]:
    """The spec of what einsum, rearrange, reduce or repeat returns, by its own pattern.

    Also of what an operation element by element makes of that; of two that differ it is neither.
    """
    results = {result for _, result in _patterns(node)}
    return list(results) if len(results) == 1 else []


def of_inputs(node: ast.expr | None) -> list[tuple[str, Spec]]:
    """The variables that such a pattern takes as they are, and the spec of each."""
    inputs = [pair for pairs, _ in _patterns(node) for pair in pairs]
    return [(operand.id, spec) for operand, spec in inputs if isinstance(operand, ast.Name)]


def of_unpacking(node: ast.AST) -> tuple[str, Spec] | None:
    """The variable whose shape a statement takes apart, and its spec: B, T, D = x.shape."""
    match node:
        case ast.Assign(
            targets=[ast.Tuple(elts=parts)],
            value=ast.Attribute(value=ast.Name(id=name), attr="shape")
            | ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="size"), args=[]),
        ) if not any(isinstance(part, ast.Starred) for part in parts):
            return name, tuple(_dim(getattr(part, "id", "")) for part in parts)
    return None


def fit(spec: Spec, shape: Sequence[int | None]) -> Names | None:
    """A name or None for each dimension of `shape`; None where the spec does not fit it.

    A name that would stand for two sizes is dropped: better no name than a wrong one.
    """
    if spec.count(...) > 1:
        return None
    if ... in spec:
        at, missing = spec.index(...), len(shape) - len(spec) + 1
        if missing < 0:
            return None
        spec = (*spec[:at], *[None] * missing, *spec[at + 1 :])
    if len(spec) != len(shape):
        return None
    sizes: dict[str, set[int | None]] = {}
    for dim, size in zip(spec, shape, strict=True):
        if isinstance(dim, int) and size is not None and dim != size:
            return None
        if isinstance(dim, str):
            sizes.setdefault(dim, set()).add(size)
    named = tuple(dim if isinstance(dim, str) and len(sizes[dim]) == 1 else None for dim in spec)
    return named if any(named) else None


def _patterns(node: ast.expr | None) -> list[_Pattern]:
    """What is said by a call with a pattern, or by those of which `node` keeps the dimensions."""
    match node:
        case ast.BinOp(op=operator) if not isinstance(operator, ast.MatMult):
            # Where the other one has more dimensions than the pattern, the spec will not fit.
            parts = [node.left, node.right]
        case ast.UnaryOp():
            parts = [node.operand]
        case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in _KEPT:
            parts = [owner, *node.args[:1]]
        case ast.Call(func=ast.Name(id=name)) if name in _KEPT:
            parts = node.args[:1]
        case _:
            parts = [node] if node is not None else []
    return [said for part in parts if (said := _pattern(part)) is not None]


def _pattern(node: ast.expr) -> _Pattern | None:
    """What a call of einsum, rearrange, reduce or repeat says, if `node` is one."""
    if not isinstance(node, ast.Call):
        return None
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    texts = [getattr(part, "value", None) for part in node.args]
    at = next((n for n, text in enumerate(texts) if isinstance(text, str)), None)
    if at is None or name not in _PATTERNED:
        return None
    left, arrow, right = str(texts[at]).partition("->")
    # torch.einsum has letters and comes before its operands, a pattern of einops words and after.
    letters = name == "einsum" and at == 0
    if not arrow and not letters:
        return None
    read, operands = (_letters, node.args[1:]) if letters else (_words, node.args[:at])
    inputs = [read(part) for part in left.split(",")]
    # einsum(pattern, *tensors) does not say which is which.
    known = len(operands) == len(inputs)
    pairs = list(zip(operands, inputs, strict=True)) if known else []
    return pairs, read(right) if arrow else _implied(left)


def _letters(text: str) -> Spec:
    return tuple(... if part == "..." else part for part in re.findall(r"\.\.\.|[A-Za-z]", text))


def _implied(inputs: str) -> Spec:
    letters = re.sub(r"[\s,.]", "", inputs)
    once = sorted(letter for letter in set(letters) if letters.count(letter) == 1)
    return (*((...,) if "..." in inputs else ()), *once)


def _words(text: str) -> Spec:
    # What einops puts in parentheses is one dimension made of several: it has no name of its own.
    return tuple(_dim(word) for word in re.sub(r"\([^)]*\)", " _ ", text).split())


def _listed(word: str) -> str | int | EllipsisType | None:
    dim = _dim(word.strip())
    return None if isinstance(dim, str) and len(dim) > LONGEST_NAME else dim


def _dim(word: str) -> str | int | EllipsisType | None:
    word = word.lstrip("#?")
    if word == "..." or word.startswith("*"):
        return ...
    if word.isdecimal():
        return int(word)
    name = word.partition("=")[0]
    return name if name.isidentifier() and not name.startswith("_") else None
