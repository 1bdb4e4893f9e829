"""Rules of `tampering`: what is called, by name or by magic."""

import ast
from collections.abc import Iterator

from torchgrade.engine import hazards
from torchgrade.engine.paths import TYPE, literal
from torchgrade.engine.rules_names import LOOKING, NameRules
from torchgrade.engine.scopes import root_name


class Rules(NameRules):
    """All rules."""

    def findings(self, tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
        for node in self.paths.scopes.below[tree]:
            for what in self._node(node):
                yield node, what

    def _node(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from self._import(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if node.name in hazards.OVERRIDES:
                yield f"defines {node.name}"
        elif isinstance(node, ast.Attribute):
            yield from self._attribute(node)
        elif isinstance(node, ast.Subscript):
            yield from self._item(node)
        elif isinstance(node, ast.Name):
            yield from self._name(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from self._string(node.value)
        elif isinstance(node, ast.Call):
            yield from self._call(node)

    def _call(self, node: ast.Call) -> Iterator[str]:
        words = {word.arg: word.value for word in node.keywords}
        for path in sorted(self.paths.of(node.func)):
            name = path.removeprefix("builtins.")
            if name in {"getattr", "setattr", "delattr"}:
                yield from self._by_name(node, name)
            elif name in {"globals", "locals", "vars"}:
                yield from self._namespace(node, name)
            elif name in hazards.STRING_RUNNERS:
                told = [*node.args[:2], *(words[w] for w in ("stmt", "setup") if w in words)]
                told = told[:1] if name in {"eval", "exec"} else told
                if not all(self._written_out(one) for one in told) or None in words:
                    yield f"calls {name} with code that is not written out"
            elif name in {"operator.attrgetter", "operator.methodcaller"}:
                fixed = all(isinstance(one, ast.Constant) for one in node.args)
                yield from () if fixed else (f"calls {name} with a name that is not written out",)
        for word, fine in (("weights_only", True), ("allow_pickle", False)):
            given = words.get(word)
            if given and not (isinstance(given, ast.Constant) and given.value is fine):
                yield f"loads what may run code ({word})"
        if any(TYPE in self.paths.of(arg) for arg in node.args):
            home = self.paths.scopes.module.values
            if root_name(node.func) in home and not self.paths.of(node.func):
                yield "passes a type on"
        if isinstance(node.func, ast.Name) and node.func.id == "get_ipython":
            yield from self._shell(node)

    def _written_out(self, node: ast.AST) -> bool:
        """Whether this is a string that we read, or a function and no string at all."""
        if isinstance(node, ast.Name):
            values = self.paths.scopes.module.values.get(node.id, ["?"])
            return all(value is None or isinstance(value, ast.Lambda) for value in values)
        return isinstance(node, (ast.Constant, ast.Lambda))

    def _by_name(self, node: ast.Call, function: str) -> Iterator[str]:
        if len(node.args) < 2:
            yield f"calls {function} in an unusual way"
            return
        base, name = node.args[0], literal(node.args[1])
        if function != "getattr":
            value = node.args[2] if len(node.args) > 2 else None
            yield from self._set(base, name, value)
        elif name is None:
            start = node.args[1]
            while isinstance(start, (ast.JoinedStr, ast.BinOp)):
                start = start.values[0] if isinstance(start, ast.JoinedStr) else start.left
            if self.paths.of(base) or (literal(start) or "_").startswith("_"):
                yield "calls getattr with a name that is not written out"
        else:
            as_written = ast.copy_location(ast.Attribute(base, name, ast.Load()), node)
            self.parents[as_written] = node
            if name.startswith("__") and not self._harmless(as_written):
                yield f"uses {name}"
            if name in hazards.FRAMES | hazards.CALLBACKS:
                yield f"uses .{name}"
            yield from self._path(node, self.paths.of(node))

    def _namespace(self, node: ast.Call, function: str) -> Iterator[str]:
        if node.args:
            if self.paths.of(node.args[0]):
                yield f"calls {function} on a module"
            return
        parent = self.parents.get(node)
        looked = isinstance(parent, ast.Call) and self.paths.of(parent.func) <= LOOKING
        named = isinstance(parent, ast.keyword) and parent.arg == "globals"
        if not (isinstance(parent, ast.Compare) or (looked and parent) or named):
            yield f"calls {function}"

    def _shell(self, node: ast.Call) -> Iterator[str]:
        parent = self.parents.get(node)
        if isinstance(parent, ast.Compare):
            return
        if isinstance(parent, ast.Call) and self.paths.of(parent.func) <= LOOKING:
            return
        call = self.parents.get(parent) if parent else None
        method = parent.attr if isinstance(parent, ast.Attribute) else ""
        if method == "__class__":
            return
        if not isinstance(call, ast.Call) or call.func is not parent:
            yield "uses get_ipython"
        elif method in {"run_line_magic", "run_cell_magic", "magic"}:
            name = (literal(call.args[0]) if call.args else None) or ""
            text = (literal(call.args[1]) if len(call.args) > 1 else None) or ""
            yield from _magic(name.removeprefix("%"), text)
        elif method not in {"system", "getoutput"}:
            yield f"uses get_ipython().{method}"


def _magic(name: str, text: str) -> Iterator[str]:
    word = name.split(" ")[0]
    rest = f"{name[len(word) :]} {text}".strip()
    if word == "load_ext" and rest in {"autoreload", "tensorboard"}:
        return
    if word == "writefile" and rest.endswith(".py"):
        yield f"writes {rest}"
    elif word not in hazards.MAGICS | {"autoreload", "tensorboard"}:
        yield f"runs the magic %{word}"
