"""The shape of what each line of the learner's cells made: what the chips in the editor show.

`install()` begins to watch the cells of the shell, `uninstall()` ends it; the page does both by
asking for `reply("lines", watch=True)` or `watch=False`. What was seen comes as Lines of
`protocol.json`. No tensor is kept, no element read, torch never imported.
"""

from __future__ import annotations

from typing import Any

from ..inspector.survey import current_shell
from .shell import Recorder

__all__ = ["Recorder", "install", "recorder", "uninstall"]

_recorder: Recorder | None = None


def install(shell: Any = None) -> bool:
    """Watch the cells that `shell` runs from now on; the running IPython's when left out.

    Again is no harm. False where there is no shell to watch.
    """
    global _recorder
    if _recorder is None:
        shell = shell or current_shell()
        if shell is None:
            return False
        _recorder = Recorder(shell)
        _recorder.start()
    return True


def uninstall() -> None:
    """Stop watching and forget what was seen."""
    global _recorder
    if _recorder is not None:
        _recorder.stop()
        _recorder = None


def recorder() -> Recorder | None:
    """The recorder that watches; None while nothing does."""
    return _recorder
