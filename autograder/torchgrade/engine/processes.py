"""Ends processes with all that they have started, on every system."""

import contextlib
import os
import signal
from pathlib import Path

import psutil


def end_tree(pid: int) -> None:
    """Kill a process, what descends from it, and the process groups that these lead."""
    family = _descendants(pid)
    _end(pid)
    for descendant in family:
        _end(descendant)


def end_children(pid: int) -> None:
    """`end_tree` of everything that a process has started."""
    for descendant in _descendants(pid):
        _end(descendant)


def end_in(folder: Path) -> None:
    """Kill every process that works in a folder or below it, whoever has started it."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if Path(process.cwd()).is_relative_to(folder):
                _end(process.pid)


def _descendants(pid: int) -> list[int]:
    try:
        return [process.pid for process in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:  # it has ended already
        return []


def _end(pid: int) -> None:
    if hasattr(os, "killpg"):
        # Also finds those whose own parent has gone; a process that leads no group has none.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).kill()
