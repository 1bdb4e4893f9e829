"""The shape flow of one cell, traced when the learner asks for it.

`tracer().wait_for(cell_id)` has the next run of that cell traced: every operation of torch in it,
the module that it belongs to, and the tensors on their way between them. The page does it by asking
for `reply("flow", trace=cell_id)`. What comes out is plain data, Flow of `protocol.json`: no tensor
is kept, no element read, torch never imported. Until then, and afterwards, nothing is watched.
"""

from __future__ import annotations

import sys

from .shell import Tracer

__all__ = ["Tracer", "tracer"]

_tracer: Tracer | None = None


def tracer() -> Tracer:
    """The tracer of the running IPython; RuntimeError where there is none."""
    global _tracer
    if _tracer is None:
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython is not None else None
        if shell is None:
            raise RuntimeError("There is no IPython shell here.")
        _tracer = Tracer(shell)
    return _tracer
