"""Dimension names from what the code says: torch itself has no named tensors any more.

Read are docstrings (`x: shape (B, T, D)`), comments (`# (B, T, D)`), jaxtyping's annotations
(`Float[Tensor, "batch time"]`) and unpacked shapes (`B, T, D = x.shape`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from .model import Names
from .source import Source, current_shell

# A comment names what a line assigns; a docstring names a variable before the shape.
_LIST = re.compile(r"[(\[]\s*([A-Za-z_]\w*|\d+)((?:\s*,\s*(?:[A-Za-z_]\w*|\d+))*)\s*,?\s*[)\]]")
_SAID = re.compile(r"^\W*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\W*(?::|\s|`)[^()\[\]]{0,60}$")
_LETTERS = re.compile(r"[A-Za-z_]\w*")
MOST_CELLS = 30


class NamesInCode:
    """The names that one scope (a function, or a cell) gives to dimensions of its variables."""

    def __init__(self, source: Source, scope: ast.AST, before: int) -> None:
        self._found: dict[str, list[tuple[int, Names]]] = {}
        self._assigned: dict[str, list[int]] = {}
        self._before = before
        comments = dict(_comments(source, scope))
        for name, line, names in _from_docstring(scope):
            self._add(name, line, names)
        for node in _own_nodes(scope):
            self._read(node, comments)

    def of(self, name: str, rank: int) -> Names | None:
        """The names of the `rank` dimensions that `name` has at line `before`."""
        assigned = [line for line in self._assigned.get(name, []) if line < self._before]
        said = [(line, n) for line, n in self._found.get(name, []) if line < self._before]
        # Said of a value that was replaced meanwhile: no longer true.
        current = [names for line, names in said if line >= max(assigned, default=0)]
        return next((names for names in reversed(current) if len(names) == rank), None)

    def assigns(self, name: str) -> bool:
        return name in self._assigned

    def _add(self, name: str, line: int, names: Names) -> None:
        self._found.setdefault(name, []).append((line, names))

    def _read(self, node: ast.AST, comments: dict[int, str]) -> None:
        if isinstance(node, ast.arg) and node.annotation is not None:
            self._annotated(node.arg, node.lineno, node.annotation)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            self._annotated(node.target.id, node.end_lineno or 0, node.annotation)
        targets = _targets(node)
        statement: Any = node
        for target in targets:
            self._assigned.setdefault(target, []).append(statement.end_lineno)
        for line in range(statement.lineno, statement.end_lineno + 1) if targets else ():
            for name, names in _from_comment(comments.get(line, ""), targets):
                self._add(name, statement.end_lineno, names)
        if isinstance(node, ast.Assign):
            self._unpacked(node)

    def _annotated(self, name: str, line: int, annotation: ast.expr) -> None:
        for part in ast.walk(annotation):
            if isinstance(part, ast.Constant) and type(part.value) is str:
                words = part.value.replace("*", " ").split()
                self._add(name, line, tuple(map(_name, words)))

    def _unpacked(self, node: ast.Assign) -> None:
        target, value = node.targets[0], node.value
        shape = value.func if isinstance(value, ast.Call) and not value.args else value
        if not isinstance(target, ast.Tuple) or not isinstance(shape, ast.Attribute):
            return
        if shape.attr in ("shape", "size") and isinstance(shape.value, ast.Name):
            parts = [p.id if isinstance(p, ast.Name) else None for p in target.elts]
            names = tuple(None if p is None or p.strip("_") == "" else p for p in parts)
            self._add(shape.value.id, node.end_lineno or 0, names)


def from_cells(name: str, rank: int) -> Names | None:
    """What the last of the notebook's cells that assigned `name` says of its dimensions."""
    for source in cell_sources():
        said = NamesInCode(source, source.tree, len(source.lines) + 2)
        if said.assigns(name):
            return said.of(name, rank)
    return None


def cell_sources() -> Iterator[Source]:
    """The sources of the cells that ran, the latest first."""
    files = getattr(getattr(current_shell(), "compile", None), "_filename_map", {})
    for filename in list(reversed(list(files)))[:MOST_CELLS]:
        source = Source.of(filename)
        if source is not None:
            yield source


def _from_docstring(scope: ast.AST) -> Iterator[tuple[str, int, Names]]:
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    for line in (ast.get_docstring(scope) or "").splitlines():
        for found in _LIST.finditer(line):
            said = _SAID.match(line[: found.start()])
            for name in _LETTERS.findall(said[1]) if said else ():
                yield name, scope.lineno, _split(found)


def _from_comment(comment: str, targets: list[str]) -> Iterator[tuple[str, Names]]:
    # `(B, T, D) -> (B, D, T)`: the line's result is the last.
    found = list(_LIST.finditer(comment))
    said = _SAID.match(comment[: found[-1].start()].lstrip("# ")) if found else None
    words = _LETTERS.findall(said[1]) if said else []
    for name in [word for word in words if word in targets] or targets[:1] if found else ():
        yield name, _split(found[-1])


def _comments(source: Source, scope: ast.AST) -> Iterator[tuple[int, str]]:
    at: Any = scope
    first = getattr(at, "lineno", 1)
    last = getattr(at, "end_lineno", None) or len(source.lines)
    for number in range(first, last + 1):
        line = source.lines[number - 1] if number <= len(source.lines) else ""
        if "#" in line:
            yield number, line[line.index("#") :]


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions and classes in it."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(
            child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
        ):
            yield from _own_nodes(child)


def _targets(node: ast.AST) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    return [t.id for target in targets for t in ast.walk(target) if isinstance(t, ast.Name)]


def _split(found: re.Match[str]) -> Names:
    return tuple(_name(part.strip()) for part in (found[1] + found[2]).split(","))


def _name(word: str) -> str | None:
    return word if _LETTERS.fullmatch(word) else None
