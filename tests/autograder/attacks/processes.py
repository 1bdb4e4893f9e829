"""Processes that are still there."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


@contextmanager
def adopt_orphans() -> Iterator[None]:
    """Become the parent of every process that a descendant leaves behind, as init would.

    A daemon gets away from the process that started it, and not from the one that watches.
    """
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def descendants(pid: int) -> dict[int, str]:
    """The living processes below `pid`, with their command lines."""
    children: dict[int, list[int]] = {}
    for one, parent in _living():
        children.setdefault(parent, []).append(one)
    found: dict[int, str] = {}
    waiting = list(children.get(pid, []))
    while waiting:
        one = waiting.pop()
        found[one] = command(one)
        waiting += children.get(one, [])
    return found


def command(pid: int) -> str:
    """The command line of a process; empty when it is gone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return words.replace(b"\0", b" ").decode(errors="replace").strip()


def _living() -> Iterator[tuple[int, int]]:
    """Process and parent; a zombie has ended and only waits to be counted."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in parentheses may hold anything, spaces and parentheses too.
            state, parent, *_ = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if state not in "ZX":
            yield int(path.parent.name), int(parent)
