"""Classification losses: logits (N, C, ...) against class numbers (N, ...)."""

from __future__ import annotations

import ast
import math
import re

from ..failed import Failed
from ..finding import Finding, clash, few, listed
from ..model import Clash, Fix, Operand
from ..rewrite import atom

CROSS = ("cross_entropy", "nll_loss")
BINARY = ("binary_cross_entropy", "binary_cross_entropy_with_logits")


class Arguments:
    """Input and target of a loss, as its frame received them and as they were written."""

    def __init__(self, failed: Failed, *functions: str) -> None:
        variables = failed.inside(*functions) or {}
        self.known = bool(variables)
        self.nodes = failed.input_node(0), failed.input_node(1)
        texts = [failed.source.segment(n) if n else f"input {i}" for i, n in enumerate(self.nodes)]
        self.x = failed.seen(variables.get("input"), texts[0])
        self.y = failed.seen(variables.get("target"), texts[1], "target")
        self._failed = failed
        function = next((name for name in functions if failed.inside(name)), "")
        loss = getattr(failed.torch.nn.functional, function, None)
        given = {"_x": variables.get("input"), "_y": variables.get("target")}
        # Tried on what the loss received: how it was computed does not matter.
        self._names = {name: failed.shadow(tensor) for name, tensor in given.items()}
        self._names["_loss"] = loss

    def fix(self, sentence: str, x: str = "", y: str = "") -> list[Fix]:
        """The call with `x` and `y` appended to its arguments, if it works."""
        code = self.code(x, y)
        if code is None or not self._failed.works(f"_loss(_x{x}, _y{y})", **self._names):
            return []
        return [self._failed.advice(sentence, code)]

    def code(self, x: str, y: str) -> str | None:
        one, two = self.nodes
        if one is None or two is None:
            return None
        parts = {id(one): atom(self.x.text) + x} if x else {}
        return self._failed.swapped(parts | ({id(two): atom(self.y.text) + y} if y else {}))


def sizes(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Logits and class numbers whose shapes do not belong together."""
    given = Arguments(failed, *CROSS)
    x, y = given.x, given.y
    if not given.known or x.shape is None or y.shape is None:
        return None
    classes = x.shape[1] if len(x.shape) > 1 else None
    fixes: list[Fix] = []
    if y.shape == (*x.shape[:1], 1):
        fixes += given.fix("Drop the target's dimension of size 1.", y=".squeeze(1)")
    if len(x.shape) == 3 and y.shape == x.shape[:2]:
        fixes += given.fix("Put the classes in dimension 1.", x=".transpose(1, 2)")
        fixes += given.fix("Or count every position as a sample.", ".flatten(0, 1)", ".flatten()")
    elif len(x.shape) > 2 and y.shape == (math.prod(x.shape[:-1]),):
        fixes += given.fix("Count every position as a sample.", f".flatten(0, {len(x.shape) - 2})")
    elif len(x.shape) == 2 and math.prod(y.shape) == x.shape[0] and len(y.shape) > 1:
        fixes += given.fix("Count every position as a sample.", y=".flatten()")
    if len(x.shape) == 2 and y.shape == x.shape and classes and y.dtype and "int" in y.dtype:
        fixes += given.fix(
            "Give class numbers instead of rows of zeros and ones.", y=".argmax(dim=1)"
        )
    if len(x.shape) == 4 and y.shape == (x.shape[0], 1, *x.shape[2:]):
        fixes += given.fix("Drop the target's dimension of size 1.", y=".squeeze(1)")
    wanted = (x.shape[0], *x.shape[2:]) if len(x.shape) > 1 else ()
    summary = (
        f"Logits of shape {listed(x.shape)} mean that {x.dimension(1 if classes else 0)} is the "
        f"classes, and want class numbers of shape {listed(wanted)}, not {listed(y.shape)}."
    )
    return Finding(summary, (x, y), _clash(x, y, wanted), few(fixes))


def kind(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Class numbers that are not long, or probabilities that are not floating-point."""
    given = Arguments(failed, *CROSS)
    if not given.known or given.y.dtype is None:
        return None
    same = given.x.shape == given.y.shape
    fixes: list[Fix] = []
    if same:
        fixes += given.fix("Read them as probabilities.", y=".float()")
        fixes += given.fix("Give class numbers.", y=".argmax(dim=1)")
    elif (
        given.y.shape is not None
        and given.x.shape is not None
        and len(given.y.shape) > 1
        and (given.y.shape == (given.x.shape[0], 1))
    ):
        fixes += given.fix("Make whole class numbers of them.", y=".squeeze(1).long()")
    else:
        fixes += given.fix("Make whole class numbers of them.", y=".long()")
    wanted = "floating-point probabilities" if same else "whole class numbers (int64)"
    summary = f"The target must be {wanted}, and {given.y.text} is {given.y.dtype}."
    return Finding(summary, (given.x, given.y), clash("dtype", summary), few(fixes))


def bounds(failed: Failed, match: re.Match[str]) -> Finding | None:
    """A class number that the logits have no column for."""
    given = Arguments(failed, *CROSS)
    if not given.known or not given.x.shape:
        return None
    axis = 1 if len(given.x.shape) > 1 else 0
    classes, target = given.x.shape[axis], int(match[1])
    summary = (
        f"The target holds the class number {target}, and the logits have {classes} classes: "
        f"0 to {classes - 1}."
    )
    if target == classes:
        summary += " Do your classes count from 1, or is the last layer one output short?"
    if target == -1:
        summary += " If -1 marks what shall not count, say so: ignore_index=-1."
    fixes: list[Fix] = []
    if target < 0 and isinstance(failed.node, ast.Call) and not failed.layers:
        code = f"{ast.unparse(failed.node)[:-1]}, ignore_index={target})"
        fixes += failed.fix(f"Leave out the targets that are {target}.", code)
    found = clash("classes", f"Class numbers must be below {classes}.", (0, axis))
    return Finding(summary, (given.x, given.y), found, few(fixes))


def binary(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Binary losses want both shapes equal."""
    given = Arguments(failed, *BINARY)
    x, y = given.x, given.y
    if not given.known or x.shape is None or y.shape is None:
        return None
    fixes: list[Fix] = []
    if x.shape == (*y.shape, 1):
        fixes += given.fix("Drop the last dimension of the prediction.", x=".squeeze(-1)")
        fixes += given.fix("Or give the target one.", y=".unsqueeze(-1)")
    elif y.shape == (*x.shape, 1):
        fixes += given.fix("Drop the last dimension of the target.", y=".squeeze(-1)")
    summary = f"Prediction {listed(x.shape)} and target {listed(y.shape)} must have the same shape."
    return Finding(summary, (x, y), _clash(x, y, x.shape), few(fixes))


def whole(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Binary targets that are whole numbers."""
    given = Arguments(failed, *BINARY)
    x, y = given.x, given.y
    if not given.known or y.dtype is None or x.dtype == y.dtype:
        return None
    fixes = given.fix("Make the targets floating-point.", y=".float()")
    summary = f"This loss compares probabilities, so the targets must be {x.dtype}, not {y.dtype}."
    sentence = f"{x.text} is {x.dtype}, {y.text} is {y.dtype}."
    return Finding(summary, (x, y), clash("dtype", sentence), few(fixes))


def probability(failed: Failed, match: re.Match[str]) -> Finding | None:
    """binary_cross_entropy of what are not probabilities."""
    given = Arguments(failed, *BINARY)
    if not given.known:
        return None
    fixes: list[Fix] = []
    node = failed.input_node()
    if node is not None:
        code = failed.rewritten(node, f"torch.sigmoid({given.x.text})")
        fixes += failed.fix("Make probabilities of the logits.", code)
    summary = "This loss takes probabilities from 0 to 1, and got other numbers: logits, perhaps."
    return Finding(summary, (given.x, given.y), None, few(fixes))


def _clash(x: Operand, y: Operand, wanted: tuple[int, ...]) -> Clash:
    sentence = f"The target's shape {listed(y.shape)} is not {listed(wanted)}."
    shape = y.shape or ()
    if len(shape) != len(wanted):
        return clash("rank", sentence, *((1, axis) for axis in range(len(shape))))
    axes = [i for i, (a, b) in enumerate(zip(shape, wanted, strict=True)) if a != b]
    return clash("equal", sentence, *((1, axis) for axis in axes))
