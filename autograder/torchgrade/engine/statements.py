"""The top-level statements of a cell: what each binds, changes and reads."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from torchgrade.engine.scopes import Scopes, root_name, tree_or_none

# Methods that change their object, besides those that end with an underscore.
CHANGING = {
    "add", "add_module", "append", "clear", "discard", "eval", "extend", "insert",
    "load_state_dict", "manual_seed", "pop", "register_buffer", "register_module",
    "register_parameter", "remove", "reverse", "setdefault", "sort", "train", "update",
}  # fmt: skip
Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BLOCKS = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar,
    ast.Match, ast.ExceptHandler, ast.match_case, ast.withitem,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Statement:
    """One top-level statement.

    Attributes:
        binds: the names it binds.
        whole: nothing of what they were bound to before is left or looked at.
        changes: names whose objects it changes in place, by assignment to an attribute or item or
            by a method that is known for it.
        calls_on: names of whose objects it calls any method.
        early: names it reads when it runs, before it binds them itself.
        late: names that the functions it defines read when they are called.
    """

    node: ast.stmt
    binds: frozenset[str]
    whole: bool
    changes: frozenset[str]
    calls_on: frozenset[str]
    early: frozenset[str]
    late: frozenset[str]

    @property
    def imports(self) -> bool:
        return isinstance(self.node, (ast.Import, ast.ImportFrom))


@lru_cache(maxsize=256)  # an exercise after the other asks about the same cells
def cell_statements(cell: str) -> tuple[Statement, ...]:
    """The statements of a cell's source; none where it cannot be read."""
    tree = tree_or_none(cell)
    return () if tree is None else tuple(statements(tree))


def statements(tree: ast.Module) -> list[Statement]:
    """The statements of a cell in order; an import of several names becomes one for each."""
    return [_statement(one) for node in tree.body for one in _split(node)]


def _split(node: ast.stmt) -> Iterator[ast.stmt]:
    if isinstance(node, ast.Import):
        yield from (ast.copy_location(ast.Import([alias]), node) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            one = ast.ImportFrom(node.module, [alias], node.level)
            yield ast.copy_location(one, node)
    else:
        yield node


def _statement(node: ast.stmt) -> Statement:
    scopes = Scopes(node)
    binds = set(scopes.module.values)
    changes, calls_on = set[str | None](), set[str | None]()
    if isinstance(node, Definition):
        changes |= binds - {node.name}  # by `global`, when it is called
        binds = {node.name}
    for inner in scopes.below[node]:
        if scopes.of[inner].late:
            continue
        if isinstance(inner, (ast.Attribute, ast.Subscript)):
            if not isinstance(inner.ctx, ast.Load):
                changes.add(root_name(inner))
        elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            receiver, method = root_name(inner.func), inner.func.attr
            calls_on.add(receiver)
            if method in CHANGING or (method.endswith("_") and not method.endswith("__")):
                changes.add(receiver)
    early, late = reads([node], scopes)
    dotted = isinstance(node, ast.Import) and "." in node.names[0].name and not node.names[0].asname
    return Statement(
        node=node,
        binds=frozenset(binds),
        whole=not isinstance(node, (*BLOCKS, ast.AugAssign)) and not dotted and not binds & early,
        changes=frozenset(name for name in changes if name) - binds,
        calls_on=frozenset(name for name in calls_on if name),
        early=frozenset(early),
        late=frozenset(late),
    )


def reads(body: list[ast.stmt], scopes: Scopes) -> tuple[set[str], set[str]]:
    """The names of the module that statements read: at once before binding them, and later."""
    flow = _Flow(scopes)
    for statement in body:
        flow.visit(statement)
    return flow.early, flow.late


class _Flow:
    """Follows statements in the order in which they run; every branch counts as taken."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self.bound: set[str] = set()
        self.early: set[str] = set()
        self.late: set[str] = set()

    def visit(self, node: ast.AST) -> None:
        if not isinstance(node, BLOCKS):
            self._leaf(node)
            return
        fields = dict(ast.iter_fields(node))
        if isinstance(node, (ast.For, ast.AsyncFor)):
            fields = {"iter": fields.pop("iter"), **fields}
        if isinstance(node, ast.ExceptHandler) and node.name:
            self.bound.add(node.name)
        for part in fields.values():
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, ast.AST):
                    self.visit(one)

    def _leaf(self, node: ast.AST) -> None:
        stored = set()
        for inner in ast.walk(node):
            scope = self.scopes.of.get(inner)
            if scope is None:
                continue
            if isinstance(inner, Definition):
                names, reading = {inner.name}, False
            elif isinstance(inner, (ast.Import, ast.ImportFrom)):
                names = {(one.asname or one.name).partition(".")[0] for one in inner.names}
                reading = False
            elif isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
                names, reading = {inner.target.id}, True
            elif isinstance(inner, ast.Name):
                names, reading = {inner.id}, not isinstance(inner.ctx, ast.Store)
            elif isinstance(inner, (ast.MatchAs, ast.MatchStar)) and inner.name:
                names, reading = {inner.name}, False
            elif isinstance(inner, ast.MatchMapping) and inner.rest:
                names, reading = {inner.rest}, False
            else:
                continue
            names = {n for n in names if scope.home(n) in (None, self.scopes.module)}
            if not reading:
                stored |= set() if scope.late else names
            elif scope.late:
                self.late |= names
            else:
                self.early |= names - self.bound
        self.bound |= stored
