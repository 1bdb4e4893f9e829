"""What a cell's own text says about the dimensions of its tensors.

In the order of trust: a comment on the statement, or above it if it names the tensor, its
annotation, its einsum or einops pattern, for arguments and results the annotations, the docstring
and the first comments of the function, the names to which a later statement unpacks the shape, and
a later pattern that takes the tensor.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from ..dims import (
    Names,
    Spec,
    documented,
    fit,
    groups,
    of_annotation,
    of_inputs,
    of_unpacking,
    of_value,
)
from .sites import Function, Scope, Site

# Methods in place after which the dimensions are others.
_MOVED = {"t_", "transpose_", "swapaxes_", "swapdims_", "squeeze_", "unsqueeze_", "resize_", "set_"}
_ARROW = re.compile("->|=>|→")


class CellNames:
    """The dimension names of one cell. Sizes seen are kept as numbers, to tell apart what fits.

    `sites` are those of `source`, all of each scope that will be asked for.
    """

    def __init__(self, source: str, sites: Iterable[Site]) -> None:
        self._comments, self._alone = _comments(source)
        self._documented: dict[int, dict[str, list[Spec]]] = {}
        self._sizes: dict[Scope, dict[str, int | None]] = {}
        self._scopes: dict[Scope, list[Site]] = {}
        for site in sites:
            self._scopes.setdefault(site.scope, []).append(site)

    def of(self, site: Site, text: str | None, shape: Sequence[int | None] | None) -> Names | None:
        """A name or None for each dimension of `shape`, which the site gave to `text`.

        `text` is the target as written, None for a value without a name. None for no names.
        """
        if shape is None:
            return None
        sizes = self._sizes.setdefault(site.scope, {})
        believed = (
            named
            for named in _fitting(self._perhaps(site, text, shape), shape)
            if all(n and sizes.get(n) == s for n, s in zip(named, shape, strict=True))
        )
        said, taken = self._said(site, text), self._taken(site, text)
        found = next(chain(_fitting(said, shape), believed, _fitting(taken, shape)), None)
        if found is not None:
            sizes.update((n, s) for n, s in zip(found, shape, strict=True) if n)
        return found

    def _said(self, site: Site, text: str | None) -> Iterator[Spec]:
        node, function = site.node, site.function
        if site.role == "parameter" and function is not None:
            yield from self._of_argument(function, text)
        else:
            sure, specs = self._commented(site, text)
            yield from specs if sure else []
            yield from of_annotation(getattr(node, "annotation", None))
            if len(site.targets) < 2:
                yield from of_value(getattr(node, "value", None))
        if function is not None and site.role == "returned":
            yield from of_annotation(function.returns)
            yield from self._doc(function).get("", [])
        if text is not None:
            unpacked = map(of_unpacking, self._later(site, text))
            yield from (said[1] for said in unpacked if said and said[0] == text)
            before = self._before(site, text) if _in_place(site.node, text) else None
            yield from self._said(before, text) if before is not None else []

    def _perhaps(self, site: Site, text: str | None, shape: Sequence[int | None]) -> Iterator[Spec]:
        """What is only believed where each name still has the size that was seen of it."""
        yield from self._commented(site, text)[1]
        # An argument assigned again may have kept its dimensions; but after x = x.transpose(0, 1)
        # the names of a square x would lie.
        if site.function is not None and len(set(shape)) == len(shape):
            yield from self._of_argument(site.function, text)

    def _commented(self, site: Site, text: str | None) -> tuple[bool, list[Spec]]:
        """The specs of the statement's comment, and whether they are surely those of `text`."""
        lines = range(site.end, site.line - 1, -1)
        comment = next((self._comments[n] for n in lines if n in self._comments), "")
        texts = [target.text for target in site.targets]
        alone = self._alone.get(site.line - 1, "") if not comment else ""
        # (B, T, D) -> (B, D, T): the result is the last. What is left of it is never the result's.
        result, after = (_ARROW.split(part)[-1] for part in (comment, alone))
        above = documented(alone)
        if above.keys() & set(texts):
            return True, [spec for spec in above.get(text or "", []) if spec in groups(after)]
        said, told = groups(result), documented(result)
        if told.keys() & set(texts):
            return True, told.get(text or "", [])
        if len(said) == len(texts) and text in texts:
            return True, [said[texts.index(text)]]
        # out, hidden = rnn(x)  # (B, T, D): may be of the first alone.
        return text not in texts[1:], said[::-1]

    def _taken(self, site: Site, text: str | None) -> Iterator[Spec]:
        """What the patterns of later statements say of `text`, often in letters only."""
        for node in self._later(site, text) if text is not None else ():
            inputs = of_inputs(node.value) if isinstance(node, ast.Assign | ast.Return) else []
            yield from (spec for name, spec in inputs if name == text)

    def _later(self, site: Site, text: str) -> Iterator[ast.AST]:
        """The statements after `site`, to the one that binds `text` anew, which still reads it."""
        for other in self._scopes.get(site.scope, []):
            if other.line > site.line:
                yield other.node
                if _binds(other, text):
                    break

    def _before(self, site: Site, text: str) -> Site | None:
        """Where the value came from that `site` changes in place."""
        sites = self._scopes.get(site.scope, [])
        return max(
            (other for other in sites if other.line < site.line and _binds(other, text)),
            key=lambda other: other.line,
            default=None,
        )

    def _of_argument(self, function: Function, name: str | None) -> Iterator[Spec]:
        arguments = function.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.arg == name:
                yield from of_annotation(argument.annotation)
                yield from self._doc(function).get(name, [])

    def _doc(self, function: Function) -> dict[str, list[Spec]]:
        if function.lineno not in self._documented:
            docstring = ast.get_docstring(function)
            statements = function.body[docstring is not None :]
            # A mark of Python 3.11 stands on the line of the function itself.
            first = next((n.lineno for n in statements if n.lineno > function.lineno), 0)
            comments = (self._comments.get(line, "") for line in range(function.lineno, first))
            text = "\n".join((docstring or "", *comments))
            self._documented[function.lineno] = documented(text)
        return self._documented[function.lineno]


def _fitting(specs: Iterable[Spec], shape: Sequence[int | None]) -> Iterator[Names]:
    return (named for spec in specs if (named := fit(spec, shape)) is not None)


def _binds(site: Site, text: str) -> bool:
    bound = any(target.text == text for target in site.targets)
    return bound and not _in_place(site.node, text)


def _in_place(node: ast.AST, text: str) -> bool:
    """Whether a statement that changes `text` leaves its dimensions as they were."""
    match node:
        case ast.AugAssign():
            return not isinstance(node.op, ast.MatMult)
        case ast.Assign():
            items = all(isinstance(target, ast.Subscript) for target in node.targets)
            return items and text not in map(ast.unparse, node.targets)
        case ast.Expr():
            parts = list(ast.walk(node))
            binds = any(isinstance(part, ast.NamedExpr) for part in parts)
            return not binds and _MOVED.isdisjoint(getattr(part, "attr", "") for part in parts)
    return False


def _comments(source: str) -> tuple[dict[int, str], dict[int, str]]:
    """The comments with shapes, by line (1-based), and those that have a line of their own."""
    found: dict[int, str] = {}
    alone: dict[int, str] = {}
    if "#" not in source:
        return found, alone
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and groups(token.string):
                found[token.start[0]] = token.string
                if token.line.lstrip().startswith("#"):
                    alone[token.start[0]] = token.string
    except (tokenize.TokenError, SyntaxError):
        # Python's own parser was content with the cell: what was read so far is of use.
        pass
    return found, alone
