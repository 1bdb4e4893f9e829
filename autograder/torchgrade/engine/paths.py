"""What an expression names, as dotted paths such as `torch.nn.functional.softmax`."""

import ast
import builtins

from torchgrade.engine.scopes import Scope, Scopes

# Modules that others hold as attributes: `torch.os.sys` is `sys` again.
SEEN_THROUGH = {
    "builtins", "contextlib", "ctypes", "functools", "gc", "importlib", "inspect", "os", "sys",
    "threading", "torch", "torchgrade", "warnings",
}  # fmt: skip
# These are what they say on any object: nobody names a layer so.
TELLING = {"builtins", "ctypes", "gc", "sys", "torch", "torchgrade"}
TYPE = "type()"
CHAIN = (ast.Attribute, ast.Subscript)


class Paths:
    """Resolves expressions; an empty set means: something of the notebook's own, or unknown."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self._known: dict[ast.AST, frozenset[str]] = {}

    def of(self, node: ast.AST | None) -> frozenset[str]:
        """The paths that an expression may stand for."""
        if node is None:
            return frozenset()
        if node not in self._known:
            self._known[node] = frozenset()  # while we look: a name that is bound to itself
            self._known[node] = frozenset(self._find(node))
        return self._known[node]

    def _find(self, node: ast.AST) -> set[str]:
        links: list[ast.Attribute | ast.Subscript] = []
        while isinstance(node, CHAIN):  # a loop: chains can be longer than Python's stack
            links.append(node)
            node = node.value
        paths = self._start(node)
        for link in reversed(links):
            name = link.attr if isinstance(link, ast.Attribute) else "[]"
            paths = step(paths, name)
        return paths

    def _start(self, node: ast.AST) -> set[str]:
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.NamedExpr):
            return set(self.of(node.value))
        if isinstance(node, ast.IfExp):
            return set(self.of(node.body) | self.of(node.orelse))
        if isinstance(node, ast.BoolOp):
            return {path for value in node.values for path in self.of(value)}
        if isinstance(node, ast.Call) and self.of(node.func) == {"builtins.type"}:
            return {TYPE} if len(node.args) == 1 else set()
        if isinstance(node, ast.Call) and self.of(node.func) == {"builtins.getattr"}:
            name = literal(node.args[1]) if len(node.args) > 1 else None
            return step(set(self.of(node.args[0])), name) if name else set()
        return set()

    def _name(self, node: ast.Name) -> set[str]:
        scope = self.scopes.of.get(node)
        home: Scope | None = scope.home(node.id) if scope else None
        if home is None:
            if hasattr(builtins, node.id):
                return {f"builtins.{node.id}"}
            return {f"{module}.{node.id}" for module in self.scopes.stars}
        found: set[str] = set()
        for value in home.values[node.id]:
            found |= {value} if isinstance(value, str) else self.of(value)
        return found


def step(paths: set[str], name: str) -> set[str]:
    """The paths of an attribute (or an item, "[]") of what `paths` stand for."""
    if name == "__class__":
        return {TYPE}
    if (name in SEEN_THROUGH and paths) or name in TELLING:
        return {name}
    return {f"{path}.{name}" for path in paths if path.count(".") < 12}


def literal(node: ast.AST | None) -> str | None:
    """The text of a string constant, else None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
