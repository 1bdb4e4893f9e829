"""Where NaN or infinity first appears: in what a cell has assigned, and in modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from types import FunctionType

from ...lines.sites import MODULE
from ...translation import N_, _
from .. import forms
from ..flow import Statement
from ..model import Caution
from ..origins import Said
from ..scene import Scene
from ..weights import Unusual
from .weights import places, told, weights

# Whoever writes it down means it; and empty() promises nothing.
WRITTEN = re.compile(r"\b(?:inf|infinity|nan|NaN|NAN|INF|Inf|empty\w*|nan_\w+)\b|\d[eE]\d{3}")
CAUSES = {
    "log": N_("The logarithm of 0 is -inf, that of a negative number is NaN."),
    "sqrt": N_("The square root of a negative number is NaN."),
    "exp": N_("exp of more than 88 is infinite in float32."),
    "div": N_("A division by 0 gives inf, and 0 / 0 gives NaN."),
    "mean": N_("The mean of nothing is NaN."),
    "std": N_("The standard deviation of one element is NaN."),
    "acos": N_("Outside of -1 to 1 it is NaN."),
    "asin": N_("Outside of -1 to 1 it is NaN."),
    "softmax": N_("softmax of nothing but -inf is NaN."),
}
DEEPEST = 12


def nonfinite(scene: Scene) -> Iterator[Caution]:
    """The first line that made one, unless it came in from outside or was written there.

    Where a module was spoiled no later than that, by a line of its own: the module.
    """
    spoiling, holding = places(scene), set(scene.moment.weights.old)
    if not spoiling:
        # Whoever meant it knows what comes out of such a module.
        holding |= set(scene.moment.weights.fresh)
    first = _first(scene, holding)
    if first is not None:
        at, name, found = first
        where = _appending(scene, name) if found.first is not None else at
        spot = scene.spot(where.node) if where is not None else None
        if spot is not None and where is not None and not _is_after(at, spoiling):
            sentence = _sentence(scene, name, at, found)
            yield Caution("nonfinite", sentence, scene.line(where.node), spot)
            return
    if spoiling:
        yield from weights(scene, spoiling)


def _first(scene: Scene, holding: set[str]) -> tuple[Statement, str, Unusual] | None:
    """The first statement that made one, what it assigned; `holding` are modules that have some."""
    unusual = scene.moment.unusual
    for at in scene.statements():
        if at.scope != MODULE:
            continue
        for name in _assigned(at):
            found = unusual.get(name)
            last = scene.flow.bindings(MODULE, name)
            if found is None or not last or last[-1].statement is not at:
                continue
            if _is_meant(scene, at, found) or _is_inherited(scene, at, found, holding):
                continue
            return at, name, found
    return None


def _is_after(at: Statement, spoiling: list[Statement]) -> bool:
    """Whether modules were spoiled before a value was, or by the line that assigned it."""
    if not spoiling:
        return False
    if at.loops:
        return spoiling[-1].order < at.loops[0]
    return spoiling[0].order <= at.order


def _assigned(at: Statement) -> list[str]:
    node = at.node
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    return [part.id for t in targets for part in ast.walk(t) if isinstance(part, ast.Name)]


def _appending(scene: Scene, name: str) -> Statement | None:
    """The line that appends to a list."""
    for at in scene.flow.statements:
        match at.node:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="append"))
            ) if found == name and at.scope == MODULE:
                return at
    return None


def _loaded(at: Statement) -> set[str]:
    return {
        part.id
        for expression in at.parts()
        for part in ast.walk(expression)
        if isinstance(part, ast.Name)
    }


def _is_meant(scene: Scene, at: Statement, found: Unusual) -> bool:
    """Whether the code that leads here writes inf or nan."""
    if WRITTEN.search(ast.unparse(at.node)):
        return True
    waiting = [
        (scene.said(part, at), 0)
        for expression in at.parts()
        for part in ast.walk(expression)
        if isinstance(part, ast.Name)
    ]
    seen: set[str] = set()
    while waiting:
        said, depth = waiting.pop()
        if not isinstance(said.node, ast.Name) or said.node.id in seen or depth > DEEPEST:
            continue
        seen.add(said.node.id)
        origin: Said | None = scene.origins.definition(said)
        if origin is None:
            continue
        if WRITTEN.search(ast.unparse(origin.node)):
            return True
        names = (p for p in ast.walk(origin.node) if isinstance(p, ast.Name))
        waiting += [(origin.part(name), depth + 1) for name in names]
    # In a function of the notebook, too: a mask that is made there.
    return found.nan is False and _written_in_functions(scene, at)


def _written_in_functions(scene: Scene, at: Statement) -> bool:
    names = {
        forms.operation(part)[0]
        for expression in at.parts()
        for part in ast.walk(expression)
        if isinstance(part, ast.Call)
    }
    for cell in scene.room.cells:
        for function in scene.room.flow(cell).functions.values():
            if function.name in names and WRITTEN.search(ast.unparse(function)):
                return True
    return False


def _is_inherited(scene: Scene, at: Statement, found: Unusual, holding: set[str]) -> bool:
    """Whether a name that the line uses, and did not bind in this cell, had one already.

    So is what cannot be known: the line may only have passed it on.
    """
    own = set(_assigned(at))
    loaded = _loaded(at)
    if holding & (loaded | _named_inside(scene, loaded)):
        return True
    for name in loaded - own:
        if scene.flow.candidates(name, at) and scene.flow.binding(name, at) is None:
            # Bound later in the same loop, or here or there: the first in the text is told.
            continue
        before = scene.moment.unusual.get(name)
        if before is not None and (before.nan or not found.nan):
            return True
        held = scene.moment.after.get(name)
        floats = held is not None and str(held.facts.dtype).startswith(("float", "bfloat"))
        if floats and name not in scene.moment.looked:
            return True
    # x = x / 0 of an x from before: whether it was finite then is not known any more.
    return bool(own & set(scene.moment.before)) and not isinstance(at.node, ast.Assign)


def _named_inside(scene: Scene, names: set[str]) -> set[str]:
    """What the functions among the names name themselves: a model of the notebook."""
    functions = [scene.moment.things[name]() for name in names & set(scene.moment.things)]
    found = [f.__code__.co_names for f in functions if type(f) is FunctionType]
    return {name for each in found for name in each}


def _sentence(scene: Scene, name: str, at: Statement, found: Unusual) -> str:
    what = told(found)
    if found.first is not None:
        return _(
            "{what} first appears as element {first} of {name}, counted from 0: what "
            "was computed in that round was finite no longer.",
            what=what,
            first=found.first,
            name=name,
        )
    held = scene.moment.after.get(name)
    known = {"name": name, "what": what}
    is_many = held is not None and bool(held.facts.shape)
    if at.loops:
        sentence = (
            _("{name} holds {what} when the loop is over.", **known)
            if is_many
            else _("{name} is {what} when the loop is over.", **known)
        )
        for kept, numbers in scene.moment.unusual.items():
            if numbers.first is not None and _appending(scene, kept) is not None:
                sentence += " " + _(
                    "{name} shows since when: from its element {first} on.",
                    name=kept,
                    first=numbers.first,
                )
    else:
        sentence = (
            _("{name} holds {what}, though what the line works with is finite.", **known)
            if is_many
            else _("{name} is {what}, though what the line works with is finite.", **known)
        )
    parts = [part for expression in at.parts() for part in ast.walk(expression)]
    operations = [
        "div"
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div)
        else forms.operation(part)[0].rstrip("_")
        for part in parts
        if isinstance(part, ast.expr)
    ]
    cause = next((_(CAUSES[each]) for each in operations if each in CAUSES), "")
    return f"{sentence} {cause}".rstrip()
