"""Convolution and pooling: channels in dimension 1, after them the spatial dimensions."""

from __future__ import annotations

import re

from ...translation import _, ngettext
from ..constructors import remade
from ..failed import Failed
from ..finding import Finding, clash, few, listed
from ..model import Fix, Operand
from ..rewrite import atom
from .layer import changed, given, weight

SPATIAL = {"1d": 1, "2d": 2, "3d": 3}


def conv(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Wrong number of channels, wrong number of dimensions, or a kernel larger than the input."""
    operands = _operands(failed)
    if operands is None:
        return None
    x, w = operands
    if x.shape is None or not w.shape:
        return None
    spatial = len(w.shape) - 2
    rank = len(x.shape)
    if "Kernel size" in failed.message:
        sentence = _("The kernel must fit into the padded input.")
        pairs = [
            (i, len(s) - 1 - n) for i, s in enumerate((x.shape, w.shape)) for n in range(spatial)
        ]
        summary = _(
            "The input {shape} is smaller than the kernel {kernel}.",
            shape=listed(x.shape),
            kernel=listed(w.shape[2:]),
        )
        return Finding(summary, (x, w), clash("kernel", sentence, *pairs))
    if rank not in (spatial + 1, spatial + 2):
        sentence = _(
            "A {spatial}d convolution takes {rank} dimensions (batch, channels, ...).",
            spatial=spatial,
            rank=spatial + 2,
        )
        summary = _("The input {shape} has {rank} dimensions.", shape=listed(x.shape), rank=rank)
        fixes = _missing(failed, x, rank, spatial)
        found = clash("rank", sentence, *((0, axis) for axis in range(rank)))
        return Finding(f"{summary} {sentence}", (x, w), found, few(fixes))
    transposed = "transposed=1" in failed.message
    # A transposed convolution goes from the out_channels of its convolution back to the input.
    channels = 0 if transposed else 1
    axis, wanted = rank - spatial - 1, w.shape[channels]
    groups = re.search(r"groups=(\d+)", failed.message)
    if groups and not transposed:
        wanted *= int(groups[1])
    fixes = _fixes(failed, x, axis, spatial, wanted)
    known = {"channels": counted(wanted), "axis": axis, "size": x.shape[axis]}
    if failed.layers:
        summary = _(
            "The layer was made for {channels}, and dimension {axis} of the input has {size}.",
            **known,
        )
    else:
        summary = _(
            "The kernel is for {channels}, and dimension {axis} of the input has {size}.", **known
        )
    summary += " " + ngettext(
        "The channels come before the last dimension.",
        "The channels come before the last {number} dimensions.",
        spatial,
    )
    sentence = _("Size {size} must equal in_channels, {wanted}.", size=x.shape[axis], wanted=wanted)
    found = clash("channels", sentence, (0, axis), (1, channels))
    return Finding(summary, (x, w), found, few(fixes))


def pool(failed: Failed, match: re.Match[str]) -> Finding | None:
    """A window larger than what is left of the image."""
    layer = failed.layers[-1] if failed.layers else None
    if "Pool" in type(layer).__name__:
        x = given(failed)
    elif failed.operation.nodes and "pool" in failed.operation.name:
        x = failed.operand(failed.operation.nodes[0])
    else:
        return None
    if x.shape is None:
        return None
    axes = [(0, axis) for axis in range(max(len(x.shape) - 2, 0), len(x.shape))]
    if "too small" in failed.message:
        summary = _("The window is larger than the input, so nothing would be left.")
        return Finding(summary, (x,), clash("kernel", summary, *axes))
    summary = _(
        "The input {shape} needs a channel dimension, and may have a batch dimension.",
        shape=listed(x.shape),
    )
    fixes = changed(failed, _("Add the channel dimension."), ".unsqueeze(0)")
    return Finding(summary, (x,), clash("rank", summary, *axes), few(fixes))


def counted(channels: int) -> str:
    return ngettext("{number} channel", "{number} channels", channels)


def _operands(failed: Failed) -> tuple[Operand, Operand] | None:
    layer = failed.layers[-1] if failed.layers else None
    if type(layer).__name__.startswith("Conv"):
        return given(failed), weight(failed)
    nodes = failed.operation.nodes
    if failed.operation.name.startswith("conv") and len(nodes) > 1:
        return failed.operand(nodes[0]), failed.operand(nodes[1], "weight")
    return None


def _changed(failed: Failed, x: Operand, sentence: str, change: str) -> list[Fix]:
    if failed.layers:
        return changed(failed, sentence, change)
    code = failed.rewritten(failed.operation.nodes[0], atom(x.text) + change)
    return failed.fix(sentence, code)


def _missing(failed: Failed, x: Operand, rank: int, spatial: int) -> list[Fix]:
    if rank == spatial:
        both = _changed(failed, x, _("Add the batch and the channel dimension."), "[None, None]")
        return _changed(failed, x, _("Add the channel dimension."), ".unsqueeze(0)") + both
    if rank == spatial + 3:
        return _changed(failed, x, _("Merge the first two dimensions."), ".flatten(0, 1)")
    return []


def _fixes(failed: Failed, x: Operand, axis: int, spatial: int, wanted: int) -> list[Fix]:
    shape, fixes = x.shape or (), list[Fix]()
    if shape[-1] == wanted:
        if spatial == 1:
            sentence = _("Exchange the last two dimensions: channels come before length.")
            fixes += _changed(failed, x, sentence, ".transpose(-2, -1)")
        else:
            sentence = _("Move the channels from the end to the front of the spatial dimensions.")
            fixes += _changed(failed, x, sentence, f".movedim(-1, {-spatial - 1})")
    if wanted == 1 and axis == 0:
        # Without a batch dimension the images of a batch are read as channels.
        fixes += _changed(failed, x, _("Add the channel dimension."), ".unsqueeze(1)")
    size = shape[axis]
    if failed.layers:
        sentence = _("Make the layer for {channels}.", channels=counted(size))
        fixes += remade(failed, sentence, "in_channels", size)
    return fixes
