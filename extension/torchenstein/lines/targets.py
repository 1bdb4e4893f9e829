"""What a statement writes to, as a path from a name: x, self.h, cache['k']; and how to follow it.

Following runs no code of the learner: attributes are read from the instance's own dictionary (and
the parameters and buffers of a module), items from exact dicts and lists.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Step = tuple[str, Any]
LONGEST_TEXT = 60
# Each pair of braces opens a scope of its own, whose names the statement's frame has not.
_OWN_SCOPE = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NO_TENSOR = (
    *(ast.Constant, ast.JoinedStr, ast.Lambda, ast.Dict, ast.Set, ast.Tuple),
    *(ast.List, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
_NO_TENSOR_CALLS = {
    *("len", "range", "int", "float", "str", "bool", "list", "tuple", "dict", "set", "enumerate"),
    *("zip", "print", "isinstance", "type", "repr", "open", "sorted", "id", "hash", "format"),
}


class Target(NamedTuple):
    """`root` is a name of the frame, `steps` lead on from it; `text` is how the learner wrote it.

    `instead` is looked at where the path leads to no tensor: torch.relu_(x) changes x, although
    it reads like a method of `torch`.
    """

    root: str
    steps: tuple[Step, ...]
    text: str
    instead: Target | None = None

    def roots(self) -> list[str]:
        return [self.root, *(self.instead.roots() if self.instead else [])]

    def follow(self, look: Callable[[str], Any], is_tensor: Callable[[Any], bool]) -> Any:
        """The tensor at the path and its text, or None. `look` gives the value of a name or None.

        A path that goes on from a tensor ends there: x.data and x[0] are spoken of as x.
        """
        value, text = look(self.root), self.root
        for kind, key in self.steps:
            if value is None or is_tensor(value):
                break
            value = _step(value, kind, key)
            text += f".{key}" if kind == "attribute" else f"[{key!r}]"
        if value is not None and is_tensor(value):
            return value, text
        return self.instead.follow(look, is_tensor) if self.instead else None


def declared(name: str) -> Target:
    """The target that is the plain name."""
    return Target(name, (), name)


def target_of(node: ast.expr) -> Iterator[Target]:
    """The paths of an assignment's left side; those that start at no name are left out."""
    if isinstance(node, ast.Tuple | ast.List):
        for part in node.elts:
            yield from target_of(part)
    elif not isinstance(node, ast.Starred):
        path = path_of(node)
        if path is not None:
            yield path


def path_of(node: ast.expr) -> Target | None:
    """`node` as a path; cut before the first index that is no constant."""
    steps: list[Step] = []
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute():
                steps.insert(0, ("attribute", node.attr))
            case ast.Subscript(slice=ast.Constant(value=str() | int() as key)):
                steps.insert(0, ("item", key))
            case ast.Subscript():
                steps.clear()
            case _:
                return None
        node = node.value
    text = node.id + "".join(f".{k}" if how == "attribute" else f"[{k!r}]" for how, k in steps)
    return Target(node.id, tuple(steps), text) if len(text) <= LONGEST_TEXT else None


def changed(expressions: list[ast.expr]) -> Iterator[Target]:
    """What expressions bind with := or change by a method in place (x.add_(1), relu_(x), out=x)."""
    for expression in expressions:
        yield from _changed(expression, inner=False)


def _changed(node: ast.AST, inner: bool) -> Iterator[Target]:
    inner = inner or isinstance(node, _OWN_SCOPE)
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.NamedExpr):
        yield declared(node.target.id)
    elif isinstance(node, ast.Call) and not inner:
        yield from _by_call(node)
    for part in ast.iter_child_nodes(node):
        yield from _changed(part, inner)


def _by_call(call: ast.Call) -> Iterator[Target]:
    name = call.func
    if isinstance(name, ast.Attribute):
        if name.attr.endswith("_") and not name.attr.endswith("__"):
            owner = path_of(name.value)
            first = path_of(call.args[0]) if call.args else None
            if owner is not None:
                yield owner._replace(instead=first)
    elif isinstance(name, ast.Name) and name.id.endswith("_") and call.args:
        first = path_of(call.args[0])
        if first is not None:
            yield first
    for keyword in call.keywords:
        out = path_of(keyword.value) if keyword.arg == "out" else None
        if out is not None:
            yield out


def value_may_be_tensor(node: ast.expr) -> bool:
    """False where the form of the expression says that its value is a number, text or container.

    A tuple or list on the right may be taken apart on the left, so each part counts.
    """
    if isinstance(node, ast.Tuple | ast.List):
        return any(value_may_be_tensor(part) for part in node.elts)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id not in _NO_TENSOR_CALLS
    if isinstance(node, ast.UnaryOp | ast.BinOp):
        parts = [node.operand] if isinstance(node, ast.UnaryOp) else [node.left, node.right]
        return any(value_may_be_tensor(part) for part in parts)
    return not isinstance(node, _NO_TENSOR)


_attributes = object.__getattribute__


def _step(value: Any, kind: str, key: Any) -> Any:
    """One step on, or None. Reads what is stored, calls nothing."""
    if kind == "item":
        if type(value) is dict or (type(value) is list and type(key) is int):
            try:
                return value[key]
            except LookupError:
                return None
        return None
    try:
        own = _attributes(value, "__dict__")
    except Exception:
        return None
    if type(own) is not dict:
        return None
    for place in (own, own.get("_parameters"), own.get("_buffers"), own.get("_modules")):
        if type(place) is dict and key in place:
            return place[key]
    return None
