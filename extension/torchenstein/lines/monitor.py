"""Python 3.12 and later: LINE and PY_RETURN events of PEP 669, local to the learner's code.

LINE comes before its line runs, so what a line bound is read at the next event of the same frame.
A line that was looked at often enough is disabled and costs nothing; a thread arms all of them
again, at growing distances, while the cell runs. Code objects are found by a global PY_START, which
is disabled for each at its first call.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, NamedTuple
from weakref import ref

from .cells import Cell
from .frames import Scoped
from .sites import MODULE, Site

TOOL = "torchenstein"
# Each line is looked at in its first runs, then a few times whenever the thread arms it again.
FIRST, AGAIN = 8, 2
# Seconds from one arming to the next: doubled from the one to the other.
SOONEST, LATEST = 0.05, 0.25
# Frames that an exception ended leave theirs behind until the cell ends.
MOST_PENDING = 1000
MOST_FILES = 500

# sys.monitoring is typed for 3.12 and later only.
_monitoring: Any = getattr(sys, "monitoring", None)


class _Pending(NamedTuple):
    """Sites whose statement runs in a frame right now; `raised` is what was being handled then.

    `before` has the identity of what the names of a guarded assignment were bound to.
    """

    code: int
    sites: list[Site]
    raised: int
    before: list[int]


class _Watched:
    """A code object of a cell and how often its lines were looked at. Keeps the code not alive."""

    __slots__ = ("cell", "code", "disabled", "limit", "lines", "looked", "others", "start")

    def __init__(self, cell: Cell, sites: list[Site], code: Any) -> None:
        self.cell, self.code = cell, code
        self.lines: dict[int, list[Site]] = {}
        self.others = {(s.role, s.line): s for s in sites if s.role in ("parameter", "returned")}
        for site in sites:
            if site.role == "assigned":
                self.lines.setdefault(site.line, []).append(site)
        # Where its first line begins: there alone are all arguments what the caller passed.
        self.start = -1
        self.reset()

    def reset(self) -> None:
        self.looked: dict[object, int] = {}
        self.limit, self.disabled = FIRST, False

    def due(self, what: object) -> bool:
        """Whether to look at a line or return once more; notes when that is over."""
        looks = self.looked[what] = self.looked.get(what, 0) + 1
        if looks > self.limit:
            self.disabled = True
        return looks <= self.limit


class Monitor:
    """Calls `see(cell, site, names)` for what the sites of the watched code bound."""

    def __init__(self, see: Callable[[Cell, Site, Any], None]) -> None:
        self._see = see
        self._tool: int | None = None
        self._active = False
        self._files: dict[str, Cell] = {}
        self._watched: dict[int, _Watched] = {}
        self._pending: dict[int, _Pending] = {}
        self._running, self._over = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

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
        # Its thread wakes, finds no tool and ends.
        self._running.set()
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
        if self._thread is None:
            self._thread = threading.Thread(target=self._arm_again, name=TOOL, daemon=True)
            self._thread.start()

    def resume(self, cell: Cell) -> None:
        """Go on with a cell in which another one ran."""
        self._active = self._tool is not None
        self._over.clear()
        self._running.set()

    def close(self) -> None:
        self._active = False
        self._running.clear()
        self._over.set()
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

    def _arm(self, watched: _Watched) -> None:
        """Enable the events of the code, the disabled ones too: that takes a change of the set."""
        code, events = watched.code(), _monitoring.events
        if code is not None:
            watched.disabled = False
            _monitoring.set_local_events(self._tool, code, 0)
            _monitoring.set_local_events(self._tool, code, events.LINE | events.PY_RETURN)

    def _arm_again(self) -> None:
        while True:
            self._running.wait()
            if self._tool is None:
                return
            pause = SOONEST
            while not self._over.wait(pause):
                pause = min(2 * pause, LATEST)
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
                watched = _Watched(cell, sites, ref(code, lambda _: all_watched.pop(key, None)))
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
        elif pending is not None and not _inside(pending, line):
            self._read(watched, code, frame)
        if not watched.due(line):
            return _monitoring.DISABLE
        sites = watched.lines.get(line)
        if sites and not (pending is not None and _inside(pending, line)):
            if watched.disabled:
                # The line that comes next may be among the disabled.
                self._arm(watched)
            if len(self._pending) > MOST_PENDING:
                self._pending.clear()
            before = [bound for site in sites for bound in _identities(site, frame)]
            self._pending[id(frame)] = _Pending(id(code), sites, id(sys.exception()), before)
        return None

    def _parameters(self, watched: _Watched, frame: FrameType) -> None:
        for (role, _), site in watched.others.items():
            if role == "parameter" and watched.due(role):
                self._see(watched.cell, site, Scoped(frame))

    def _read(self, watched: _Watched, code: CodeType, frame: FrameType) -> None:
        pending = self._pending.pop(id(frame), None)
        if pending is None or pending.code != id(code):
            return
        # Where an exception is being handled that was not before, it has ended the statement.
        if sys.exception() is None or id(sys.exception()) == pending.raised:
            before = list(pending.before)
            for site in pending.sites:
                now = _identities(site, frame)
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
        site = watched.others.get(key)
        if site is not None:
            self._see(watched.cell, site, {"": value})
        return None


def _inside(pending: _Pending, line: int) -> bool:
    """Whether a statement of several lines has moved on within itself."""
    return any(site.line < site.end and site.line <= line <= site.end for site in pending.sites)


def _identities(site: Site, frame: FrameType) -> list[int]:
    """What may have been left alone is known to have been bound by its other identity.

    The old value lives until the new one is bound, so no two of them share an address.
    """
    if isinstance(site.node, ast.For) or (site.guarded and isinstance(site.node, ast.Assign)):
        return [id(Scoped(frame).get(target.root)) for target in site.targets]
    return []
