"""Tensors on different devices, and devices that are not there."""

from __future__ import annotations

import ast
import re

from ...translation import _
from ..failed import Failed
from ..finding import Finding, clash, few
from ..model import Fix, Operand
from ..rewrite import atom
from ..shadow import Shadow
from .layer import given, weight

Part = tuple[ast.expr | None, Operand]
LOSSES = ("cross_entropy", "nll_loss", "mse_loss", "l1_loss", "binary_cross_entropy")


def different(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Operands of one operation on more than one device."""
    parts = _parts(failed)
    devices = {operand.device for _, operand in parts if operand.device}
    if len(devices) < 2:
        return None
    # An accelerator is where the learner wants to compute; the CPU is where things are left behind.
    wanted = next(o for _, o in parts if o.device and o.device != "cpu")
    if failed.layers:
        wanted = parts[-1][1]
    elif isinstance(failed.node, ast.Subscript):
        # An index follows what it picks from.
        wanted = parts[0][1]
    swaps = {
        id(node): f"{atom(operand.text)}.to({atom(wanted.text)}.device)"
        for node, operand in parts
        if node is not None and operand.device not in (None, wanted.device)
    }
    fixes: list[Fix] = []
    if swaps:
        code = failed.swapped(swaps)
        move = _("Move what is elsewhere to {device}.", device=wanted.device)
        fixes = failed.fix(move, code)
        if not fixes and len(failed.layers) == 1:
            # What went in cannot be computed here, but moving it is all that is missing.
            fixes = [failed.advice(move, code)]
    operands = tuple(operand for _, operand in parts)
    places = [
        _("{name} is on {device}", name=o.text, device=o.device) for o in operands if o.device
    ]
    sentence = ", ".join(places) + "."
    summary = _("All tensors of one operation must be on the same device.")
    return Finding(summary, operands, clash("device", sentence), few(fixes))


def missing(failed: Failed, match: re.Match[str]) -> Finding | None:
    """CUDA on a machine or with a torch that has none."""
    node, fixes = failed.node, list[Fix]()
    if not isinstance(node, ast.Call):
        return None
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and str(part.value).startswith("cuda"):
            code = failed.rewritten(part, "'cpu'")
            fixes.append(failed.advice(_("Stay on the CPU."), code))
    if isinstance(node.func, ast.Attribute) and node.func.attr == "cuda":
        code = f"{failed.source.segment(node.func.value)}.cpu()"
        fixes.append(failed.advice(_("Stay on the CPU."), code))
    operands: tuple[Operand, ...] = ()
    if isinstance(node.func, ast.Attribute):
        operand = failed.operand(node.func.value)
        operands = (operand,) if operand.shape is not None else ()
    summary = _("This computer, or the torch installed on it, has no CUDA device.")
    return Finding(summary, operands, None, few(fixes))


def numpy(failed: Failed, match: re.Match[str]) -> Finding | None:
    """NumPy sees the CPU's memory only."""
    node = failed.node
    if not isinstance(node, ast.Call):
        return None
    base = node.func.value if isinstance(node.func, ast.Attribute) else failed.input_node()
    if base is None:
        return None
    operand = failed.operand(base)
    summary = _(
        "NumPy works in the CPU's memory, and the tensor is on {device}.", device=operand.device
    )
    fixes = []
    if operand.device != "meta":
        code = failed.rewritten(base, f"{atom(operand.text)}.cpu()")
        fixes.append(failed.advice(_("Copy it to the CPU first."), code))
    return Finding(summary, (operand,), clash("device", summary), few(fixes))


def _parts(failed: Failed) -> list[Part]:
    if failed.layers and not type(failed.layers[-1]).__name__.endswith("Loss"):
        direct = failed.input_node() if len(failed.layers) == 1 else None
        if type(failed.layers[-1]).__name__ in ("RNN", "GRU", "LSTM"):
            return _recurrent(failed, direct)
        return [(direct, given(failed)), (None, weight(failed))]
    variables = failed.inside(*LOSSES)
    if variables is not None:
        parts: list[Part] = []
        for place, name in enumerate(("input", "target")):
            node = failed.input_node(place)
            if node is not None:
                operand = failed.seen(variables.get(name), failed.source.segment(node))
                parts.append((node, operand))
        return parts
    nodes = failed.operation.nodes
    if isinstance(failed.node, ast.Subscript):
        index = failed.node.slice
        nodes = failed.node.value, *(index.elts if isinstance(index, ast.Tuple) else [index])
    if nodes and isinstance(nodes[0], ast.List | ast.Tuple):
        nodes = tuple(nodes[0].elts)
    return [
        (n, failed.operand(n)) for n in nodes if isinstance(failed.evaluator.attempt(n), Shadow)
    ]


def _recurrent(failed: Failed, direct: ast.expr | None) -> list[Part]:
    """A recurrent layer's input, and the parameter or the hidden state that is elsewhere."""
    if "hidden tensor" not in failed.message:
        return [(direct, given(failed)), (None, weight(failed, "weight_ih_l0"))]
    hidden = (failed.inside("forward") or {}).get("hx")
    if type(hidden) is tuple and hidden:
        hidden = hidden[0]
    node = failed.input_node(1) if direct is not None else None
    text = _("hidden state") if node is None else failed.source.segment(node)
    # What is a pair cannot be moved in one go.
    single = node if node is not None and failed.operand(node).shape is not None else None
    return [(single, failed.seen(hidden, text)), (None, given(failed))]
