"""One module whose tensors lie on several devices."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from ...lines.sites import MODULE
from ...translation import _, ngettext
from .. import forms
from ..flow import Statement
from ..model import Caution, Remedy
from ..moment import Parameter
from ..scene import Scene

MOST_NAMED = 3
MOVES = {"to", "cpu", "cuda", "to_empty"}


def device(scene: Scene) -> Iterator[Caution]:
    """A part of a module that was left behind, at the line that last made, moved or called it."""
    for name, tensors in scene.moment.modules.items():
        sorts = Counter(t.device for t in tensors if t.registered and t.device)
        if not sorts:
            continue
        usual = sorts.most_common(1)[0][0]
        apart = [t for t in tensors if t.device is not None and _sort(t.device) != _sort(usual)]
        at = _line(scene, name)
        if not apart or at is None or _is_placed(scene):
            continue
        spot = scene.spot(at.node)
        if spot is not None:
            text = scene.line(at.node)
            yield Caution(
                "device", _sentence(name, usual or "", apart), text, spot, remedies=_remedies(apart)
            )


def _sort(device_: str | None) -> str:
    # Two accelerators are a pipeline that somebody has built.
    return (device_ or "").partition(":")[0]


def _line(scene: Scene, name: str) -> Statement | None:
    """The last of the cell's own lines that bound or used the module."""
    found = None
    for at in scene.statements():
        if at.scope != MODULE:
            continue
        bound = [b.statement for b in scene.flow.bindings(MODULE, name)]
        used = any(
            isinstance(part, ast.Name) and part.id == name
            for expression in at.parts()
            for part in ast.walk(expression)
        )
        if at in bound or used:
            found = at
    return found


def _is_placed(scene: Scene) -> bool:
    """Whether the notebook puts a part of a module on a device by itself."""
    for cell in scene.room.cells:
        for node in ast.walk(scene.room.flow(cell).tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if node.func.attr in MOVES and isinstance(owner, ast.Attribute | ast.Subscript):
                    return True
                if node.func.attr in MOVES and isinstance(owner, ast.Call):
                    # nn.Linear(2, 3).to("cuda:1") where a part is made.
                    return not forms.is_library(owner.func) or _is_inner(
                        scene.room.flow(cell).tree, node
                    )
    return False


def _is_inner(tree: ast.Module, call: ast.Call) -> bool:
    """Whether the call is an argument, or stands in a class: then it makes a part."""
    return any(
        isinstance(outer, ast.Call | ast.ClassDef | ast.List)
        and outer is not call
        and any(part is call for part in ast.walk(outer))
        for outer in ast.walk(tree)
    )


def _sentence(name: str, usual: str, apart: list[Parameter]) -> str:
    named = ", ".join(f"{name}.{t.name}" for t in apart[:MOST_NAMED])
    more = len(apart) - MOST_NAMED
    if more > 0:
        named = _("{names} and {more} more", names=named, more=more)
    sentence = ngettext(
        "{name} is on {usual}, but {named} is on {where}: they cannot be used together.",
        "{name} is on {usual}, but {named} are on {where}: they cannot be used together.",
        len(apart),
        name=name,
        usual=usual,
        named=named,
        where=apart[0].device,
    )
    if not all(t.registered for t in apart):
        sentence += " " + _("A tensor that is a plain attribute does not move with its module.")
    return sentence


def _remedies(apart: list[Parameter]) -> tuple[Remedy, ...]:
    plain = next((t for t in apart if not t.registered), None)
    if plain is not None:
        key = plain.name.rpartition(".")[2]
        return (
            Remedy(
                _(
                    'In __init__, give it to self.register_buffer("{key}", ...) instead '
                    "of assigning it: then to() takes it along.",
                    key=key,
                )
            ),
        )
    return (Remedy(_("Move the whole module, after all its parts are in it.")),)
