"""The samples of one run, as curves in bounded memory."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from ..inspector.plain import Json
from ..inspector.survey import Namespace, loaded_torch
from .frames import running
from .gradients import Gradients
from .history import Curve
from .memory import memory
from .scalars import Before, Scalar, Unread, plain_names, scalars

MOST_CURVES = 24
# Floats that have not changed so far, kept by name with the value that they had.
MOST_CANDIDATES = 200

Key = tuple[str | None, str, str]


class Samples:
    """What was seen of one run: `curves` by scope, group and name, `taken` samples in all."""

    def __init__(self, shell: Any, gradients: Gradients) -> None:
        self.taken = 0
        self.curves: dict[Key, Curve] = {}
        self.unread: list[Unread] = []
        self.gradients_left_out = 0
        self._shell = shell
        self._gradients = gradients
        self._candidates: dict[Key, tuple[int, float, float]] = {}
        self._before = Before(self._names())

    def take(self, seconds: float, gradients: bool) -> None:
        """Look at everything once, `seconds` after the run began."""
        self.taken += 1
        torch = loaded_torch()
        self.unread = []
        names = list(self._names())
        self._scalars(None, scalars(names, torch), seconds, self._before.still(names))
        for function, values in running(self._shell.user_ns):
            self._scalars(function, scalars(values.items(), torch), seconds)
        for device, size in memory().items():
            self._add((None, "memory", device), seconds, float(size))
        norms = self._gradients.take() if gradients else None
        if norms is not None:
            self.gradients_left_out = norms.left_out
            for name, norm in norms.values.items():
                self._add((None, "gradient", name), seconds, norm)

    def content(self, since: int) -> list[Json]:
        """The LiveCurves of the protocol, with the points after sample `since`."""
        return [curve.content(since) for curve in self.curves.values()]

    def _names(self) -> Iterable[tuple[str, Any]]:
        namespace = Namespace(self._shell.user_ns, self._shell.user_ns_hidden)
        return plain_names(namespace.variables, namespace.hidden)

    def _scalars(
        self,
        scope: str | None,
        found: list[Scalar | Unread],
        seconds: float,
        still: Container[str] = (),
    ) -> None:
        for each in found:
            if isinstance(each, Unread):
                if each.name not in still:
                    self.unread.append(each)
            elif each.group is not None and each.name not in still:
                self._add((scope, each.group, each.name), seconds, each.value)
            else:
                self._consider((scope, each.group or "other", each.name), seconds, each.value)

    def _consider(self, key: Key, seconds: float, value: float) -> None:
        """A float with no telling name, or of an earlier cell, has a curve once it has changed."""
        before = self._candidates.get(key)
        if key in self.curves:
            self._add(key, seconds, value)
        elif before is None:
            if len(self._candidates) < MOST_CANDIDATES:
                self._candidates[key] = (self.taken, seconds, value)
        elif before[2] != value and (value == value or before[2] == before[2]):
            sample, time, first = self._candidates.pop(key)
            self._add(key, time, first, sample)
            self._add(key, seconds, value)

    def _add(self, key: Key, seconds: float, value: float, sample: int | None = None) -> None:
        curve = self.curves.get(key)
        if curve is None:
            if len(self.curves) == MOST_CURVES:
                return
            scope, group, name = key
            curve = self.curves[key] = Curve(name, scope, group)
        curve.add(sample or self.taken, seconds, value)
