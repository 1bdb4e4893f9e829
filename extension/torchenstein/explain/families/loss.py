"""Classification losses: logits (N, C, ...) against class numbers (N, ...)."""

from __future__ import annotations

import ast
import math
import re

from ...translation import _
from ..failed import Failed
from ..finding import Finding, clash, dtypes, few, listed
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
        texts = [
            failed.source.segment(node) if node else _("input {place}", place=i)
            for i, node in enumerate(self.nodes)
        ]
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
        fixes += given.fix(_("Drop the target's dimension of size 1."), y=".squeeze(1)")
    if len(x.shape) == 3 and y.shape == x.shape[:2]:
        fixes += given.fix(_("Put the classes in dimension 1."), x=".transpose(1, 2)")
        fixes += given.fix(
            _("Or count every position as a sample."), ".flatten(0, 1)", ".flatten()"
        )
    elif len(x.shape) > 2 and y.shape == (math.prod(x.shape[:-1]),):
        fixes += given.fix(
            _("Count every position as a sample."), f".flatten(0, {len(x.shape) - 2})"
        )
    elif len(x.shape) == 2 and math.prod(y.shape) == x.shape[0] and len(y.shape) > 1:
        fixes += given.fix(_("Count every position as a sample."), y=".flatten()")
    if len(x.shape) == 2 and y.shape == x.shape and classes and y.dtype and "int" in y.dtype:
        fixes += given.fix(
            _("Give class numbers instead of rows of zeros and ones."), y=".argmax(dim=1)"
        )
    if len(x.shape) == 4 and y.shape == (x.shape[0], 1, *x.shape[2:]):
        fixes += given.fix(_("Drop the target's dimension of size 1."), y=".squeeze(1)")
    wanted = (x.shape[0], *x.shape[2:]) if len(x.shape) > 1 else ()
    summary = _(
        "Logits of shape {shape} mean that {dimension} is the classes, and want class numbers of "
        "shape {wanted}, not {given}.",
        shape=listed(x.shape),
        dimension=x.dimension(1 if classes else 0),
        wanted=listed(wanted),
        given=listed(y.shape),
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
        fixes += given.fix(_("Read them as probabilities."), y=".float()")
        fixes += given.fix(_("Give class numbers."), y=".argmax(dim=1)")
    elif (
        given.y.shape is not None
        and given.x.shape is not None
        and len(given.y.shape) > 1
        and (given.y.shape == (given.x.shape[0], 1))
    ):
        fixes += given.fix(_("Make whole class numbers of them."), y=".squeeze(1).long()")
    else:
        fixes += given.fix(_("Make whole class numbers of them."), y=".long()")
    known = {"name": given.y.text, "dtype": given.y.dtype}
    summary = _("The target must be whole class numbers (int64), and {name} is {dtype}.", **known)
    if same:
        summary = _(
            "The target must be floating-point probabilities, and {name} is {dtype}.", **known
        )
    return Finding(summary, (given.x, given.y), clash("dtype", summary), few(fixes))


def bounds(failed: Failed, match: re.Match[str]) -> Finding | None:
    """A class number that the logits have no column for."""
    given = Arguments(failed, *CROSS)
    if not given.known or not given.x.shape:
        return None
    axis = 1 if len(given.x.shape) > 1 else 0
    classes, target = given.x.shape[axis], int(match[1])
    summary = _(
        "The target holds the class number {number}, and the logits have {classes} "
        "classes: 0 to {last}.",
        number=target,
        classes=classes,
        last=classes - 1,
    )
    if target == classes:
        summary += " " + _("Do your classes count from 1, or is the last layer one output short?")
    if target == -1:
        summary += " " + _("If -1 marks what shall not count, say so: ignore_index=-1.")
    fixes: list[Fix] = []
    if target < 0 and isinstance(failed.node, ast.Call) and not failed.layers:
        code = f"{ast.unparse(failed.node)[:-1]}, ignore_index={target})"
        fixes += failed.fix(_("Leave out the targets that are {number}.", number=target), code)
    found = clash(
        "classes", _("Class numbers must be below {classes}.", classes=classes), (0, axis)
    )
    return Finding(summary, (given.x, given.y), found, few(fixes))


def binary(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Binary losses want both shapes equal."""
    given = Arguments(failed, *BINARY)
    x, y = given.x, given.y
    if not given.known or x.shape is None or y.shape is None:
        return None
    fixes: list[Fix] = []
    if x.shape == (*y.shape, 1):
        fixes += given.fix(_("Drop the last dimension of the prediction."), x=".squeeze(-1)")
        fixes += given.fix(_("Or give the target one."), y=".unsqueeze(-1)")
    elif y.shape == (*x.shape, 1):
        fixes += given.fix(_("Drop the last dimension of the target."), y=".squeeze(-1)")
    summary = _(
        "Prediction {prediction} and target {target} must have the same shape.",
        prediction=listed(x.shape),
        target=listed(y.shape),
    )
    return Finding(summary, (x, y), _clash(x, y, x.shape), few(fixes))


def whole(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Binary targets that are whole numbers."""
    given = Arguments(failed, *BINARY)
    x, y = given.x, given.y
    if not given.known or y.dtype is None or x.dtype == y.dtype:
        return None
    fixes = given.fix(_("Make the targets floating-point."), y=".float()")
    summary = _(
        "This loss compares probabilities, so the targets must be {wanted}, not {given}.",
        wanted=x.dtype,
        given=y.dtype,
    )
    return Finding(summary, (x, y), clash("dtype", dtypes(x, y)), few(fixes))


def probability(failed: Failed, match: re.Match[str]) -> Finding | None:
    """binary_cross_entropy of what are not probabilities."""
    given = Arguments(failed, *BINARY)
    if not given.known:
        return None
    fixes: list[Fix] = []
    node = failed.input_node()
    if node is not None:
        code = failed.rewritten(node, f"torch.sigmoid({given.x.text})")
        fixes += failed.fix(_("Make probabilities of the logits."), code)
    summary = _(
        "This loss takes probabilities from 0 to 1, and got other numbers: logits, perhaps."
    )
    return Finding(summary, (given.x, given.y), None, few(fixes))


def _clash(x: Operand, y: Operand, wanted: tuple[int, ...]) -> Clash:
    sentence = _(
        "The target's shape {shape} is not {wanted}.", shape=listed(y.shape), wanted=listed(wanted)
    )
    shape = y.shape or ()
    if len(shape) != len(wanted):
        return clash("rank", sentence, *((1, axis) for axis in range(len(shape))))
    axes = [i for i, (a, b) in enumerate(zip(shape, wanted, strict=True)) if a != b]
    return clash("equal", sentence, *((1, axis) for axis in axes))
