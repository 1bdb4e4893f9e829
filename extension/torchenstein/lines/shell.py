"""Between the shell and the recorder: which cell runs, and what became of it."""

from __future__ import annotations

import ast
import copy
import logging
import sys
from types import FrameType
from typing import Any, Protocol

from ..inspector.plain import class_name
from ..translation import _
from .cells import Cell, Cells
from .facts import reader
from .marks import Marks
from .monitor import Monitor
from .returns import Returns
from .sites import Site

log = logging.getLogger(__name__)
MONITORED = sys.version_info >= (3, 12)


class Listener(Protocol):
    """Told of each cell that is recorded; what it raises goes no further than the log."""

    def began(self, cell: Cell, namespace: dict[str, Any]) -> None: ...

    def ended(self, cell: Cell, namespace: dict[str, Any], succeeded: bool) -> None: ...


class Recorder:
    """Watches the cells of one shell from `start` to `stop`."""

    def __init__(self, shell: Any) -> None:
        self.cells, self.returns = Cells(), Returns()
        self.listener: Listener | None = None
        self._shell = shell
        self._open: list[Cell | None] = []
        self._raw = ""
        tool = Monitor if MONITORED else Marks
        self._tool: Marks | Monitor = tool(self.see, self.back)

    def start(self) -> None:
        self._tool.start()
        if isinstance(self._tool, Marks):
            self._shell.ast_transformers.append(self)
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)

    def stop(self) -> None:
        for event, callback in {"pre_run_cell": self._before, "post_run_cell": self._after}.items():
            if callback in self._shell.events.callbacks[event]:
                self._shell.events.unregister(event, callback)
        if self in self._shell.ast_transformers:
            self._shell.ast_transformers.remove(self)
        self._tool.stop()

    def see(self, cell: Cell, site: Site, names: Any) -> None:
        """`site` has run: `names` gives the values of its names, "" that of one without a name.

        Never raises, but for a stop button that is pressed at this moment: that is the learner's.
        """
        __tracebackhide__ = True
        try:
            torch = reader()
            if torch is None:
                return
            news = False
            if site.targets:
                for target in site.targets:
                    found = target.follow(names.get, torch.is_tensor)
                    if found is not None:
                        news |= cell.see(site, found[1], torch.facts(found[0]))
            else:
                value = names.get("")
                if torch.is_tensor(value):
                    news = cell.see(site, None, torch.facts(value))
            if news:
                self.cells.touch(cell)
        except Exception as problem:
            self._note(problem)

    def back(self, frame: FrameType, value: Any, is_last: bool) -> None:
        """`frame` returns `value`; `is_last` where its next return may not be told."""
        __tracebackhide__ = True
        try:
            torch = reader()
            if torch is not None:
                self.returns.note(torch, frame, value, is_last)
        except Exception as problem:
            self._note(problem)

    def visit(self, tree: Any) -> Any:
        """Called by IPython with the AST of what it is about to run (Python 3.11)."""
        try:
            cell = self._open[-1] if self._open else None
            if (
                cell is not None
                and isinstance(self._tool, Marks)
                and not _debugged()
                and _same(tree, cell.tree)
            ):
                # Never the tree at hand, which a failure half-way would leave half done. Ours has
                # the same source, unless the learner has other transformers.
                alone = self._shell.ast_transformers == [self]
                return self._tool.transform(cell.tree if alone else copy.deepcopy(tree), cell)
        except Exception as problem:
            self._note(problem)
        return tree

    def _before(self, info: Any) -> None:
        self.returns.clear()
        try:
            cell = self._cell_of(info)
        except Exception as problem:
            cell = None
            if not isinstance(problem, SyntaxError | ValueError):
                self._note(problem)
        self._open.append(cell)
        if cell is None:
            return
        for old in self.cells.open(cell):
            self._tool.replace(old, cell if old.source == cell.source else None)
        if self.listener is not None:
            try:
                self.listener.began(cell, self._shell.user_ns)
            except Exception as problem:
                self._note(problem)
        if isinstance(self._tool, Monitor):
            self._tool.open(cell, self._filename(info))
        else:
            self._tool.open(cell)

    def _after(self, result: Any) -> None:
        cell = self._open.pop() if self._open else None
        if cell is None:
            return
        try:
            self._tool.close()
            outer = next((cell for cell in reversed(self._open) if cell is not None), None)
            if outer is not None:
                self._tool.resume(outer)
            # A loop ends between two looks more often than not: its last values are still there.
            sites = cell.final()
            if result.success and isinstance(self._tool, Marks) and cell.tree.body:
                # The last statement has no mark: it must stay the last for the shell to display.
                last = cell.tree.body[-1]
                sites += [s for s in cell.sites if s.node is last and s.role == "assigned"]
            for site in sites:
                self.see(cell, site, self._shell.user_ns)
            value = getattr(result, "result", None)
            if cell.shown is not None and value is not None and result.success:
                self.see(cell, cell.shown, {"": value})
            if self.listener is not None:
                self.listener.ended(cell, self._shell.user_ns, result.success)
                # What it found out is news, even where no line has any.
                self.cells.touch(cell)
        except Exception as problem:
            self._note(problem)

    def _cell_of(self, info: Any) -> Cell | None:
        raw: str = info.raw_cell
        if info.store_history:
            # Whatever was open is over, even if nobody said so.
            self._open.clear()
        if not self._open:
            self._raw = raw
        outer = next((cell for cell in reversed(self._open) if cell is not None), None)
        count = self._shell.execution_count - (1 if info.store_history else 0)
        cell_id = info.cell_id
        if self._open:
            # A magic such as %%capture runs its body as a cell of its own: lines of the outer one.
            if outer is None and raw.rstrip() not in self._raw:
                return None
            cell_id, count = (outer.cell_id, outer.count) if outer else (cell_id, count)
        timed = raw.lstrip().startswith("%%time\n")
        body = raw.lstrip().partition("\n")[2] if timed else raw
        source = None if timed else getattr(info, "transformed_cell", None)
        return Cell(self._raw, source or self._shell.transform_cell(body), cell_id, count)

    def _filename(self, info: Any) -> str:
        if info.raw_cell.lstrip().startswith("%%time\n"):
            return "<timed exec>"
        count = self._shell.execution_count - (1 if info.store_history else 0)
        source = getattr(info, "transformed_cell", None) or self._shell.transform_cell(
            info.raw_cell
        )
        name: str = self._shell.compile.get_code_name(info.raw_cell, source, count)
        return name

    def _note(self, problem: BaseException) -> None:
        """Our own failure: one line for the badge of the page, the rest for the log."""
        self.cells.problem = _("The line recorder stopped at a {error}.", error=class_name(problem))
        log.debug("line recorder", exc_info=problem)


def _debugged() -> bool:
    """Whether the page's debugger is on: it would step into marks, as they are code of the cell."""
    debugpy: Any = sys.modules.get("debugpy")
    return "debugpy.server.api" in sys.modules and bool(debugpy.is_client_connected())


def _same(tree: ast.Module, other: ast.Module) -> bool:
    """Whether `tree` is of the same source: a magic may have another one transformed."""
    return [(type(n), n.lineno) for n in tree.body] == [(type(n), n.lineno) for n in other.body]
