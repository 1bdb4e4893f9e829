"""What a cell's own text says about the dimensions of its tensors.

In the order of trust: a comment on the statement, its annotation, its einsum or einops pattern, and
for arguments and results the annotations and the docstring of the function.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Sequence

from .dims import GROUP, Spec, fit, groups, of_annotation, of_value
from .sites import Function, Scope, Site

_FILLER = r"(?:(?:an?|the|of|with|is|has|float\w*|int\w*|long|bool|tensors?|shaped?)\b\W?\s*)*"
# x: shape (B, T, D); x (Tensor): tensor of shape (B, T, D); `x` of shape (B, T)
_DOCUMENTED = re.compile(
    rf"[`*]*(\w+)[`*]*\s*(?:\([\w.\[\], ]*\)\s*(?=:))?[:=,]?\s*{_FILLER}[:`]?\s*({GROUP})"
)
_RETURNED = re.compile(rf"\b(?:[Rr]eturns?|RETURNS?)\b.*?({GROUP})", re.DOTALL)
_NOT_A_NAME = {"shape", "shaped", "of", "returns", "return", "tensor", "tensors", "the", "and"}


class Names:
    """The dimension names of one cell. Sizes seen are kept as numbers, to tell apart what fits."""

    def __init__(self, source: str) -> None:
        self._comments = _comments(source)
        self._documented: dict[int, dict[str, Spec]] = {}
        self._sizes: dict[Scope, dict[str, int | None]] = {}

    def of(
        self, site: Site, text: str | None, shape: Sequence[int | None] | None
    ) -> list[str | None] | None:
        """A name or None for each dimension of `shape`, which the site gave to `text`.

        `text` is the target as written, None for a value without a name. None for no names.
        """
        if shape is None:
            return None
        for spec in self._said(site, text):
            named = fit(spec, shape)
            if named is not None:
                sizes = self._sizes.setdefault(site.scope, {})
                sizes.update((n, s) for n, s in zip(named, shape, strict=True) if n)
                return named
        return self._kept(site, text, shape)

    def _said(self, site: Site, text: str | None) -> list[Spec]:
        specs: list[Spec | None] = []
        node = site.node
        if site.role != "parameter":
            specs.append(self._commented(site, text))
            specs.append(of_annotation(getattr(node, "annotation", None)))
            if len(site.targets) < 2:
                specs.append(of_value(getattr(node, "value", None)))
        if site.function is not None and site.role == "parameter" and text is not None:
            specs += [_annotated(site.function, text), self._doc(site.function).get(text)]
        if site.function is not None and site.role == "returned":
            specs += [of_annotation(site.function.returns), self._doc(site.function).get("")]
        return [spec for spec in specs if spec]

    def _commented(self, site: Site, text: str | None) -> Spec | None:
        for line in range(site.end, site.line - 1, -1):
            found = self._comments.get(line)
            if found:
                texts = [target.text for target in site.targets]
                paired = len(found) == len(texts) and text in texts
                return found[texts.index(text)] if paired and text else found[-1]
        return None

    def _kept(
        self, site: Site, text: str | None, shape: Sequence[int | None]
    ) -> list[str | None] | None:
        """What the function says of an argument, while a name assigned again still has its sizes.

        Only where each size can be no other dimension: after x = x.transpose(0, 1) the names of a
        square x would lie.
        """
        if site.function is None or text is None:
            return None
        spec = _annotated(site.function, text) or self._doc(site.function).get(text)
        named = fit(spec, shape) if spec else None
        sizes = self._sizes.get(site.scope, {})
        if named is None or None in named or len(set(shape)) < len(shape):
            return None
        return (
            named
            if all(sizes.get(n or "") == s for n, s in zip(named, shape, strict=True))
            else None
        )

    def _doc(self, function: Function) -> dict[str, Spec]:
        """Specs of the docstring by name; the result's under the empty name."""
        known = self._documented.get(function.lineno)
        if known is None:
            text = ast.get_docstring(function) or ""
            known = {}
            for found in _DOCUMENTED.finditer(text):
                if found[1].lower() not in _NOT_A_NAME:
                    known.setdefault(found[1], groups(found[2])[0])
            returned = _RETURNED.search(text)
            if returned:
                known[""] = groups(returned[1])[0]
            self._documented[function.lineno] = known
        return known


def _annotated(function: Function, name: str) -> Spec | None:
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.arg == name:
            return of_annotation(argument.annotation)
    return None


def _comments(source: str) -> dict[int, list[Spec]]:
    """The specs in the comment of each line (1-based)."""
    found: dict[int, list[Spec]] = {}
    if "#" not in source:
        return found
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                specs = groups(token.string)
                if specs:
                    found[token.start[0]] = specs
    except (tokenize.TokenError, SyntaxError):
        # Python's own parser was content with the cell: what was read so far is of use.
        pass
    return found
