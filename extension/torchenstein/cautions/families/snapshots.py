"""Kept on the way to be compared later, and changed with the rest: no copy was made."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...translation import _
from .. import forms
from ..flow import Statement
from ..model import Caution, Remedy
from ..scene import Scene

LOOPS = (ast.For, ast.AsyncFor, ast.While)


def snapshots(scene: Scene) -> Iterator[Caution]:
    """best = model.state_dict() and history.append(w) in a loop that goes on changing them."""
    for at in scene.flow.statements:
        if at.loops:
            found = _state(scene, at) or (_appended(scene, at) if scene.ran(at) else None)
            if found is not None:
                yield found


def _state(scene: Scene, at: Statement) -> Caution | None:
    """A state_dict kept from a loop that trains on, and loaded again after it."""
    match at.node:
        case ast.Assign(
            targets=[ast.Name(id=kept)],
            value=ast.Call(func=ast.Attribute(value=model, attr="state_dict")) as call,
        ):
            pass
        case _:
            return None
    steps = any(_is_step(node) for node in ast.walk(_loop(scene, at)))
    loads = any(_loads(node, model, kept) for node in ast.walk(scene.flow.tree))
    spot = scene.spot(call)
    # What is loaded at the end was kept on the way, whether or not a line of its block was seen.
    ran = scene.moment.succeeded and len(scene.flow.bindings(at.scope, kept)) == 1
    if not ran or not steps or not loads or spot is None:
        return None
    text = ast.unparse(model)
    sentence = _(
        "{kept} holds the parameters of {model} themselves, no copies: every later "
        "step changes {kept} too, and loading it back changes nothing.",
        kept=kept,
        model=text,
    )
    code = f"copy.deepcopy({scene.text(call)})"
    remedy = Remedy(_("Keep a copy."), code)
    return Caution("alias", sentence, scene.text(call), spot, remedies=(remedy,))


def _appended(scene: Scene, at: Statement) -> Caution | None:
    """history.append(w) of a w that the same loop changes in place."""
    match at.node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[argument]) as call):
            pass
        case _:
            return None
    node, bare = argument, True
    while not isinstance(node, ast.Name):
        name, operands = forms.operation(node)
        if name not in ("detach", "data", "view", "T") or not operands:
            return None
        node = operands[0]
    loop = _loop(scene, at)
    tensor = scene.tensor(ast.copy_location(ast.Name(node.id, ast.Load()), node), at)
    if tensor is None or not bare or _is_bound(scene, node.id, at):
        return None
    leaf = bool(tensor.meta.requires_grad)
    changes = any(_changes(part, node.id) for part in ast.walk(loop))
    steps = leaf and any(_is_step(part) for part in ast.walk(loop))
    spot = scene.spot(argument)
    if not (changes or steps) or spot is None:
        return None
    text = scene.text(argument)
    sentence = _(
        "The list gets the same memory in every round, and the loop changes {name} in "
        "place: in the end all its elements are equal.",
        name=node.id,
    )
    remedy = Remedy(
        _("Append a copy."), f"{text}.clone()" if "detach" in text else f"{text}.detach().clone()"
    )
    return Caution("alias", sentence, scene.text(call), spot, remedies=(remedy,))


def _is_bound(scene: Scene, name: str, at: Statement) -> bool:
    """Whether the loop gives the name another tensor in each round."""
    loops = set(at.loops)
    return any(
        loops & {*b.statement.loops, b.statement.order} and not b.augmented
        for b in scene.flow.bindings(at.scope, name)
    )


def _loop(scene: Scene, at: Statement) -> ast.AST:
    return scene.flow.statements[at.loops[0]].node


def _is_step(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "step"


def _loads(node: ast.AST, model: ast.expr, kept: str) -> bool:
    match node:
        case ast.Call(
            func=ast.Attribute(value=owner, attr="load_state_dict"), args=[ast.Name(id=name), *_]
        ):
            return name == kept and forms.same(owner, model)
    return False


def _changes(node: ast.AST, name: str) -> bool:
    match node:
        case ast.AugAssign(target=ast.Name(id=found)):
            return found == name
        case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=found))):
            return found == name
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=found))]):
            return found == name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr=method)):
            ends = method.endswith("_") and not method.endswith("__")
            return found == name and ends and method not in forms.HARMLESS
    return False
