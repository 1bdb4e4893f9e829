"""From a frame's instruction to the expression the learner wrote, by the compiler's own positions.

Nothing is run: Python 3.11 and later keep the columns of every instruction (PEP 657), counted in
bytes of UTF-8 as those of `ast` are.
"""

from __future__ import annotations

import ast
import linecache
from itertools import islice
from types import CodeType
from typing import Any

from ..inspector.survey import current_shell
from ..lines.sites import Function, first_line
from .model import Place

Span = tuple[int, int, int, int]
TIMED = ("<timed exec>", "<timed eval>")


class Source:
    """The text of one file or cell, and its syntax tree; `above` it are lines that are missing."""

    def __init__(self, filename: str, lines: list[str], above: int = 0) -> None:
        self.filename = filename
        self._above = above
        self.lines = lines
        self.text = "".join(lines)
        self.tree = ast.parse(self.text)

    @classmethod
    def of(cls, filename: str) -> Source | None:
        """The source Python remembers for `filename`; None if there is none or it is not Python."""
        try:
            if filename in TIMED:
                # The first line of the cell is the magic's.
                return cls(filename, _timed(), above=1)
            return cls(filename, linecache.getlines(filename))
        except (SyntaxError, ValueError):
            return None

    def node(self, span: Span) -> ast.AST | None:
        """The innermost node that an instruction with these positions belongs to."""
        found = None
        for node in ast.walk(self.tree):
            if span in _spans(node):
                found = node
        return _meant(found)

    def segment(self, node: ast.AST) -> str:
        """The text of `node` on one line, as it is written otherwise."""
        text = ast.get_source_segment(self.text, node) or ast.unparse(node)
        return text if "\n" not in text else ast.unparse(node)

    def place(self, node: ast.AST) -> Place:
        """Where `node` stands, in characters."""
        at: Any = node
        return Place(
            self.filename,
            cell_number(self.filename),
            at.lineno + self._above,
            self._characters(at.lineno, at.col_offset),
            at.end_lineno + self._above,
            self._characters(at.end_lineno, at.end_col_offset),
        )

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The smallest statement that holds `node`."""
        found: ast.stmt | None = None
        for candidate in ast.walk(self.tree):
            inside = any(part is node for part in ast.walk(candidate))
            if isinstance(candidate, ast.stmt) and inside:
                found = candidate
        return found

    def scope(self, line: int) -> ast.AST:
        """The innermost function around `line`, else the whole tree."""
        found: ast.AST = self.tree
        for node in ast.walk(self.tree):
            if isinstance(node, Function) and first_line(node) <= line <= (node.end_lineno or 0):
                found = node
        return found

    def _characters(self, line: int, byte: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return len(text.encode()[:byte].decode(errors="replace"))


def positions(code: CodeType, instruction: int) -> Span | None:
    """Line, column, end line, end column of the instruction at byte `instruction` of `code`."""
    found = next(islice(code.co_positions(), instruction // 2, None), None)
    if found is None:
        return None
    line, end_line, column, end_column = found
    if line is None or end_line is None or column is None or end_column is None:
        return None
    return line, column, end_line, end_column


def cell_number(filename: str) -> int | None:
    """The execution count of the cell that IPython compiled under `filename`."""
    shell = current_shell()
    numbers = getattr(getattr(shell, "compile", None), "_filename_map", {})
    number = numbers.get(filename)
    if filename in TIMED and shell is not None:
        number = shell.execution_count - 1
    return number if type(number) is int else None


def _meant(node: ast.AST | None) -> ast.AST | None:
    """The part of a statement whose value it asks for: some Pythons name the statement only."""
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        return node.test
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    return node.iter if isinstance(node, ast.For | ast.AsyncFor) else node


def _spans(node: ast.AST) -> list[Span]:
    at: Any = node
    if not isinstance(node, ast.expr | ast.stmt) or isinstance(node, ast.Expr):
        return []
    spans = [(at.lineno, at.col_offset, at.end_lineno, at.end_col_offset)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        # A method on a line of its own: the compiler lets the call begin at the method's name.
        name: Any = node.func
        start = name.end_col_offset - len(name.attr.encode())
        spans.append((name.end_lineno, start, at.end_lineno, at.end_col_offset))
    return spans


def _timed() -> list[str]:
    """The body of the last cell, one under %%time: only the history has its text."""
    history = getattr(current_shell(), "history_manager", None)
    cells = getattr(history, "input_hist_raw", None) or [""]
    first, _, body = cells[-1].partition("\n")
    return body.splitlines(keepends=True) if first.startswith("%%time") else []
