"""A traced operation that fails passes through a frame of ours, which is no news to the learner.

IPython has no way to leave a frame out, so while a cell is traced, and only then, what it is about
to show is first rid of ours.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from types import TracebackType
from typing import Any

from . import mode, shortcuts

MOST_CAUSES = 100
_OURS = (mode.__file__, shortcuts.__file__)


def hide_frames(shell: Any) -> None:
    """Let `shell` show tracebacks without our frames until `show_frames`."""
    shown = shell.showtraceback

    def showtraceback(*args: Any, **kwargs: Any) -> Any:
        # Where that fails, the learner sees one frame more.
        with suppress(Exception):
            strip(sys.exc_info()[1])
        return shown(*args, **kwargs)

    shell.showtraceback = showtraceback


def show_frames(shell: Any) -> None:
    """The shell's own way again."""
    shell.__dict__.pop("showtraceback", None)


def strip(error: BaseException | None) -> None:
    """Take our frames out of the tracebacks of `error` and of what led to it."""
    for _ in range(MOST_CAUSES):
        if error is None:
            return
        error.__traceback__ = _without_ours(error.__traceback__)
        error = error.__cause__ or error.__context__


def _without_ours(traceback: TracebackType | None) -> TracebackType | None:
    first = last = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename not in _OURS:
            if last is None:
                first = traceback
            else:
                last.tb_next = traceback
            last = traceback
        traceback = traceback.tb_next
    if last is not None:
        last.tb_next = None
    return first
