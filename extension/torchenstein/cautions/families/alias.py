"""Two names for one memory, which was changed through one while the other was still used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from ...translation import _
from .. import forms
from ..flow import Binding, Statement
from ..model import Caution, Remedy
from ..scene import Scene
from .snapshots import snapshots


class Tie(NamedTuple):
    """`other` was made from `base`: the same tensor, or a view of it by `how`."""

    other: Binding
    base: str
    how: str
    expression: ast.expr


def alias(scene: Scene) -> Iterator[Caution]:
    """Changes in place that reach a second name which is read afterwards."""
    for tie in _ties(scene):
        found = _changed(scene, tie)
        if found is not None:
            yield found
    yield from snapshots(scene)


def _ties(scene: Scene) -> Iterator[Tie]:
    for at in scene.statements():
        for name in scene.flow.names(at.scope):
            for binding in scene.flow.bindings(at.scope, name):
                if binding.statement is at and binding.value is not None and not at.loops:
                    yield from _tie(scene, binding, binding.value)


def _tie(scene: Scene, binding: Binding, value: ast.expr) -> Iterator[Tie]:
    node, how = value, ""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Subscript) and _is_basic(node.slice):
            how, node = how or "index", node.value
            continue
        name, operands = forms.operation(node)
        sure = name in forms.VIEWS or (name == "detach" and not how)
        perhaps = name in forms.PERHAPS and _share(scene, binding, operands)
        if not operands or not (sure or perhaps):
            return
        how, node = how or name, operands[0]
    at = binding.statement
    if node.id == binding.name or scene.facts(binding) is None:
        return
    if scene.tensor(ast.copy_location(ast.Name(node.id, ast.Load()), node), at) is not None:
        yield Tie(binding, node.id, how or "same", value)


def _share(scene: Scene, binding: Binding, operands: list[ast.expr]) -> bool:
    """Whether the two do share memory, where that depends: seen at the end of the cell."""
    base = operands[0] if operands else None
    if not isinstance(base, ast.Name) or binding.statement.function is not None:
        return False
    one, other = (scene.moment.after.get(n) for n in (binding.name, base.id))
    if one is None or other is None or one.place is None or other.place is None:
        return False
    return one.place == other.place and one.place.address != 0


def _is_basic(index: ast.expr) -> bool:
    """Whether indexing with it makes a view: whole numbers, slices, None."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return all(
        isinstance(part, ast.Slice)
        or forms.whole(part) is not None
        or (isinstance(part, ast.Constant) and part.value in (None, ...))
        or (isinstance(part, ast.Name) and part.id in ("i", "j", "k", "n", "row", "column"))
        for part in parts
    )


def _changed(scene: Scene, tie: Tie) -> Caution | None:
    """The first change in place after the tie that reaches a name which is read later."""
    start = tie.other.statement
    other, base = tie.other.name, tie.base
    for at in scene.flow.statements:
        if at.scope != start.scope or at.order <= start.order or not scene.ran(at):
            continue
        if any(
            b.statement is at and not b.augmented
            for n in (other, base)
            for b in scene.flow.bindings(at.scope, n)
        ):
            return None
        changed = _in_place(at)
        if changed is None or changed[0] not in (other, base):
            continue
        name, target = changed
        if _matters(scene, tie, name, target, at):
            return _caution(scene, tie, name, at)
    return None


def _in_place(at: Statement) -> tuple[str, ast.expr | None] | None:
    """The name a statement changes in place, and the index it writes to (None: all of it)."""
    node = at.node
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return node.target.id, None
    written: ast.expr | None = None
    if isinstance(node, ast.AugAssign):
        written = node.target
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        written = node.targets[0]
    if isinstance(written, ast.Subscript) and isinstance(written.value, ast.Name):
        return written.value.id, written.slice
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        function = call.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            ends = function.attr.endswith("_") and not function.attr.endswith("__")
            if ends and function.attr not in forms.HARMLESS:
                return function.value.id, None
    return None


def _matters(scene: Scene, tie: Tie, name: str, index: ast.expr | None, at: Statement) -> bool:
    other, base = tie.other.name, tie.base
    reads_other, reads_base = _reads(scene, other, at), _reads(scene, base, at)
    if tie.how == "same":
        return reads_base if name == other else reads_other
    if name == other:
        # Who writes through a view and then leaves it alone wanted to write; through a detached
        # one, too: autograd must not watch.
        return reads_base and reads_other and tie.how != "detach"
    if index is None:
        return reads_other
    expression = tie.expression
    # tmp = x[0]; x[0] = x[1]; x[1] = tmp
    return (
        isinstance(expression, ast.Subscript)
        and forms.same(expression.slice, index)
        and reads_other
    )


def _reads(scene: Scene, name: str, after: Statement) -> bool:
    """Whether the name is read later, before it is bound anew."""
    for at in scene.flow.statements:
        if at.scope != after.scope or at.order <= after.order or isinstance(at.node, ast.Assert):
            # Whoever asserts what has become of it knows.
            continue
        changed = _in_place(at)
        for part in at.parts():
            for node in ast.walk(part):
                match node:
                    case ast.Name(id=found, ctx=ast.Load()) if found == name:
                        if changed is None or changed[0] != name:
                            return True
        if any(b.statement is at and not b.augmented for b in scene.flow.bindings(at.scope, name)):
            return False
    return False


def _caution(scene: Scene, tie: Tie, name: str, at: Statement) -> Caution | None:
    other, base = tie.other.name, tie.base
    spot = scene.spot(at.node)
    if spot is None:
        return None
    line = (scene.cell.typed(tie.other.statement.node.lineno) or 0) + 1
    made = scene.text(tie.expression)
    known = {"name": other, "base": base, "line": line, "code": f"{other} = {made}"}
    if tie.how == "same":
        tied = _(
            "{name} is the same tensor as {base} (line {line}: {code}), no copy of it.", **known
        )
    elif tie.how in forms.PERHAPS:
        # Nothing had to be done, so nothing was copied.
        tied = _("{name} is in the memory of {base} (line {line}: {code}), no copy of it.", **known)
    else:
        tied = _("{name} is a view of {base} (line {line}: {code}), no copy of it.", **known)
    hit = _(
        "This line changes {name} in place, and so {other} has changed too.",
        name=name,
        other=base if name == other else other,
    )
    remedy = Remedy(_("Make a copy on line {line}.", line=line), f"{other} = {made}.clone()")
    return Caution("alias", f"{tied} {hit}", scene.line(at.node), spot, remedies=(remedy,))
