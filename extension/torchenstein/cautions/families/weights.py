"""Modules whose parameters or buffers came out of a cell with NaN or infinity."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...translation import _, ngettext
from .. import forms
from ..flow import Statement
from ..model import Caution, Spot
from ..scene import Scene
from ..weights import Spoiled, Unusual
from .suspects import suspects

NAN = {"nan"}
INFINITE = {"nan", "inf", "infinity"}


def weights(scene: Scene, where: list[Statement]) -> Iterator[Caution]:
    """One for each module; `where` are the statements that may have done it."""
    first, last = scene.spot(where[0].node), scene.spot(where[-1].node)
    if first is None or last is None:
        return
    spot = Spot(first.line, first.column, last.end_line, last.end_column)
    for name, spoiled in scene.moment.weights.fresh.items():
        sentence = _sentence(scene, name, spoiled, where)
        yield Caution("nonfinite", sentence, scene.line(where[0].node), spot)


def places(scene: Scene) -> list[Statement]:
    """Where modules may have been spoiled in the cell; nowhere if none was, or it was meant."""
    fresh = scene.moment.weights.fresh
    if not fresh:
        return []
    where = suspects(scene)
    words = NAN if any(spoiled.what.nan for spoiled in fresh.values()) else INFINITE
    return [] if any(_writes(scene, at, words) for at in where) else where


def _writes(scene: Scene, at: Statement, words: set[str]) -> bool:
    """Whether the statement, or a function of the notebook that it calls, writes NaN down."""
    parts = [part for expression in at.parts() for part in ast.walk(expression)]
    called = {forms.operation(part)[0] for part in parts if isinstance(part, ast.Call)}
    functions = [f for cell in scene.room.cells for f in scene.room.flow(cell).functions.values()]
    code = [node for f in functions if f.name in called for node in ast.walk(f)]
    return any(_word(node) in words for node in (*parts, *code))


def _word(node: ast.AST) -> str:
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word) | ast.Constant(value=str(word)):
            return word.lower().lstrip("+-")
    return ""


def told(what: Unusual) -> str:
    if what.nan and what.inf:
        return _("NaN and infinity")
    return "NaN" if what.nan else _("infinity")


def _sentence(scene: Scene, name: str, spoiled: Spoiled, where: list[Statement]) -> str:
    known = {"name": f"{name}.{spoiled.tensors[0]}", "what": told(spoiled.what)}
    if len(where) > 1:
        sentence = _(
            "{name} holds {what} when the cell is over; which of its lines did it is not known.",
            **known,
        )
    elif where[0].loops:
        sentence = _("{name} holds {what} when the loop is over.", **known)
    else:
        sentence = _("{name} holds {what} after this line.", **known)
    more = len(spoiled.tensors) - 1
    if more:
        sentence += " " + ngettext(
            "One more tensor of {name} is not finite either.",
            "{number} more tensors of {name} are not finite either.",
            more,
            name=name,
        )
    for kept, numbers in scene.moment.unusual.items():
        if numbers.first is not None:
            sentence += " " + _(
                "{name} shows since when: from its element {first} on.",
                name=kept,
                first=numbers.first,
            )
    return sentence
