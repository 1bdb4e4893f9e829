"""Rules of `tampering`: what is imported, set, reached for and passed on."""

import ast
import re
from collections.abc import Iterator

import torch

from torchgrade.engine import hazards
from torchgrade.engine.paths import Paths
from torchgrade.engine.scopes import pairs, root_name

PROCESS = re.compile(r"/proc(/(?!cpuinfo|loadavg|meminfo|version)|$)")
DOTTED_DUNDER = re.compile(r"[\w.]*__\w+__[\w.]*")
# Builtins that do nothing to what they are given.
LOOKING = {
    "builtins.callable", "builtins.dir", "builtins.filter", "builtins.getattr", "builtins.hasattr",
    "builtins.help", "builtins.id", "builtins.isinstance", "builtins.issubclass", "builtins.len",
    "builtins.map", "builtins.print", "builtins.repr", "builtins.str", "builtins.super",
    "builtins.type",
}  # fmt: skip
# Looked at where they are called, so they may be nowhere else.
POWERFUL = {
    "builtins.delattr", "builtins.eval", "builtins.exec", "builtins.getattr", "builtins.globals",
    "builtins.locals", "builtins.setattr", "builtins.vars",
}  # fmt: skip
# Methods by which a module gives its parts, and a list of what is still to do its next one.
PARTS = {
    "children", "get_submodule", "modules", "named_children", "named_modules", "pop", "popleft",
}  # fmt: skip
CASTS = {"as_subclass", "cast"}
# Parents of an expression that only look at its value.
PLACES = (
    ast.AnnAssign, ast.Assert, ast.BinOp, ast.ClassDef, ast.Compare, ast.ExceptHandler, ast.Expr,
    ast.FormattedValue, ast.If, ast.MatchClass, ast.Raise, ast.UnaryOp, ast.While, ast.arg,
)  # fmt: skip
TENSOR_METHODS = {
    name
    for name in dir(torch.Tensor)
    if not name.startswith("_") and callable(getattr(torch.Tensor, name))
}


class NameRules:
    """Rules on imports, attributes, items and names."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.parents = paths.scopes.parents

    def _import(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            if node.level:
                yield f"imports from {'.' * node.level}{node.module or ''}"
                return
            module = node.module or ""
            names = [module if name == "*" else f"{module}.{name}" for name in names]
            every = module in names and hazards.precious(module)
            if every and module not in {"torch", "torch.nn", "torch.nn.functional", "torchgrade"}:
                yield f"imports everything of {module}"
        for name in names:
            if hazards.forbidden_import(name):
                yield f"imports {name}"
            elif hazards.unknown_package(name.partition(".")[0]):
                yield f"imports {name}, whose source is not in the notebook"

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        base, name = self.paths.of(node.value), node.attr
        if not isinstance(node.ctx, ast.Load):
            yield from self._set(node.value, name, self._value(node))
            return
        if name in hazards.FRAMES or name in hazards.CALLBACKS:
            yield f"uses .{name}"
        if is_dunder(name) and not self._harmless(node):
            yield f"uses {name}"
        yield from self._path(node, self.paths.of(node))
        if base and name in hazards.OVERRIDES:
            yield f"uses {name}"

    def _harmless(self, node: ast.Attribute) -> bool:
        if node.attr in hazards.DUNDERS:
            return True
        base, parent = node.value, self.parents.get(node)
        if node.attr == "__dict__":
            return not self.paths.of(base)
        if isinstance(base, ast.Call) and self.paths.of(base.func) == {"builtins.super"}:
            return node.attr not in hazards.OVERRIDES
        own = isinstance(parent, ast.Call) and parent.args and _is_self(parent.args[0])
        return bool(own) and self.paths.of(base) == {"builtins.object"}

    def _value(self, node: ast.AST) -> ast.AST | None:
        parent = self.parents.get(node)
        return parent.value if isinstance(parent, (ast.Assign, ast.AnnAssign)) else None

    def _set(self, base: ast.AST, name: str | None, value: ast.AST | None) -> Iterator[str]:
        """What is wrong with setting or deleting an attribute; `name` None: not known."""
        said = name or "an attribute"
        for path in sorted(self.paths.of(base)):
            if name is None or not hazards.settable(f"{path}.{name}"):
                yield f"assigns {path.removeprefix('builtins.')}.{said}"
                return
        if name is not None and name.startswith("__") and name not in {"__doc__", "__name__"}:
            yield f"assigns {name}"
        if name is None and not self._is_given(base) and not self._is_layer(value):
            yield "sets an attribute whose name is not written out"
        if name in TENSOR_METHODS and root_name(base) not in {"self", "cls"}:
            home = self.paths.scopes.module.values
            known = isinstance(value, ast.Name) and None in home.get(value.id, [])
            if isinstance(value, ast.Lambda) or known:
                yield f"assigns a function to .{name}"

    def _is_given(self, node: ast.AST) -> bool:
        """Whether this is `self`, another parameter, or a part of a module that torch hands out:
        nothing precious, because nobody can pass that on without being told of."""
        if not isinstance(node, ast.Name) or self.paths.of(node):
            return False
        scope = self.paths.scopes.of.get(node)
        home = scope.home(node.id) if scope else None
        if _is_self(node) or home is None or len(home.values[node.id]) != 1:
            return _is_self(node)
        (value,) = home.values[node.id]
        return _hands_out_parts(value) or (value is None and self._by_its_place(node))

    def _by_its_place(self, name: ast.Name) -> bool:
        """Whether a function around a name takes it, or a loop over a module's parts binds it."""
        node: ast.AST | None = name
        while node is not None:
            node = self.parents.get(node)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if name.id in {one.arg for one in given}:
                    return True
            if isinstance(node, ast.For):
                bound = {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
                if name.id in bound:
                    return _hands_out_parts(node.iter)
        return False

    def _is_layer(self, value: ast.AST | None) -> bool:
        paths = self.paths.of(value.func) if isinstance(value, ast.Call) else frozenset()
        return bool(paths) and all(path.startswith("torch.nn.") for path in paths)

    def _item(self, node: ast.Subscript) -> Iterator[str]:
        if not isinstance(node.ctx, ast.Load):
            for path in sorted(self.paths.of(node.value)):
                if path.partition(".")[0] in {"torch", "torchgrade", "sys", "IPython", "linecache"}:
                    yield f"assigns {path}[...]"

    def _name(self, node: ast.Name) -> Iterator[str]:
        paths = self.paths.of(node)
        if is_dunder(node.id) and node.id not in hazards.DUNDERS | {"__import__"}:
            yield f"uses {node.id}"
        if not isinstance(node.ctx, ast.Load):
            return
        yield from self._path(node, paths)
        parent = self.parents.get(node)
        called = isinstance(parent, ast.Call) and parent.func is node
        if not called and paths & POWERFUL:
            yield f"passes {node.id} on"
        if node.id == "get_ipython" and not called:
            yield "uses get_ipython"

    def _path(self, node: ast.AST, paths: frozenset[str]) -> Iterator[str]:
        parent = self.parents.get(node)
        for path in sorted(paths):
            if (
                path == "sys.modules"
                and isinstance(parent, ast.Compare)
                and parent.left is not node
            ):
                continue
            if hazards.forbidden(path):
                verb = "calls" if isinstance(parent, ast.Call) and parent.func is node else "uses"
                yield f"{verb} {path.removeprefix('builtins.')}"
            elif hazards.precious(path) and not self._in_place(node):
                yield f"passes {path} on"

    def _in_place(self, node: ast.AST) -> bool:
        """Whether a module stands where nothing can be done to it that we do not see."""
        parent = self.parents.get(node)
        while isinstance(parent, (ast.IfExp, ast.BoolOp, ast.NamedExpr)):
            node, parent = parent, self.parents.get(parent)
        if isinstance(parent, (*PLACES, ast.Attribute)):
            return True
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return node not in [*parent.args.defaults, *parent.args.kw_defaults]
        if isinstance(parent, ast.Subscript):
            return True
        if isinstance(parent, ast.Call):
            return node is parent.func or self._only_looks(parent)
        top, above = node, parent
        while isinstance(above, (ast.Tuple, ast.List, ast.Set)):
            top, above = above, self.parents.get(above)
        if isinstance(above, (ast.Expr, ast.Compare, ast.ExceptHandler)):
            return True
        if isinstance(above, ast.Subscript):
            return top is above.slice  # tuple[torch.Tensor, int]
        if isinstance(above, ast.Call):
            return isinstance(top, ast.Tuple) and self._only_looks(above)
        targets: list[tuple[ast.expr, bool]] = []
        if isinstance(above, ast.Assign):
            targets = [(one, False) for one in above.targets]
        elif isinstance(above, (ast.For, ast.comprehension)) and top is above.iter:
            targets = [(above.target, True)]
        scope = self.paths.scopes.of.get(top)
        bound = [
            any(value is node for _, value in pairs(target, _expression(top), looped))
            for target, looped in targets
        ]
        return bool(bound) and all(bound) and not (scope and scope.kind == "class")

    def _only_looks(self, call: ast.Call) -> bool:
        if isinstance(call.func, ast.Attribute) and call.func.attr in CASTS:
            return True
        paths = self.paths.of(call.func)
        return bool(paths) and paths <= LOOKING

    def _string(self, text: str) -> Iterator[str]:
        parts = text.split(".") if DOTTED_DUNDER.fullmatch(text) else []
        if any(is_dunder(part) and part not in hazards.DUNDERS for part in parts):
            yield f"names {text}"
        if re.fullmatch(r"\S+\.(py|pyc|so|pth)", text):
            yield f"names the Python file {text}"
        if PROCESS.search(text):
            yield "names /proc, where a process can write its own memory"


def is_dunder(name: str) -> bool:
    """Whether a name is one of Python's own, with two underscores on either side."""
    return name.startswith("__") and name.endswith("__")


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _hands_out_parts(value: ast.AST | str | None) -> bool:
    """Whether this calls a method by which a module gives its parts, maybe put into a list."""
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.args:
        if value.func.id not in {"dict", "enumerate", "list", "reversed", "tuple"}:
            return False
        value = value.args[0]
    match value:
        case ast.Call(func=ast.Attribute(attr=method)):
            return method in PARTS
    return False


def _expression(node: ast.AST) -> ast.expr | None:
    return node if isinstance(node, ast.expr) else None
