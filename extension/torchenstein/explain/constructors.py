"""Where the learner made a layer: the call to nn.Linear(...) in a cell or in an __init__."""

from __future__ import annotations

import ast
import inspect
from types import FunctionType
from typing import Any

from .failed import Failed
from .model import Fix
from .names import cell_sources
from .rewrite import swapped
from .source import Source

Found = tuple[Source, ast.expr]


def remade(failed: Failed, sentence: str, argument: str, value: int) -> list[Fix]:
    """The fix that makes the failing layer with its first argument, `argument`, set to `value`."""
    found = _constructor(failed, failed.layers[-1])
    if found is None:
        return []
    source, call = found
    named = [keyword.value for keyword in call.keywords if keyword.arg == argument]
    part = next(iter([*named, *call.args[:1]]), None)
    if part is None:
        return []
    return [Fix(sentence, swapped(source, call, {id(part): str(value)}), source.place(call))]


def _constructor(failed: Failed, layer: Any) -> tuple[Source, ast.Call] | None:
    """The expression that made `layer`, by the path from the outermost model that was called."""
    found: Found | None = None
    for position, (key, _) in enumerate(failed.way):
        if position == 0:
            found = _assigned(failed, failed.root)
            continue
        parent = failed.way[position - 1][1]
        if type(parent).__module__.partition(".")[0] == "torch":
            found = _item(found, key)
        else:
            found = _in_init(parent, key)
    if found is None:
        return None
    source, call = found
    if not isinstance(call, ast.Call) or _last(call.func) != type(layer).__name__:
        return None
    return source, call


def _in_init(parent: Any, attribute: str) -> Found | None:
    """What `self.attribute` is given in the __init__ of the class."""
    init = inspect.getattr_static(type(parent), "__init__", None)
    source = Source.of(init.__code__.co_filename) if type(init) is FunctionType else None
    if source is None:
        return None
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef) and node.lineno == init.__code__.co_firstlineno:
            return _value_of(source, node, f"self.{attribute}")
    return None


def _assigned(failed: Failed, name: str) -> Found | None:
    """What a variable was given: in the failing file, else in the notebook's latest cells."""
    for source in (failed.source, *cell_sources()):
        found = _value_of(source, source.tree, name)
        if found is not None:
            return found
    return None


def _value_of(source: Source, scope: ast.AST, target: str) -> Found | None:
    found = None
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and target in map(ast.unparse, node.targets):
            found = source, node.value
    return found


def _item(found: Found | None, key: str) -> Found | None:
    """The part of nn.Sequential(...) or nn.ModuleList([...]) that became child `key`."""
    if found is None or not isinstance(found[1], ast.Call):
        return None
    parts: list[ast.expr] = found[1].args
    first = parts[0] if len(parts) == 1 else None
    if isinstance(first, ast.ListComp | ast.GeneratorExp):
        return found[0], first.elt
    if isinstance(first, ast.List):
        parts = first.elts
    if not key.isdigit() or int(key) >= len(parts) or isinstance(parts[int(key)], ast.Starred):
        return None
    return found[0], parts[int(key)]


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
