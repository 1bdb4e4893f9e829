"""A traced operation runs below a frame of ours, which is no news to the learner.

IPython has no way to leave a frame out, and a warning of compiled code names the frame it finds. So
while a cell is traced, and only then, what IPython is about to show is first rid of our frames, and
a warning that came out of one is shown at the line that called it.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

from . import mode, shortcuts

MOST_CAUSES = 100
_OURS: dict[str | None, dict[str, Any]] = {
    module.__file__: vars(module) for module in (mode, shortcuts)
}


def hide_frames(shell: Any) -> None:
    """Let tracebacks and warnings be shown without our frames until `show_frames`."""
    shown = shell.showtraceback

    def showtraceback(*args: Any, **kwargs: Any) -> Any:
        # Where that fails, the learner sees one frame more.
        with suppress(Exception):
            strip(sys.exc_info()[1])
        return shown(*args, **kwargs)

    shell.showtraceback = showtraceback
    warnings.showwarning = _Warned(warnings.showwarning)


def show_frames(shell: Any) -> None:
    """The shell's and Python's own way again."""
    shell.__dict__.pop("showtraceback", None)
    # Whoever has put another function in place meanwhile keeps it.
    if isinstance(warnings.showwarning, _Warned):
        warnings.showwarning = warnings.showwarning.shown


class _Warned:
    """Stands for `warnings.showwarning`, which was `shown`."""

    def __init__(self, shown: Callable[..., None]) -> None:
        self.shown = shown

    def __call__(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        *rest: Any,
        **options: Any,
    ) -> None:
        with suppress(Exception):
            if filename in _OURS:
                frame = _caller(filename)
                if _again(frame, str(message), category, _OURS[filename], lineno):
                    return
                filename, lineno = frame.f_code.co_filename, frame.f_lineno
        self.shown(message, category, filename, lineno, *rest, **options)


def _caller(filename: str) -> FrameType:
    """The frame that called the innermost one of ours in the file of this name."""
    frame: Any = sys._getframe(1)
    inside = None
    while frame.f_code.co_filename != filename:
        inside, frame = frame.f_code, frame.f_back
    while frame.f_code.co_filename in _OURS:
        frame = frame.f_back
    # A function of torch in Python asks the mode first, and then runs once more, below it.
    way = [frame, frame.f_back, getattr(frame.f_back, "f_back", None)]
    asked = next((one for one in way if one is not None and one.f_code is inside), None)
    found: FrameType = frame if asked is None else asked.f_back
    return found


def _again(
    frame: FrameType, text: str, category: type[Warning], ours: dict[str, Any], lineno: int
) -> bool:
    """Whether a warning is one too many: Python keeps which it has shown with the module."""
    at_ours = ours.get("__warningregistry__", {})
    if at_ours.pop((text, category, lineno), None) is None:
        # It is to be shown each time.
        return False
    shown = frame.f_globals.setdefault("__warningregistry__", {})
    if shown.get("version") != at_ours["version"]:
        # Other filters hold since.
        shown.clear()
        shown["version"] = at_ours["version"]
    here = (text, category, frame.f_lineno)
    before = here in shown
    shown[here] = True
    return before


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
