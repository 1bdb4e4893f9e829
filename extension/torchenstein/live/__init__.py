"""What a running cell shows of itself: loss-like scalars, gradient norms and memory over time.

`install()` lets the kernel answer the page on a subshell, that is on another thread, while a cell
runs; the page does it by asking for `reply("live")` once, when the kernel is idle. Each later
question of this kind takes one sample. Samples come as Live of `protocol.json`.

Nothing happens between two questions: the main thread is only looked at. What is read are plain
floats, metadata and counters, and of tensors only those of one element on the CPU. Norms of small
gradients, when the learner asks for them, are read in the main thread: see `gradients`. A tensor on
an accelerator is never read: the answer would have to wait for the device, and the loop with it.
"""

from __future__ import annotations

import sys
from typing import Any

from .channel import Channel
from .runs import Runs

__all__ = ["Runs", "install", "runs", "subshell", "uninstall"]

_runs: Runs | None = None
_channel: Channel | None = None


def install(shell: Any = None) -> Runs | None:
    """Follow the runs of `shell`, the running IPython's when left out, and open its kernel's door.

    Again is no harm. None where there is no shell to follow.
    """
    global _runs, _channel
    if _runs is None:
        ipython = sys.modules.get("IPython")
        shell = shell or (ipython.get_ipython() if ipython is not None else None)
        if shell is None or not hasattr(shell, "events"):
            return None
        _runs = Runs(shell)
        _runs.start()
        _channel = Channel.open(getattr(shell, "kernel", None), _runs)
    return _runs


def uninstall() -> None:
    """Close the door, and forget the runs."""
    global _runs, _channel
    if _channel is not None:
        _channel.close()
    if _runs is not None:
        _runs.stop()
    _runs = _channel = None


def runs() -> Runs | None:
    """The runs that are followed; None before `install`."""
    return _runs


def subshell() -> str | None:
    """The id of a subshell that the page has already asked through and that is still there."""
    return None if _channel is None else _channel.subshell()
