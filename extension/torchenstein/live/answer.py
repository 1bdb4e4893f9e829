"""The answer to the page's question for what runs: Live of the protocol."""

from __future__ import annotations

from ..inspector.plain import Json
from . import install, subshell


def live(run: int, since: int, gradients: bool) -> Json:
    """A sample of what runs, and what came after sample `since` of run number `run`."""
    runs = install()
    if runs is None:
        return (
            {"kind": "live", "run": 0, "execution_count": None, "running": False}
            | {"seconds": 0.0, "sample": 0, "curves": [], "unread": [], "gradients_left_out": 0}
            | {"subshell": None}
        )
    with runs.lock:
        runs.look(gradients)
        samples = runs.samples
        return {
            "kind": "live",
            "run": runs.number,
            "execution_count": runs.count,
            "running": runs.is_running,
            "seconds": round(runs.seconds, 3),
            "sample": samples.taken,
            "curves": samples.content(since if run == runs.number else 0),
            "unread": [each._asdict() for each in samples.unread],
            "gradients_left_out": samples.gradients_left_out,
            "subshell": subshell(),
        }
