"""Losses of torch: which one an expression calls, by function, by layer, or by a name for it."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from . import forms
from .origins import Origins, Said

# A layer and the function that its forward calls.
LAYERS = {
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "BCELoss": "binary_cross_entropy",
    "KLDivLoss": "kl_div",
    "MSELoss": "mse_loss",
    "L1Loss": "l1_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss",
}
FUNCTIONS = frozenset(LAYERS.values())
REGRESSION = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")


class Loss(NamedTuple):
    """A call of the loss `name` (a function's): `written` as the learner called it."""

    name: str
    written: str
    input: ast.expr
    target: ast.expr | None


def loss_of(torch: Any, origins: Origins, said: Said) -> Loss | None:
    """The loss that the call `said.node` computes; None for any other call."""
    call = said.node
    if not isinstance(call, ast.Call) or not (call.args or call.keywords):
        return None
    name = _name(torch, origins, said.part(call.func))
    given = [call.args[i] if i < len(call.args) else None for i in (0, 1)]
    first = given[0] or forms.keyword(call, "input")
    if name is None or first is None or isinstance(first, ast.Starred):
        return None
    written = name[1]
    return Loss(name[0], written, first, given[1] or forms.keyword(call, "target"))


def _name(torch: Any, origins: Origins, said: Said) -> tuple[str, str] | None:
    """The function and the name the learner knows it by."""
    thing = origins.thing(said)
    function = getattr(thing, "__name__", None)
    name: str = function if type(function) is str else ""
    if name in FUNCTIONS and vars(torch.nn.functional).get(name) is thing:
        return name, name
    if issubclass(type(thing), torch.nn.Module):
        return _of_class(torch, type(thing))
    origin = origins.definition(said) or origins.attribute(said)
    made = origin or said
    if isinstance(made.node, ast.Call):
        return _of_class(torch, origins.thing(made.part(made.node.func)))
    return None


def _of_class(torch: Any, class_: Any) -> tuple[str, str] | None:
    name = class_.__name__ if type(class_) is type else ""
    if name in LAYERS and vars(torch.nn).get(name) is class_:
        return LAYERS[name], name
    return None
