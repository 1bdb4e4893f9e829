"""Which binding of a name a statement sees: read from the text of a cell, nothing is run.

Blocks are the bodies of compound statements. What a block binds may not have happened for a
statement outside of it, so a name is only told where one binding is sure to be the last.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..lines.sites import MODULE, Function, Scope, bodies, first_line, header

OWN_NAMES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
Inner = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, eq=False, slots=True)
class Statement:
    """One statement: where it stands, in which blocks (outermost first) and loops of its scope."""

    node: ast.stmt
    order: int
    scope: Scope
    function: Function | None
    blocks: tuple[int, ...]
    loops: tuple[int, ...]

    def parts(self) -> list[ast.expr]:
        """The expressions that the statement itself evaluates."""
        if isinstance(self.node, Inner):
            return []
        return header(self.node)

    def nodes(self) -> Iterator[ast.expr]:
        """All parts of its expressions, without those of lambdas and comprehensions.

        These have names of their own.
        """
        waiting: list[ast.AST] = list(reversed(self.parts()))
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.expr):
                yield node
            if not isinstance(node, OWN_NAMES):
                waiting.extend(reversed(list(ast.iter_child_nodes(node))))


@dataclass(frozen=True, eq=False, slots=True)
class Binding:
    """`value` is the expression bound as a whole; None where it is a part of it, or none at all."""

    name: str
    statement: Statement
    value: ast.expr | None
    augmented: bool = False


@dataclass(slots=True)
class Flow:
    """The statements of a cell in order, and what each scope binds."""

    tree: ast.Module
    statements: list[Statement] = field(default_factory=list)
    functions: dict[Scope, Function] = field(default_factory=dict)
    classes: dict[Scope, ast.ClassDef] = field(default_factory=dict)
    _bindings: dict[tuple[Scope, str], list[Binding]] = field(default_factory=dict)
    _blocks: int = 0

    def __post_init__(self) -> None:
        self._body(self.tree.body, MODULE, None, (), ())
        for statement in self.statements:
            for binding in _bindings(statement):
                self._bindings.setdefault((statement.scope, binding.name), []).append(binding)

    def bindings(self, scope: Scope, name: str) -> list[Binding]:
        """Every binding of the name in the scope, in the order of the text."""
        return self._bindings.get((scope, name), [])

    def names(self, scope: Scope) -> list[str]:
        return [name for of, name in self._bindings if of == scope]

    def binding(self, name: str, use: Statement) -> Binding | None:
        """The binding that `use` is sure to see; None where there is none or it is not sure."""
        found = self.bindings(use.scope, name)
        before = [b for b in found if b.statement.order < use.order]
        last = before[-1] if before else None
        if last is None or not _encloses(last.statement, use):
            return None
        inner = set(use.loops) - set(last.statement.loops)
        later = [b for b in found if b.statement.order >= use.order]
        return None if any(inner & set(b.statement.loops) for b in later) else last

    def candidates(self, name: str, use: Statement) -> list[Binding]:
        """The bindings that `use` may see, where none is sure."""
        found = self.bindings(use.scope, name)
        loops = set(use.loops)
        return [b for b in found if b.statement.order < use.order or loops & set(b.statement.loops)]

    def between(self, name: str, start: Statement, end: Statement) -> bool:
        """Whether the name is bound anew after `start` and before `end`."""
        orders = [b.statement.order for b in self.bindings(start.scope, name) if not b.augmented]
        return any(start.order < order < end.order for order in orders)

    def _body(
        self,
        body: list[ast.stmt],
        scope: Scope,
        function: Function | None,
        blocks: tuple[int, ...],
        loops: tuple[int, ...],
    ) -> None:
        self._blocks += 1
        blocks = (*blocks, self._blocks)
        for node in body:
            last = self.statements[-1] if self.statements else None
            if last is not None and isinstance(last.node, ENDS) and last.blocks == blocks:
                # Nothing reaches it: a block of its own, of which no line is ever seen.
                self._blocks += 1
                blocks = (*blocks, self._blocks)
            order = len(self.statements)
            self.statements.append(Statement(node, order, scope, function, blocks, loops))
            if isinstance(node, Inner):
                inner = (first_line(node), node.name)
                if isinstance(node, ast.ClassDef):
                    self.classes[inner] = node
                    self._body(node.body, inner, None, (), ())
                else:
                    self.functions[inner] = node
                    self._body(node.body, inner, node, (), ())
                continue
            is_loop = isinstance(node, ast.For | ast.AsyncFor | ast.While)
            within = (*loops, order) if is_loop else loops
            for block in bodies(node):
                # The else of a loop is counted as of it: more caution than needed.
                self._body(block, scope, function, blocks, within)
            for case in node.cases if isinstance(node, ast.Match) else ():
                self._body(case.body, scope, function, blocks, loops)


def _encloses(one: Statement, other: Statement) -> bool:
    return bool(one.blocks) and one.blocks[-1] in other.blocks


def _bindings(statement: Statement) -> Iterator[Binding]:
    node = statement.node
    for part in statement.parts():
        for inner in ast.walk(part):
            if isinstance(inner, ast.NamedExpr):
                yield Binding(inner.target.id, statement, inner.value)
    match node:
        case ast.Assign():
            for target in node.targets:
                yield from _unpacked(statement, target, node.value)
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            yield Binding(name, statement, value)
        case ast.AugAssign(target=ast.Name(id=name)):
            yield Binding(name, statement, None, augmented=True)
        case ast.For() | ast.AsyncFor():
            yield from _unpacked(statement, node.target, None)
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                if item.optional_vars is not None:
                    yield from _unpacked(statement, item.optional_vars, None)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield Binding(node.name, statement, None)
        case ast.Import() | ast.ImportFrom():
            for alias in node.names:
                yield Binding((alias.asname or alias.name).partition(".")[0], statement, None)
        case ast.Delete():
            for target in node.targets:
                yield from _unpacked(statement, target, None)


def _unpacked(statement: Statement, target: ast.expr, value: ast.expr | None) -> Iterator[Binding]:
    match target:
        case ast.Name(id=name):
            yield Binding(name, statement, value)
        case ast.Starred(value=inner):
            yield from _unpacked(statement, inner, None)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            values: list[ast.expr | None] = [None] * len(parts)
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(parts):
                values = list(value.elts)
            for part, one in zip(parts, values, strict=True):
                yield from _unpacked(statement, part, one)
