"""Takes notes at the beginning and the end of each cell, and makes warnings of them when asked.

The notes cost microseconds for each name of the cell. All thinking waits for the question, which
the page asks when the cell is over.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from .. import lines
from ..explain.shadow import on_shapes
from ..inspector.plain import class_name
from ..inspector.survey import loaded_torch
from ..lines.cells import Cell
from ..lines.facts import Reader, reader
from ..translation import _, language
from .families import FAMILIES
from .flow import Flow
from .model import Caution
from .moment import Camera, Moment, names_of
from .scene import Room, Scene

USER = "cautions"
MOST_CAUTIONS = 20

log = logging.getLogger(__name__)


Family = Callable[[Scene], Iterable[Caution]]


class Watch:
    """The notes of the cells of one recorder, kept as long as the recorder keeps the cell."""

    def __init__(self) -> None:
        self.off: frozenset[str] = frozenset()
        self._names: WeakKeyDictionary[Cell, tuple[set[str], set[str]]] = WeakKeyDictionary()
        self._moments: WeakKeyDictionary[Cell, Moment] = WeakKeyDictionary()
        self._found: WeakKeyDictionary[Cell, tuple[object, list[Caution]]] = WeakKeyDictionary()
        self._flows: WeakKeyDictionary[Cell, Flow] = WeakKeyDictionary()
        self._problems: WeakKeyDictionary[Cell, str] = WeakKeyDictionary()
        self._camera: tuple[Reader, Camera] | None = None

    def began(self, cell: Cell, namespace: dict[str, Any]) -> None:
        """A cell begins: which shapes its names have, before it binds them anew."""
        moment = self._moments[cell] = Moment(succeeded=False)
        try:
            names = self._names[cell] = names_of(cell.tree)
            camera = self._ready()
            if camera is not None:
                camera.before(moment, names[0], namespace, self.off)
        except Exception as failed:
            self._note(cell, failed)

    def ended(self, cell: Cell, namespace: dict[str, Any], succeeded: bool) -> None:
        """The cell is over: what its names hold now."""
        try:
            self._look(cell, namespace, succeeded)
        except Exception as failed:
            self._note(cell, failed)

    def _look(self, cell: Cell, namespace: dict[str, Any], succeeded: bool) -> None:
        moment = self._moments.get(cell)
        camera = self._ready()
        if moment is None or camera is None:
            return
        moment.succeeded = succeeded
        names, bound = self._names.pop(cell, (set(), set()))
        camera.after(moment, names, bound, namespace, self.off)

    def cautions(
        self, cell: Cell, namespace: Mapping[str, Any], cells: list[Cell]
    ) -> list[Caution]:
        """What there is to warn of in a cell, in the order of its lines. Runs nothing of it."""
        moment, torch = self._moments.get(cell), loaded_torch()
        if moment is None or torch is None:
            return []
        state = (cell.revision, self.off, language())
        known = self._found.get(cell)
        if known is not None and known[0] == state:
            return known[1]
        # What torch would say of an expression it said when the learner ran it.
        with on_shapes(torch), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scene = Scene(Room(torch, namespace, cells, self._flows), cell, moment)
            wanted = [family for kind, family in FAMILIES.items() if kind not in self.off]
            found = _chosen(c for family in wanted for c in self._told(cell, family, scene))
        self._found[cell] = state, found
        return found

    def problem(self, cell: Cell) -> str | None:
        """What failed of ours in a run of the cell: a sentence for the reader."""
        error = self._problems.get(cell)
        return None if error is None else failure(error)

    def _told(self, cell: Cell, family: Family, scene: Scene) -> list[Caution]:
        """A family that fails takes nothing of the others with it."""
        try:
            return list(family(scene))
        except Exception as failed:
            self._note(cell, failed)
            return []

    def _note(self, cell: Cell, failed: Exception) -> None:
        self._problems[cell] = class_name(failed)
        log.debug("cautions", exc_info=failed)

    def _ready(self) -> Camera | None:
        torch, reads = loaded_torch(), reader()
        if torch is None or reads is None:
            return None
        if self._camera is None or self._camera[0] is not reads:
            self._camera = reads, Camera(torch, reads)
        return self._camera[1]


def failure(error: str) -> str:
    """The sentence for an error of ours, of the class `error`."""
    return _("A warning could not be made: {error}.", error=error)


def _chosen(found: Iterable[Caution]) -> list[Caution]:
    # One mark a line and kind: the first of an expression says it all.
    unique = {(c.kind, c.spot.line): c for c in reversed(list(found))}
    ordered = sorted(unique.values(), key=lambda c: (c.spot.line, c.spot.column))
    return ordered[:MOST_CAUTIONS]


_watch: Watch | None = None


def install(shell: Any = None) -> bool:
    """Take notes from now on; again is no harm. False where there is no shell."""
    global _watch
    if not lines.install(shell, USER):
        return False
    recorder = lines.recorder()
    if recorder is not None and recorder.listener is None:
        _watch = recorder.listener = Watch()
    return True


def uninstall() -> None:
    """Stop and forget."""
    global _watch
    recorder = lines.recorder()
    if recorder is not None:
        recorder.listener = None
    _watch = None
    lines.uninstall(USER)


def watcher() -> Watch | None:
    """The notes that are being taken; None while nobody wants warnings."""
    return _watch if lines.recorder(USER) is not None else None
