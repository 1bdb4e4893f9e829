"""How often a line that runs over and over is looked at while its cell runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

# Each of the first runs of a line in a cell is looked at, then a few each time it is armed again.
FIRST, AGAIN = 4, 2
# Seconds from one arming to the next: doubled from the one to the other.
SOONEST, LATEST = 0.05, 0.25


class Again:
    """Calls `arm` at growing distances from `begin` to `pause`, in a thread of its own."""

    def __init__(self, arm: Callable[[], None]) -> None:
        self._arm = arm
        self._running, self._over = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """A cell runs; its lines have just been armed."""
        self._over.clear()
        self._running.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="torchenstein", daemon=True)
            self._thread.start()

    def pause(self) -> None:
        """No cell runs."""
        self._running.clear()
        self._over.set()

    def end(self) -> None:
        """Let the thread end; `begin` starts another one."""
        self._thread = None
        self._over.set()
        self._running.set()

    def _run(self) -> None:
        while True:
            self._running.wait()
            if self._thread is not threading.current_thread():
                return
            pause = SOONEST
            while not self._over.wait(pause):
                pause = min(2 * pause, LATEST)
                self._arm()
