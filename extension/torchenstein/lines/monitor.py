"""Python 3.12 and later: LINE and PY_RETURN events of PEP 669, local to the learner's code.

LINE comes before its line runs, so what a line bound is read at the next event of the same frame.
A line that was looked at often enough is disabled and costs nothing; a thread arms all of them
again, at growing distances, while the cell runs. Code objects are found by a global PY_START, which
is disabled for each at its first call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any
from weakref import ref

from .again import AGAIN, Again
from .cells import Cell
from .frames import Scoped
from .sites import MODULE, Site
from .watched import Pending, Watched, identities, inside

TOOL = "torchenstein"
# Frames that an exception ended leave theirs behind until the cell ends.
MOST_PENDING = 1000
MOST_FILES = 500

# sys.monitoring is typed for 3.12 and later only.
_monitoring: Any = getattr(sys, "monitoring", None)


class Monitor:
    """Calls `see(cell, site, names)` for what the sites of the watched code bound.

    And `back(frame, value, is_last)` for what its frames return, True where the next may be missed.
    """

    def __init__(
        self,
        see: Callable[[Cell, Site, Any], None],
        back: Callable[[FrameType, Any, bool], None],
    ) -> None:
        self._see, self._back = see, back
        self._tool: int | None = None
        self._active = False
        self._files: dict[str, Cell] = {}
        self._watched: dict[int, Watched] = {}
        self._pending: dict[int, Pending] = {}
        self._again = Again(self._arm_again)

    def start(self) -> bool:
        """Take a free one of the six tools; False where there is none, and nothing is seen."""
        events = _monitoring.events
        for tool in (3, 4, 1, 0):
            if _monitoring.get_tool(tool) is None:
                _monitoring.use_tool_id(tool, TOOL)
                self._tool = tool
                _monitoring.register_callback(tool, events.PY_START, self._on_start)
                _monitoring.register_callback(tool, events.LINE, self._on_line)
                _monitoring.register_callback(tool, events.PY_RETURN, self._on_return)
                _monitoring.set_events(tool, events.PY_START)
                return True
        return False

    def stop(self) -> None:
        """Give the tool back."""
        self.close()
        if self._tool is not None:
            events = _monitoring.events
            _monitoring.set_events(self._tool, 0)
            for watched in list(self._watched.values()):
                if (code := watched.code()) is not None:
                    _monitoring.set_local_events(self._tool, code, 0)
            for event in (events.PY_START, events.LINE, events.PY_RETURN):
                _monitoring.register_callback(self._tool, event, None)
            _monitoring.free_tool_id(self._tool)
        self._tool = None
        self._again.end()
        self._files.clear()
        self._watched.clear()

    def open(self, cell: Cell, filename: str) -> None:
        """A cell begins, its code will say `filename`: every line is to be looked at again."""
        if self._tool is None:
            return
        self._files[filename] = cell
        for watched in list(self._watched.values()):
            watched.reset()
            self._arm(watched)
        self.resume(cell)

    def resume(self, cell: Cell) -> None:
        """Go on with a cell in which another one ran."""
        self._active = self._tool is not None
        if self._active:
            self._again.begin()

    def close(self) -> None:
        self._active = False
        self._again.pause()
        self._pending.clear()

    def replace(self, old: Cell, heir: Cell | None) -> None:
        """Forget `old`, or hand its living code to `heir`, which has the same source."""
        for filename in [name for name, cell in self._files.items() if cell is old]:
            del self._files[filename]
            if heir is not None:
                # Functions of it that were never called yet will be.
                self._files[filename] = heir
        while len(self._files) > MOST_FILES:
            del self._files[next(iter(self._files))]
        for key, watched in list(self._watched.items()):
            if watched.cell is old:
                if heir is not None:
                    watched.cell = heir
                else:
                    self._watched.pop(key, None)

    def _arm(self, watched: Watched) -> None:
        """Enable the events of the code, the disabled ones too: that takes a change of the set."""
        code, events = watched.code(), _monitoring.events
        if code is not None:
            watched.disabled = False
            _monitoring.set_local_events(self._tool, code, 0)
            _monitoring.set_local_events(self._tool, code, events.LINE | events.PY_RETURN)

    def _arm_again(self) -> None:
        for watched in list(self._watched.values()):
            # What was not disabled did not run, or still is looked at.
            if watched.disabled and self._tool is not None:
                watched.looked = dict.fromkeys(watched.looked, watched.limit)
                watched.limit += AGAIN
                self._arm(watched)

    def _on_start(self, code: CodeType, offset: int) -> object:
        cell = self._files.get(code.co_filename)
        if cell is not None and id(code) not in self._watched:
            scope = MODULE if code.co_name == "<module>" else (code.co_firstlineno, code.co_name)
            sites = cell.scopes.get(scope)
            if sites:
                key, all_watched = id(code), self._watched
                watched = Watched(cell, sites, ref(code, lambda _: all_watched.pop(key, None)))
                all_watched[key] = watched
                self._arm(watched)
        return _monitoring.DISABLE

    def _on_line(self, code: CodeType, line: int) -> object:
        __tracebackhide__ = True
        watched = self._watched.get(id(code))
        if watched is None or not self._active:
            return _monitoring.DISABLE
        frame = sys._getframe(1)
        pending = self._pending.get(id(frame))
        if watched.start < 0:
            watched.start = frame.f_lasti
        if frame.f_lasti == watched.start and code.co_flags & 1:
            self._pending.pop(id(frame), None)
            self._parameters(watched, frame)
        elif pending is not None and not inside(pending, line):
            self._read(watched, code, frame)
        if not watched.due(line):
            return _monitoring.DISABLE
        sites = watched.lines.get(line)
        if sites and not (pending is not None and inside(pending, line)):
            if watched.disabled:
                # The line that comes next may be among the disabled.
                self._arm(watched)
            if len(self._pending) > MOST_PENDING:
                self._pending.clear()
            before = [bound for site in sites for bound in identities(site, frame)]
            self._pending[id(frame)] = Pending(id(code), sites, id(sys.exception()), before)
        return None

    def _parameters(self, watched: Watched, frame: FrameType) -> None:
        for (role, _), site in watched.others.items():
            if role == "parameter" and watched.due(role):
                self._see(watched.cell, site, Scoped(frame))

    def _read(self, watched: Watched, code: CodeType, frame: FrameType) -> None:
        pending = self._pending.pop(id(frame), None)
        if pending is None or pending.code != id(code):
            return
        # Where an exception is being handled that was not before, it has ended the statement.
        if sys.exception() is None or id(sys.exception()) == pending.raised:
            before = list(pending.before)
            for site in pending.sites:
                now = identities(site, frame)
                was, before = before[: len(now)], before[len(now) :]
                if not now or now != was:
                    self._see(watched.cell, site, Scoped(frame))

    def _on_return(self, code: CodeType, offset: int, value: object) -> object:
        __tracebackhide__ = True
        watched = self._watched.get(id(code))
        if watched is None or not self._active:
            return _monitoring.DISABLE
        frame = sys._getframe(1)
        self._read(watched, code, frame)
        key = ("returned", frame.f_lineno)
        if not watched.due(key):
            return _monitoring.DISABLE
        self._back(frame, value, watched.looked[key] >= watched.limit)
        site = watched.others.get(key)
        if site is not None:
            self._see(watched.cell, site, {"": value})
        return None
