"""Which statement of a cell assigns or changes which name: the sites, read from the cell's AST.

A site is one statement (for a compound one its header) with the targets it binds or changes in
place. Nothing is run; what a target holds is looked up later, by `targets.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from .targets import Target, changed, declared, target_of, value_may_be_tensor

Scope = tuple[int, str]
Function = ast.FunctionDef | ast.AsyncFunctionDef
MODULE: Scope = (0, "<module>")
# Of one cell: a generated monster of a cell must not cost the kernel its memory.
MOST_SITES = 1000


class Site(NamedTuple):
    """A statement; lines are 1-based in the parsed source, `line` its first, `end` its last.

    `scope` is the first line and the name of the code object that runs it. `role` is "parameter"
    (the targets are arguments, there from the start), "assigned" or "returned" (the value has no
    name; `targets` is then empty). `guarded`: it shares its line with the header of its block, so
    that having been on the line does not mean to have run it.
    """

    line: int
    end: int
    scope: Scope
    role: str
    targets: tuple[Target, ...]
    node: ast.AST
    function: Function | None
    guarded: bool = False


def sites_of(tree: ast.Module) -> list[Site]:
    """The sites of a cell in the order of its source, at most `MOST_SITES`."""
    found: list[Site] = []
    for site in _body(tree.body, MODULE, None):
        found.append(site)
        if len(found) == MOST_SITES:
            break
    return found


def shown(tree: ast.Module) -> Site | None:
    """The last statement, if it is an expression: the cell displays its value."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return None
    return Site(last.lineno, last.end_lineno or last.lineno, MODULE, "shown", (), last, None)


def _body(body: list[ast.stmt], scope: Scope, function: Function | None) -> Iterator[Site]:
    for statement in body:
        yield from _statement(statement, scope, function)


def _statement(node: ast.stmt, scope: Scope, function: Function | None) -> Iterator[Site]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        inner = (first_line(node), node.name)
        yield Site(node.lineno, node.lineno, inner, "parameter", _parameters(node), node, node)
        yield from _body(node.body, inner, node)
        return
    if isinstance(node, ast.ClassDef):
        yield from _body(node.body, (first_line(node), node.name), None)
        return
    targets = _dedupe([*_bound(node), *changed(header(node))])
    last = max((part.end_lineno or 0 for part in header(node)), default=node.lineno)
    if targets:
        yield Site(node.lineno, last, scope, "assigned", targets, node, function)
    if isinstance(node, ast.Return) and function is not None and node.value is not None:
        end = node.end_lineno or node.lineno
        if value_may_be_tensor(node.value):
            yield Site(node.lineno, end, scope, "returned", (), node, function)
    for body in bodies(node):
        for site in _body(body, scope, function):
            yield site._replace(guarded=site.guarded or site.line == node.lineno)
    if isinstance(node, ast.Match):
        for case in node.cases:
            yield from _body(case.body, scope, function)


def header(node: ast.stmt) -> list[ast.expr]:
    """The expressions that a statement itself evaluates, without those of its body."""
    match node:
        case ast.For() | ast.AsyncFor():
            return [node.target, node.iter]
        case ast.With() | ast.AsyncWith():
            parts = [(item.context_expr, item.optional_vars) for item in node.items]
            return [part for pair in parts for part in pair if part is not None]
        case ast.If() | ast.While():
            return [node.test]
        case ast.Match():
            return [node.subject]
        case ast.Try() | ast.TryStar() | ast.Return():
            return [node.value] if isinstance(node, ast.Return) and node.value else []
        case _:
            return [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]


def bodies(node: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of a compound statement, those of a match statement aside."""
    blocks = [getattr(node, part, []) for part in ("body", "orelse", "finalbody")]
    if isinstance(node, ast.Try | ast.TryStar):
        blocks[1:1] = [handler.body for handler in node.handlers]
    return [block for block in blocks if block]


def first_line(node: Function | ast.ClassDef) -> int:
    """`co_firstlineno` of its code: that of the first decorator, if there is one."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _bound(node: ast.stmt) -> Iterator[Target]:
    match node:
        case ast.Assign():
            for target in node.targets:
                # x[0] = 1 changes x, whatever the value.
                if isinstance(target, ast.Subscript) or value_may_be_tensor(node.value):
                    yield from target_of(target)
        case ast.AnnAssign() if node.value is not None:
            if value_may_be_tensor(node.value):
                yield from target_of(node.target)
        case ast.AugAssign():
            yield from target_of(node.target)
        case ast.For() | ast.AsyncFor():
            yield from target_of(node.target)
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                if item.optional_vars is not None:
                    yield from target_of(item.optional_vars)


def _parameters(node: Function) -> tuple[Target, ...]:
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return tuple(declared(argument.arg) for argument in plain if argument.arg != "self")


def _dedupe(targets: list[Target]) -> tuple[Target, ...]:
    return tuple({target.text: target for target in targets}.values())
