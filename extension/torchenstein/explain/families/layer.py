"""Layers of torch.nn that got an input they were not made for."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from ...translation import _
from .. import told
from ..constructors import remade
from ..failed import Failed
from ..finding import Finding, clash, few, listed
from ..model import Fix, Operand
from ..path import chain
from ..rewrite import atom


def given(failed: Failed, name: str = "input") -> Operand:
    """What the failing layer received, in the learner's words where they are known."""
    variables = failed.inside("forward") or {}
    node = failed.input_node()
    known = node is not None and is_direct(failed)
    text = failed.source.segment(node) if node is not None and known else _before(failed)
    return failed.seen(variables.get(name, variables.get("x")), text)


def weight(failed: Failed, name: str = "weight") -> Operand:
    """A parameter of the failing layer."""
    tensor = failed.scope.attribute(failed.layers[-1], name)
    return failed.seen(tensor, f"{failed.layer_text}.{name}", "weight")


def changed(failed: Failed, sentence: str, change: str) -> list[Fix]:
    """The fix that calls the layer on its input with `change` appended: ".flatten(1)"."""
    node = failed.input_node()
    if node is None or not is_direct(failed):
        return []
    code = failed.rewritten(node, atom(failed.source.segment(node)) + change)
    variables = failed.inside("forward") or {}
    x = failed.shadow(variables.get("input", variables.get("x")))
    names = {"_x": x, "_layer": failed.layers[0]}
    # The whole model is tried where one was called, not only the layer that failed first.
    return [failed.advice(sentence, code)] if failed.works(f"_layer(_x{change})", **names) else []


def is_direct(failed: Failed) -> bool:
    """Whether the failing layer received what the learner's line handed over."""
    way = chain(failed.torch, failed.layers[0], failed.layers[-1])
    plain = all(type(module) is failed.torch.nn.Sequential for _, module in way[:-1])
    return bool(way) and plain and all(key == "0" for key, _ in way[1:])


def linear(failed: Failed, match: re.Match[str]) -> Finding | None:
    """nn.Linear or F.linear: the last dimension must be in_features."""
    layer = failed.layers[-1] if failed.layers else None
    fixes: list[Fix] = []
    if type(layer) is failed.torch.nn.Linear:
        x, w = given(failed), weight(failed)
    elif failed.operation.name == "linear" and len(failed.operation.nodes) > 1:
        x, w = failed.operand(failed.operation.nodes[0]), failed.operand(failed.operation.nodes[1])
    else:
        return None
    if x.shape is None and w.shape and layer is None:
        x = told.features(failed.message, x, w.shape)
    if not x.sizes or not w.shape or x.sizes[-1] == w.shape[-1]:
        return None
    last, wanted = len(x.shape) - 1 if x.shape else -1, w.shape[-1]
    size = x.sizes[-1] or 0
    if layer is not None and x.shape:
        if len(x.shape) > 2 and math.prod(x.shape[1:]) == wanted:
            fixes += changed(failed, _("Flatten all but the batch dimension first."), ".flatten(1)")
        if len(x.shape) > 1 and x.shape[-2] == wanted:
            fixes += changed(failed, _("Exchange the last two dimensions."), ".transpose(-2, -1)")
        fixes += remade(
            failed, _("Make the layer for {size} features.", size=size), "in_features", size
        )
    elif failed.operation.name == "linear":
        node = failed.operation.nodes[1]
        code = failed.rewritten(node, f"{atom(w.text)}.T")
        fixes += failed.fix(_("F.linear wants the weight as (out_features, in_features)."), code)
    known = {"wanted": wanted, "size": size, "shape": x.written}
    if layer is not None:
        summary = _(
            "The layer was made for {wanted} features, and the input has {size} in the last "
            "dimension: {shape}.",
            **known,
        )
    else:
        summary = _(
            "The weight is for {wanted} features, and the input has {size} in the last dimension: "
            "{shape}.",
            **known,
        )
    sentence = _(
        "{dimension} of the input must equal in_features, {wanted}.",
        dimension=x.dimension(last),
        wanted=wanted,
    )
    pairs = [(0, last), (1, len(w.shape) - 1)] if x.shape else [(1, len(w.shape) - 1)]
    found = clash("features", _capital(sentence), *pairs)
    return Finding(summary, (x, w), found, few(fixes))


def normalization(failed: Failed, match: re.Match[str]) -> Finding | None:
    """BatchNorm, LayerNorm, GroupNorm: sizes that were fixed when the layer was made."""
    layer = failed.layers[-1] if failed.layers else None
    kind = type(layer).__name__
    if not kind.endswith(("Norm", "Norm1d", "Norm2d", "Norm3d")):
        return None
    x = given(failed)
    if x.shape is None:
        return None
    if "more than 1 value" in failed.message:
        summary = _("In training mode a batch norm needs more than one value for each channel.")
        return Finding(summary, (x,), clash("batch size", summary, (0, 0)))
    w = weight(failed)
    if "D input" in failed.message or w.shape is None:
        summary = _(
            "{kind} got {shape}, which has the wrong number of dimensions.",
            kind=kind,
            shape=listed(x.shape),
        )
        axes = [(0, axis) for axis in range(len(x.shape))]
        return Finding(summary, (x,), clash("rank", summary, *axes))
    axis = len(x.shape) - 1 if kind in ("LayerNorm", "RMSNorm") else 1
    fixes: list[Fix] = []
    if kind == "BatchNorm1d" and len(x.shape) == 3 and x.shape[2] == w.shape[0]:
        for fix in changed(failed, _("Channels belong in dimension 1."), ".transpose(1, 2)"):
            fixes.append(replace(fix, code=f"{fix.code}.transpose(1, 2)"))
    if len(w.shape) == 1 and axis < len(x.shape) and kind != "GroupNorm":
        size = x.shape[axis]
        argument = "num_features" if kind.startswith("Batch") else "normalized_shape"
        fixes += remade(failed, _("Make the layer for {size} features.", size=size), argument, size)
    sentence = _(
        "Dimension {axis} of the input must have the size the layer was made for.", axis=axis
    )
    summary = _(
        "The layer was made for size {size}, its input is {shape}.",
        size=listed(w.shape),
        shape=listed(x.shape),
    )
    found = clash("features", sentence, (0, min(axis, len(x.shape) - 1)), (1, 0))
    return Finding(summary, (x, w), found, few(fixes))


def recurrent(failed: Failed, match: re.Match[str]) -> Finding | None:
    """RNN, GRU, LSTM: the last dimension must be input_size."""
    layer = failed.layers[-1] if failed.layers else None
    if type(layer).__name__ not in ("RNN", "GRU", "LSTM"):
        return None
    x, w = given(failed), weight(failed, "weight_ih_l0")
    wanted, size = int(match[1]), int(match[2])
    summary = _(
        "The layer was made for {wanted} features, and its input has {size}.",
        wanted=wanted,
        size=size,
    )
    fixes = remade(failed, _("Make the layer for {size} features.", size=size), "input_size", size)
    rank = len(x.shape or ())
    pairs = ((0, rank - 1), (1, 1)) if rank else ()
    return Finding(summary, (x, w), clash("features", summary, *pairs), few(fixes))


def _before(failed: Failed) -> str:
    """The input of a layer deeper in the model, which no line of the learner's names."""
    keys = [key for key, _ in failed.way[1:]]
    if keys and keys[-1].isdigit() and int(keys[-1]) > 0:
        owner = ".".join([failed.root, *keys[:-1]])
        return _("output of {name}", name=f"{owner}.{int(keys[-1]) - 1}")
    if failed.layer is None:
        return _("input of the layer")
    return _("input of {name}", name=failed.layer.path)


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
