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
# Who wants the cells watched: the chips, the warnings. The last to leave ends it.
_users: set[str] = set()


def install(shell: Any = None, user: str = "lines") -> bool:
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
    _users.add(user)
    return True


def uninstall(user: str | None = None) -> None:
    """Stop watching for `user`, for everybody when left out; the last takes all that was seen."""
    global _recorder
    if user is None:
        _users.clear()
    _users.discard(user or "")
    if _recorder is not None and not _users:
        _recorder.stop()
        _recorder = None


def recorder(user: str | None = None) -> Recorder | None:
    """The recorder that watches; None while nothing does, or not for `user`."""
    return _recorder if user is None or user in _users else None
