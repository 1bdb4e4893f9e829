"""Whether a value ends as one number: a loss, a score. A table of pairs was then not wanted."""

from __future__ import annotations

import ast

from . import forms
from .flow import Statement
from .scene import Scene

ENDS = ("mean", "sum")
# On the way to the end each element stays by itself.
STEPS = {
    *("abs", "square", "pow", "sqrt", "float", "double", "exp", "log", "to", "mul", "div", "neg"),
}
DEEPEST = 4


def is_reduced(scene: Scene, node: ast.expr, at: Statement, depth: int = 0) -> bool:
    """Whether `node`, perhaps under a name, is squared or so and then summed up completely."""
    inner: ast.AST = node
    outer = scene.parent(inner)
    while outer is not None:
        if isinstance(outer, ast.Attribute):
            inner, outer = outer, scene.parent(outer)
            continue
        if isinstance(outer, ast.Call):
            name, operands = forms.operation(outer)
            if inner not in operands and inner is not outer.func:
                return False
            if name in ENDS:
                return len(operands) == 1 and forms.keyword(outer, "dim") is None
            if name not in STEPS:
                return False
        elif isinstance(outer, ast.Assign | ast.AnnAssign):
            return _goes_on(scene, outer, at, depth)
        elif not isinstance(outer, ast.BinOp | ast.UnaryOp):
            return False
        inner, outer = outer, scene.parent(outer)
    return False


def _goes_on(
    scene: Scene, statement: ast.Assign | ast.AnnAssign, at: Statement, depth: int
) -> bool:
    """Whether the name that an assignment gives is reduced later on."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if len(names) != 1 or depth >= DEEPEST:
        return False
    for later in scene.flow.statements:
        if later.scope != at.scope or later.order <= at.order:
            continue
        binding = scene.flow.binding(names[0], later)
        if binding is None or binding.statement is not at:
            continue
        for part in later.parts():
            for node in ast.walk(part):
                match node:
                    case ast.Name(id=name) if name == names[0]:
                        if is_reduced(scene, node, later, depth + 1):
                            return True
    return False
