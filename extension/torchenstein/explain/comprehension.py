"""Names of a comprehension that are gone when it fails.

Since Python 3.12 a comprehension runs in the frame around it, which forgets its names when it ends
(PEP 709). What it stood at is found again on shapes: the first item for which the expression fails.
"""

from __future__ import annotations

import ast
import sys

from .evaluate import Evaluator, bind, items
from .lookup import Scope, Unknown

INLINED = (ast.ListComp, ast.SetComp, ast.DictComp)
OWN_FRAME = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.GeneratorExp)

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp


def around(tree: ast.AST, node: ast.AST) -> list[Comprehension]:
    """The comprehensions that run `node` in the frame around them, innermost first."""
    found: list[Comprehension] = []
    for part in _ancestors(tree, node):
        if isinstance(part, OWN_FRAME):
            break
        if isinstance(part, INLINED):
            found.append(part)
    return found


def restore(scope: Scope, evaluator: Evaluator, tree: ast.AST, node: ast.AST) -> None:
    """Bind the forgotten names where the item can be found; hide others of the same name."""
    found = around(tree, node) if sys.version_info >= (3, 12) else []
    for comprehension in found:
        for generator in comprehension.generators:
            names = ast.walk(generator.target)
            scope.hidden |= {part.id for part in names if isinstance(part, ast.Name)}
    if len(found) != 1 or len(found[0].generators) != 1:
        return
    generator = found[0].generators[0]
    for item in items(evaluator.attempt(generator.iter) or ()):
        scope.bound.append(bind(generator.target, item))
        try:
            evaluator.value(node)
        except Unknown:
            scope.bound.pop()
            return
        except Exception:
            # The names stay: this is the item it failed for.
            return
        scope.bound.pop()


def _ancestors(tree: ast.AST, node: ast.AST) -> list[ast.AST]:
    """From the node's parent to the tree."""
    for child in ast.iter_child_nodes(tree):
        if child is node:
            return [tree]
        way = _ancestors(child, node)
        if way:
            return [*way, tree]
    return []
