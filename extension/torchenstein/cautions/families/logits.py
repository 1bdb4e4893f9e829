"""A loss that applies softmax or sigmoid itself, given what has been through one already."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, NamedTuple

from ...explain.rewrite import swapped
from ...translation import N_, _
from .. import forms
from ..flow import Statement
from ..losses import Loss, loss_of
from ..model import Caution, Remedy
from ..origins import Said
from ..scene import Scene, forward_of

WANTS_LOGARITHMS = ("nll_loss", "kl_div")
SENTENCES = {
    "cross_entropy": N_(
        "{loss} applies log_softmax to its input itself, and {name} has been through {through}. "
        "Twice raises no error, but the loss hardly moves and its gradients are small: it wants "
        "the logits."
    ),
    "binary_cross_entropy_with_logits": N_(
        "{loss} applies sigmoid to its input itself, and {name} has been through {through}. Twice "
        "raises no error, but the loss hardly moves and its gradients are small: it wants the "
        "logits."
    ),
    "nll_loss": N_(
        "{loss} wants logarithms of probabilities, and {name} has been through {through}, without "
        "a logarithm."
    ),
    "kl_div": N_(
        "{loss} wants logarithms of probabilities as its input, and {name} has been through "
        "{through}, without a logarithm."
    ),
}
SQUASHES = {"softmax": "softmax", "sigmoid": "sigmoid", "expit": "sigmoid"}
LAYERS = {"Softmax": "softmax", "Softmax2d": "softmax", "Sigmoid": "sigmoid"}
DEEPEST = 8


class Squash(NamedTuple):
    """What made probabilities: `through` is softmax or sigmoid; `said` went in, if it is known.

    `where` says in words where that is, where it is not in the code of the cell.
    """

    through: str
    where: str
    said: Said | None = None


def logits(scene: Scene) -> Iterator[Caution]:
    """Losses whose input is known to come out of softmax or sigmoid."""
    for at in scene.statements():
        for node in at.nodes():
            found = _loss(scene, node, at) if isinstance(node, ast.Call) else None
            if found is not None:
                yield found


def _loss(scene: Scene, call: ast.Call, at: Statement) -> Caution | None:
    loss = loss_of(scene.torch, scene.origins, scene.said(call, at))
    if loss is None or loss.name not in SENTENCES:
        return None
    squash = _squash(scene, scene.said(loss.input, at))
    if squash is None or (loss.name in WANTS_LOGARITHMS and squash.through != "softmax"):
        return None
    spot = scene.spot(call)
    if spot is None:
        return None
    sentence = _(
        SENTENCES[loss.name],
        loss=loss.written,
        name=scene.text(loss.input),
        through=squash.where or squash.through,
    )
    return Caution(
        "logits",
        sentence,
        scene.text(call),
        spot,
        remedies=_remedies(scene, call, at, loss, squash),
    )


def _remedies(
    scene: Scene, call: ast.Call, at: Statement, loss: Loss, squash: Squash
) -> tuple[Remedy, ...]:
    wants_logarithms = loss.name in WANTS_LOGARITHMS
    if squash.said is None:
        if wants_logarithms:
            return (Remedy(_("Use log_softmax there instead of softmax.")),)
        sentence = _(
            "Take the {through} out of the model; apply it when you predict.",
            through=squash.through,
        )
        return (Remedy(sentence),)
    inner = squash.said.node
    visible = squash.said.at is at or (
        isinstance(inner, ast.Name)
        and squash.said.flow is scene.flow
        and not scene.flow.between(inner.id, squash.said.at, at)
    )
    text = ast.unparse(inner)
    if wants_logarithms:
        text = f"F.log_softmax({text}, dim=1)"
    if not visible:
        sentence = _("Give it what went into the {through}.", through=squash.through)
        return (Remedy(sentence),)
    code = swapped(scene.source, call, {id(loss.input): text})
    sentence = _("Give it log-probabilities.") if wants_logarithms else _("Give it the logits.")
    return (Remedy(sentence, code),)


def _squash(scene: Scene, said: Said, depth: int = 0) -> Squash | None:
    """What made probabilities of `said`; None where nothing is known to."""
    node, origins = said.node, scene.origins
    if depth > DEEPEST:
        return None
    if isinstance(node, ast.Name):
        origin = origins.definition(said)
        return None if origin is None else _squash(scene, origin, depth + 1)
    if isinstance(node, ast.Subscript):
        return _squash(scene, said.part(node.value), depth + 1)
    if not isinstance(node, ast.Call | ast.Attribute):
        return None
    name, operands = forms.operation(node)
    if isinstance(node, ast.Call) and name in SQUASHES and operands:
        # A method of the learner's own may have any name.
        owner = origins.thing(said.part(node.func))
        if owner is None or _is_torchs(owner):
            return Squash(SQUASHES[name], "", said.part(operands[0]))
    if name in forms.REARRANGING and operands:
        return _squash(scene, said.part(operands[0]), depth + 1)
    return _called(scene, said, depth) if isinstance(node, ast.Call) else None


def _called(scene: Scene, said: Said, depth: int) -> Squash | None:
    """Through a layer, a model or a function of the notebook."""
    call, origins = said.node, scene.origins
    if not isinstance(call, ast.Call):
        return None
    callee = said.part(call.func)
    thing = origins.thing(callee)
    given = said.part(call.args[0]) if len(call.args) == 1 else None
    if thing is not None:
        through = _last_layer(scene.torch, thing)
        if through is not None:
            model = ast.unparse(call.func)
            own = type(thing).__name__ in LAYERS
            return Squash(
                through,
                ""
                if own
                else _("{through}, the last layer of {model}", through=through, model=model),
                given if own else None,
            )
        code = forward_of(scene.torch, thing)
        return None if code is None else _returned(scene, code, ast.unparse(call.func), depth)
    made = origins.definition(callee) or origins.attribute(callee) or callee
    if isinstance(made.node, ast.Call):
        return _constructed(scene, made, given)
    return None


def _returned(scene: Scene, code: tuple[int, str], called: str, depth: int) -> Squash | None:
    """What all returns of the learner's function have in common."""
    found = [_squash(scene, said, depth + 1) for said in scene.origins.returned(code)]
    first = found[0] if found else None
    if first is None or any(each is None or each.through != first.through for each in found):
        return None
    return Squash(
        first.through, _("{through} in {function}", through=first.through, function=called)
    )


def _constructed(scene: Scene, made: Said, given: Said | None) -> Squash | None:
    """nn.Softmax(dim=1), or nn.Sequential(..., nn.Softmax(dim=1)), as it is written."""
    call = made.node
    if not isinstance(call, ast.Call):
        return None
    class_ = scene.origins.thing(made.part(call.func))
    name = class_.__name__ if type(class_) is type else ""
    if vars(scene.torch.nn).get(name) is not class_:
        return None
    if name in LAYERS:
        return Squash(LAYERS[name], "", given)
    if name == "Sequential" and call.args and not isinstance(call.args[-1], ast.Starred):
        inner = _constructed(scene, made.part(call.args[-1]), None)
        if inner is None:
            return None
        where = _("{through}, the last layer of the model", through=inner.through)
        return Squash(inner.through, where)
    return None


def _last_layer(torch: Any, thing: Any) -> str | None:
    """softmax or sigmoid, where a layer of torch ends with one."""
    while type(thing) is torch.nn.Sequential:
        children = list(vars(thing).get("_modules", {}).values())
        if not children:
            return None
        thing = children[-1]
    name = type(thing).__name__
    return LAYERS.get(name) if vars(torch.nn).get(name) is type(thing) else None


def _is_torchs(function: Any) -> bool:
    module = getattr(function, "__module__", None)
    return module is None or (type(module) is str and module.partition(".")[0] == "torch")
