"""Dimension names as people write them, and whether they fit a shape.

A spec is what one piece of text says of one tensor: a name, a number that the size must equal, None
for a dimension without a name, or `...` for any number of them. Sources of the notations:
https://docs.kidger.site/jaxtyping/api/array/, torch.einsum, https://einops.rocks/api/rearrange/.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from types import EllipsisType

Spec = tuple[str | int | EllipsisType | None, ...]

_DIM = r"(?:\*?[A-Za-z_]\w{0,19}|\d+|\.\.\.)"
# Two dimensions or more, or one with its comma, a capital or a number alone: (x) is prose.
GROUP = rf"[\(\[]\s*(?:{_DIM}(?:\s*,\s*{_DIM})+\s*,?|{_DIM}\s*,|[A-Z]\w{{0,3}}|\d+)\s*[\)\]]"
_GROUP = re.compile(GROUP)
_EINOPS = {"rearrange", "reduce", "repeat"}


def groups(text: str) -> list[Spec]:
    """The specs in a text, in order: each `(B, T, D)` or `[B, T, D]`."""
    return [_words(found.group()[1:-1].replace(",", " ")) for found in _GROUP.finditer(text)]


def of_annotation(node: ast.expr | None) -> Spec | None:
    """The spec of a jaxtyping annotation: Float[Tensor, "B T D"]."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError):
            return None
    match node:
        case ast.Subscript(slice=ast.Tuple(elts=[_, ast.Constant(value=str() as text)])):
            return _words(text)
    return None


def of_value(node: ast.expr | None) -> Spec | None:
    """The spec of what einsum, rearrange, reduce or repeat returns, by its own pattern."""
    if not isinstance(node, ast.Call):
        return None
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
    pattern = next((text for text in texts if isinstance(text, str)), None)
    if pattern is None:
        return None
    if name == "einsum":
        return _einsum(pattern)
    return _words(pattern.rpartition("->")[2]) if name in _EINOPS and "->" in pattern else None


def fit(spec: Spec, shape: Sequence[int | None]) -> list[str | None] | None:
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
    named = [dim if isinstance(dim, str) and len(sizes[dim]) == 1 else None for dim in spec]
    return named if any(named) else None


def _einsum(pattern: str) -> Spec | None:
    inputs, arrow, output = pattern.partition("->")
    if not arrow:
        letters = re.sub(r"[\s,.]", "", inputs)
        once = sorted(letter for letter in set(letters) if letters.count(letter) == 1)
        return (*((...,) if "..." in inputs else ()), *once)
    if " " in output.strip():
        return _words(output)
    return tuple(... if part == "..." else part for part in re.findall(r"\.\.\.|\w", output))


def _words(text: str) -> Spec:
    # What einops puts in parentheses is one dimension made of several: it has no name of its own.
    return tuple(_dim(word) for word in re.sub(r"\([^)]*\)", "_", text).split())


def _dim(word: str) -> str | int | EllipsisType | None:
    word = word.lstrip("#?")
    if word == "..." or word.startswith("*"):
        return ...
    if word.isdecimal():
        return int(word)
    name = word.partition("=")[0]
    return name if name.isidentifier() and not name.startswith("_") else None
