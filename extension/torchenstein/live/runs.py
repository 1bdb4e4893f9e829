"""The runs of one shell: which cell runs, and what samples were taken of it."""

from __future__ import annotations

import logging
import threading
import time
from contextvars import Context, copy_context
from typing import Any

from .eleven import note_main_thread
from .gradients import Gradients
from .sample import Samples

log = logging.getLogger(__name__)


class Runs:
    """Follows the cells of `shell` from `start` to `stop`.

    `number` counts the runs, `count` is the execution count of the last, `samples` what was seen of
    it. Samples are taken when somebody asks, and a last one when a run ends that was asked about.
    """

    def __init__(self, shell: Any) -> None:
        self.number = 0
        self.count: int | None = None
        self.context: Context | None = None
        self.gradients = Gradients(shell)
        self.samples = Samples(shell, self.gradients)
        self._shell = shell
        self._depth = 0
        self._began = self._ended = time.monotonic()
        self.lock = threading.Lock()
        """Held by who reads or adds samples: a reader and the end of a run may come at once."""

    @property
    def is_running(self) -> bool:
        return self._depth > 0

    @property
    def seconds(self) -> float:
        """How long the run has lasted, or lasted in all."""
        return (time.monotonic() if self.is_running else self._ended) - self._began

    def start(self) -> None:
        note_main_thread()
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)

    def stop(self) -> None:
        for event, callback in {"pre_run_cell": self._before, "post_run_cell": self._after}.items():
            if callback in self._shell.events.callbacks[event]:
                self._shell.events.unregister(event, callback)

    def look(self, gradients: bool) -> None:
        """Take a sample, if a cell runs; hold `lock` for it."""
        self.gradients.wanted = gradients
        if self.is_running:
            self.samples.take(self.seconds, gradients)

    def _before(self, info: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        # A magic runs its body as a cell within the cell. One with a number of its own is none.
        if self._depth > 0 and not info.store_history:
            self._depth += 1
            return
        self._depth = 1
        self.number += 1
        self.count = self._shell.execution_count if info.store_history else None
        self.context = copy_context()
        self.samples = Samples(self._shell, self.gradients)
        self._began = time.monotonic()
        try:
            self.gradients.begin()
        except Exception as problem:
            log.debug("live", exc_info=problem)

    def _after(self, result: Any) -> None:
        if threading.current_thread() is not threading.main_thread() or self._depth == 0:
            return
        self._depth -= 1
        if self._depth > 0:
            return
        self._ended = time.monotonic()
        try:
            self.gradients.end()
            with self.lock:
                if self.samples.taken:
                    self.samples.take(self._ended - self._began, gradients=False)
        except Exception as problem:
            log.debug("live", exc_info=problem)
        except KeyboardInterrupt:
            # The stop button, pressed when the cell had ended: nobody else is there to take it.
            log.debug("live: stopped")
