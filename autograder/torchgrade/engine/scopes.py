"""Which scope each name of a cell belongs to, and what it is bound to: read, never run."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from IPython.core.inputtransformer2 import TransformerManager

# An expression, the dotted path of an import, or None where it cannot be told.
Value = ast.expr | str | None
# The parser shares one node of each of these among all trees; they say nothing that we ask.
SHARED = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


@cache
def _transformer() -> TransformerManager:
    return TransformerManager()


def parse(cell: str) -> ast.Module:
    """The syntax tree of a cell as IPython runs it, its magics turned into calls.

    Raises:
        SyntaxError, ValueError: it is no Python; such a cell cannot run either.
        RecursionError, MemoryError: it is nested too deeply to be read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes in strings; they are the author's business
        try:
            return ast.parse(cell)
        except SyntaxError:
            return ast.parse(_transformer().transform_cell(cell))


def tree_or_none(cell: str) -> ast.Module | None:
    """The syntax tree of a cell, or None where there is none."""
    try:
        return parse(cell)
    except UNREADABLE:
        return None


@dataclass(eq=False)
class Scope:
    """One scope: the names bound in it and the values they are bound to."""

    kind: str  # module, class, function or comprehension
    parent: "Scope | None" = None
    values: dict[str, list[Value]] = field(default_factory=dict)
    first: ast.AST | None = None  # what a comprehension loops over is read outside of it
    elsewhere: dict[str, str] = field(default_factory=dict)  # name: "global" or "nonlocal"

    def home(self, name: str) -> "Scope | None":
        """The scope whose binding of `name` is read from here; None if there is none."""
        scope: Scope | None = self
        while scope is not None:
            if scope.elsewhere.get(name) == "global":
                return scope.module
            visible = scope is self or scope.kind != "class"
            if visible and name in scope.values and name not in scope.elsewhere:
                return scope
            scope = scope.parent
        return None

    @property
    def module(self) -> "Scope":
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def late(self) -> bool:
        """Whether code here runs only when a function is called."""
        scope: Scope | None = self
        while scope is not None:
            if scope.kind == "function":
                return True
            scope = scope.parent
        return False

    def bind(self, name: str, value: Value) -> None:
        """Note a binding made by code in this scope."""
        scope = self
        if scope.elsewhere.get(name) == "global":
            scope = scope.module
        elif name in scope.elsewhere and scope.parent is not None:
            return scope.parent.bind(name, value)
        scope.values.setdefault(name, []).append(value)
        return None


class Scopes:
    """The scopes of some trees that share one module scope, as the cells of a notebook do."""

    def __init__(self, *trees: ast.AST) -> None:
        self.module = Scope("module")
        self.of: dict[ast.AST, Scope] = {}
        self.parents: dict[ast.AST, ast.AST] = {}
        self.below: dict[ast.AST, list[ast.AST]] = {}  # the nodes of each tree
        self.stars: list[str] = []
        for tree in trees:
            self._read(tree)

    def _read(self, tree: ast.AST) -> None:
        todo: list[tuple[ast.AST, Scope]] = [(tree, self.module)]
        order: list[tuple[ast.AST, Scope]] = []
        while todo:
            node, scope = todo.pop()
            self.of[node] = scope
            order.append((node, scope))
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                word = "global" if isinstance(node, ast.Global) else "nonlocal"
                scope.elsewhere.update(dict.fromkeys(node.names, word))
            inside = list(_children(node, scope))
            self.parents.update((child, node) for child, _ in inside)
            todo += reversed(inside)
        self.below[tree] = [node for node, _ in order]
        for node, scope in order:  # after every `global` of its scope is known
            if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names):
                self.stars.append(node.module or "")
            for name, value in _bindings(node):
                where = scope
                while isinstance(node, ast.NamedExpr) and where.kind == "comprehension":
                    where = where.parent or where
                where.bind(name, value)


def parts(node: ast.AST) -> Iterator[ast.AST]:
    """The child nodes of a node, in the order of its fields, without those that are shared."""
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield from (
                one for one in value if isinstance(one, ast.AST) and not isinstance(one, SHARED)
            )
        elif isinstance(value, ast.AST) and not isinstance(value, SHARED):
            yield value


def _children(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The child nodes of a node, each with its scope; parameters are bound, not listed."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        given += [one for one in (node.args.vararg, node.args.kwarg) if one is not None]
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        new = Scope("function", scope)
        for one in given:
            new.values[one.arg] = [None]
            if one.annotation is not None:
                yield one.annotation, scope
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                yield default, scope
        if not isinstance(node, ast.Lambda):
            yield from ((one, scope) for one in node.decorator_list)
            if node.returns is not None:
                yield node.returns, scope
        yield from ((one, new) for one in [*getattr(node, "type_params", []), *body])
    elif isinstance(node, ast.ClassDef):
        new = Scope("class", scope)
        outer = [*node.decorator_list, *node.bases, *node.keywords]
        yield from ((one, scope) for one in outer)
        yield from ((one, new) for one in [*getattr(node, "type_params", []), *node.body])
    elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        new = Scope("comprehension", scope, first=node.generators[0].iter)
        for loop in node.generators:
            for name, value in pairs(loop.target, loop.iter, looped=True):
                new.bind(name, value)
        yield from ((child, new) for child in parts(node))
    elif isinstance(node, ast.comprehension):
        outer_scope = scope.parent or scope
        for child in parts(node):
            yield child, outer_scope if child is scope.first else scope
    else:
        yield from ((child, scope) for child in parts(node))


def _bindings(node: ast.AST) -> Iterator[tuple[str, Value]]:
    """The names that one node binds in its own scope, and what to."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from pairs(target, node.value)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        yield from pairs(node.target, node.value)
    elif isinstance(node, ast.AugAssign):
        yield from pairs(node.target, None)
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        yield from pairs(node.target, node.iter, looped=True)
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield from pairs(node.optional_vars, None)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name, None
    elif isinstance(node, ast.Import):
        for alias in node.names:
            root = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (root, root)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            if alias.name != "*":
                yield alias.asname or alias.name, f"{node.module or ''}.{alias.name}"
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name, None
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest, None
    elif isinstance(node, ast.Delete):
        yield from ((one.id, None) for one in node.targets if isinstance(one, ast.Name))


def pairs(
    target: ast.expr, value: ast.expr | None, looped: bool = False
) -> Iterator[tuple[str, Value]]:
    """The names of an assignment's target, each with the expression it is bound to if one can see.

    `looped`: the target takes the elements of `value` one after another.
    """
    if looped:
        shown = isinstance(value, (ast.Tuple, ast.List, ast.Set)) and value.elts
        for one in value.elts if shown else [None]:  # type: ignore[union-attr]
            yield from pairs(target, one)
    elif isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Starred):
        yield from pairs(target.value, None)
    elif isinstance(target, (ast.Tuple, ast.List)):
        alike = (
            isinstance(value, (ast.Tuple, ast.List))
            and len(value.elts) == len(target.elts)
            and not any(isinstance(one, ast.Starred) for one in [*value.elts, *target.elts])
        )
        parts = value.elts if alike else [None] * len(target.elts)  # type: ignore[union-attr]
        for one, part in zip(target.elts, parts, strict=True):
            yield from pairs(one, part)


def root_name(node: ast.AST) -> str | None:
    """The name that a chain of attributes and items starts from: `x` of `x.data[0].y`."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
