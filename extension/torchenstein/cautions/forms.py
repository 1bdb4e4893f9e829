"""How an expression is written: its operation and operands, by names from forms.toml."""

from __future__ import annotations

import ast
import tomllib
from importlib.resources import files

from ..lines.targets import path_of

_LISTS = tomllib.loads(files(__package__).joinpath("forms.toml").read_text(encoding="utf-8"))
_NAMES = {kind: frozenset(names.split()) for kind, names in _LISTS.items()}

SHAPING = _NAMES["shaping"]
NEUTRAL = _NAMES["neutral"]
REARRANGING = _NAMES["rearranging"]
FACTORIES = _NAMES["factories"]
RULERS = _NAMES["rulers"]
DRAWS = _NAMES["draws"]
REDUCTIONS = _NAMES["reductions"]
VIEWS = _NAMES["views"]
PERHAPS = _NAMES["perhaps"]
HARMLESS = _NAMES["harmless"]
ROUNDING = _NAMES["rounding"]
SAFE = _NAMES["safe"]
READING = _NAMES["reading"]

LIBRARIES = ("torch", "F", "nn", "np", "math", "functional", "optim", "special", "linalg")


def operation(node: ast.expr) -> tuple[str, list[ast.expr]]:
    """The name of what a call or attribute does and its operands, self first; "" for no operation.

    x.mean(1), torch.mean(x, 1) and x.T are told alike: ("mean", [x, 1]), ("T", [x]).
    """
    if isinstance(node, ast.Attribute):
        return node.attr, [node.value]
    if not isinstance(node, ast.Call):
        return "", []
    function = node.func
    if isinstance(function, ast.Name):
        return function.id, list(node.args)
    if not isinstance(function, ast.Attribute):
        return "", []
    if is_library(function.value):
        return function.attr, list(node.args)
    return function.attr, [function.value, *node.args]


def is_library(node: ast.expr) -> bool:
    """Whether a dotted name reads like a library: torch, nn.functional."""
    path = path_of(node)
    if path is None or any(kind != "attribute" for kind, _ in path.steps):
        return False
    return path.root in LIBRARIES


def keyword(call: ast.expr, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    found = call.keywords if isinstance(call, ast.Call) else []
    return next((part.value for part in found if part.arg == name), None)


def is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def whole(node: ast.expr | None) -> int | None:
    """The value of a whole number that is written there."""
    match node:
        case ast.Constant(value=value) if type(value) is int:
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if type(value) is int:
            return -value
    return None


def is_number(node: ast.expr) -> bool:
    """Whether a plain number is written there."""
    if isinstance(node, ast.UnaryOp):
        return is_number(node.operand)
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def same(one: ast.expr, other: ast.expr) -> bool:
    """Whether two expressions read the same."""
    return ast.dump(one) == ast.dump(other)
