"""Ends processes with all that they have started, on every system."""

import contextlib
import os
import signal

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
