"""Between the shell and the trace: which cell is traced, and what came of it."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from ..inspector.plain import Json, class_name
from ..inspector.survey import loaded_torch
from ..translation import _
from .graph import graph, names_of
from .mode import Watch
from .recording import Recording
from .traceback import hide_frames, show_frames

log = logging.getLogger(__name__)
WAITING, TRACING, DONE, NONE = "waiting", "tracing", "done", "none"


class Tracer:
    """Traces the next run of one cell; between traces it is not even told of cells."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._waits_for: str | None = None
        self._watch: Watch | None = None
        self._depth = 0
        self._cell: tuple[str, int | None] = ("", None)
        self.revision = 0
        self.problem: str | None = None
        self.graph: Json | None = None

    @property
    def state(self) -> str:
        if self._watch is not None:
            return TRACING
        if self._waits_for is not None:
            return WAITING
        return DONE if self.graph is not None or self.problem is not None else NONE

    @property
    def cell_id(self) -> str | None:
        """The cell that is waited for, or that was traced."""
        return self._waits_for or self._cell[0] or None

    def wait_for(self, cell_id: str | None) -> None:
        """Trace the next run of this cell; None: of no cell any more."""
        self._waits_for = cell_id
        self.revision += 1
        self._listen(cell_id is not None)

    def _listen(self, on: bool) -> None:
        events = self._shell.events
        for event, callback in {"pre_run_cell": self._before, "post_run_cell": self._after}.items():
            registered = callback in events.callbacks[event]
            if on and not registered:
                events.register(event, callback)
            elif registered and not on:
                events.unregister(event, callback)

    def _before(self, info: Any) -> None:
        if self._watch is not None:
            # A magic such as %%capture runs its body as a cell of its own.
            self._depth += 1
            return
        if self._waits_for is None or info.cell_id != self._waits_for:
            return
        count = self._shell.execution_count - (1 if info.store_history else 0)
        self._cell = (self._waits_for, count)
        self._waits_for, self.graph, self.problem = None, None, None
        self.revision += 1
        torch = loaded_torch()
        if torch is None:
            self.problem = _(
                "torch was not imported yet when the cell began. "
                "Import it in a cell before, then trace again."
            )
            self._listen(False)
            return
        try:
            recording = Recording(torch, names_of(torch, self._shell.user_ns))
            self._watch, self._depth = Watch(torch, recording), 0
            self._watch.start()
            hide_frames(self._shell)
        except Exception as problem:
            self._end(problem)

    def _after(self, result: Any) -> None:
        watch = self._watch
        if watch is None:
            return
        if self._depth > 0:
            self._depth -= 1
            return
        try:
            watch.stop()
            show_frames(self._shell)
            error = result.error_in_exec
            found = graph(loaded_torch(), watch.recording, self._shell.user_ns, error)
            cell_id, count = self._cell
            self.graph = {"cell_id": cell_id, "execution_count": count, **found}
            self.problem = watch.recording.problem
            self._end(None)
        except Exception as problem:
            self._end(problem)

    def _end(self, problem: BaseException | None) -> None:
        watch, self._watch = self._watch, None
        if problem is not None:
            self.problem = _(
                "There is no trace of this run: our tracer failed ({error}).",
                error=class_name(problem),
            )
            log.debug("flow", exc_info=problem)
            show_frames(self._shell)
            if watch is not None:
                with suppress(Exception):
                    watch.stop()
        self.revision += 1
        self._listen(self._waits_for is not None)
