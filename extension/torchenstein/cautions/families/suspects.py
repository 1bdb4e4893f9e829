"""Which statements of a cell may have changed the parameters of a module: all but the harmless."""

from __future__ import annotations

import ast
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from ...lines.sites import MODULE
from .. import forms
from ..flow import Statement
from ..scene import Scene

PACKAGES = ("IPython", "math", "matplotlib", "numpy", "pandas", "random", "time", "tqdm")
PLAIN = (bool, dict, float, int, list, set, str, tuple)


def suspects(scene: Scene) -> list[Statement]:
    """The statements of the cell's own level that may have done it, all where none is known to."""
    own = [at for at in scene.flow.statements if at.scope == MODULE]
    found = [at for at in own if _changes(scene, at, constructs=False)]
    return found or [at for at in own if _changes(scene, at, constructs=True)] or own


def _changes(scene: Scene, at: Statement, constructs: bool) -> bool:
    if any(_is_written_to(scene, target) for target in _targets(at.node)):
        return True
    calls = (n for part in at.parts() for n in ast.walk(part) if isinstance(n, ast.Call))
    return any(_may_change(scene, call, constructs) for call in calls)


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        # A name alone is bound anew, which changes nothing.
        return [target for target in node.targets if not isinstance(target, ast.Name)]
    return [node.target] if isinstance(node, ast.AugAssign) else []


def _is_written_to(scene: Scene, target: ast.expr) -> bool:
    """p -= rate * p.grad, model.weight = w; p.grad = None is none."""
    if isinstance(target, ast.Attribute) and target.attr == "grad":
        return False
    root = _root(target)
    held = scene.moment.after.get(root)
    return root in scene.moment.modules or (
        held is not None and held.is_leaf and held.requires_grad
    )


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _may_change(scene: Scene, call: ast.Call, constructs: bool) -> bool:
    function = call.func
    if isinstance(function, ast.Call):
        # nn.MSELoss()(output, target)
        return _may_change(scene, function, constructs)
    root, name = _root(function), forms.operation(call)[0]
    value = scene.room.namespace.get(root)
    if isinstance(function, ast.Name):
        if name in scene.moment.modules:
            # forward writes into buffers, if there are any.
            tensors = scene.moment.modules[name]
            return any(t.registered and not t.requires_grad for t in tensors)
        if type(value) is type and issubclass(value, scene.torch.nn.Module):
            return constructs and not _package(value).startswith("torch.")
        return name not in forms.SAFE and not _is_known(value, name)
    if name in forms.READING or name in forms.HARMLESS:
        return False
    if name.endswith("_"):
        return True
    if root in scene.moment.modules:
        return True
    if _is_known(value, ast.unparse(function)):
        return False
    return not (isinstance(function, ast.Attribute) and hasattr(scene.torch.Tensor, name))


def _is_known(value: Any, name: str) -> bool:
    """Whether it comes from a library that leaves parameters alone."""
    if type(value) in PLAIN:
        return True
    package = _package(value)
    if package.partition(".")[0] in PACKAGES:
        return True
    if not package.startswith("torch") or name.endswith("_"):
        return False
    if package.startswith(("torch.optim.lr_scheduler", "torch.utils.data")):
        return True
    is_code = type(value) in (ModuleType, FunctionType, BuiltinFunctionType, type)
    return is_code and "utils" not in f"{package}.{name}"


def _package(value: Any) -> str:
    """The dotted name of where a module, class or function, or else the class of it, was made."""
    if type(value) is ModuleType:
        return str(vars(value).get("__name__", ""))
    owner = value if type(value) in (FunctionType, BuiltinFunctionType, type) else type(value)
    if type(owner) not in (FunctionType, BuiltinFunctionType, type):
        return ""
    found = owner.__module__
    return found if type(found) is str else ""
