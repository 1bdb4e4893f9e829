"""Writing expressions: one part replaced, the rest as the learner wrote it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from .source import Source

ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Tuple, ast.ListComp)


def swapped(source: Source, node: ast.AST, parts: Mapping[int, str]) -> str:
    """The code of `node` where each part whose id is in `parts` is written as it says there."""
    at: Any = node
    found: list[Any] = [part for part in ast.walk(node) if id(part) in parts]
    if any(part.end_lineno != at.lineno for part in (at, *found)):
        # Over several lines the text is laid out anew; in one it stays as it is.
        return ast.unparse(ast.fix_missing_locations(_swap(node, parts)))
    line = source.lines[at.lineno - 1].encode()
    end: int = at.end_col_offset
    pieces: list[bytes] = []
    for part in sorted(found, key=lambda part: part.col_offset, reverse=True):
        pieces[:0] = [parts[id(part)].encode(), line[part.end_col_offset : end]]
        end = part.col_offset
    return b"".join([line[at.col_offset : end], *pieces]).decode()


def atom(text: str) -> str:
    """`text` in brackets where a method could not be called on it as it stands."""
    return text if isinstance(ast.parse(text, mode="eval").body, ATOMS) else f"({text})"


def _swap(node: Any, parts: Mapping[int, str]) -> Any:
    if isinstance(node, list):
        return [_swap(item, parts) for item in node]
    if not isinstance(node, ast.AST):
        return node
    if id(node) in parts:
        return ast.parse(parts[id(node)], mode="eval").body
    fields = {name: _swap(value, parts) for name, value in ast.iter_fields(node)}
    return type(node)(**fields)
