"""Which frame of a traceback is the learner's, and which of torch's lie below it."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

from .source import TIMED

OUR_OWN = ("torchenstein", "torchgrade", "IPython", "ipykernel", "pytest", "_pytest")
_PATHS = sysconfig.get_paths()
STANDARD = tuple(os.path.join(_PATHS[name], "") for name in ("stdlib", "platstdlib"))
INSTALLED = tuple(os.path.join(part, "") for part in ("site-packages", "dist-packages"))


@dataclass(frozen=True, slots=True)
class Step:
    """A frame of the traceback and the byte offset of the instruction that it stopped at."""

    frame: FrameType
    instruction: int

    @property
    def filename(self) -> str:
        return self.frame.f_code.co_filename

    @property
    def function(self) -> str:
        return self.frame.f_code.co_name

    @property
    def variables(self) -> Mapping[str, Any]:
        return self.frame.f_locals

    def is_learners(self) -> bool:
        """Whether the code is a cell, or a file that belongs to no library."""
        name = self.filename
        if name.startswith("<ipython-input") or "ipykernel_" in name or name in TIMED:
            return True
        module = self.frame.f_globals.get("__name__")
        if name.startswith("<") or _root(module) in OUR_OWN:
            return False
        return not (name.startswith(STANDARD) or any(part in name for part in INSTALLED))

    def is_torchs(self) -> bool:
        return _root(self.frame.f_globals.get("__name__")) == "torch"

    def is_foreign(self) -> bool:
        """Whether it is of another library: the operation is then not one the learner wrote."""
        # Our tracer stands between the learner's line and torch, and changes nothing.
        return (
            not self.is_torchs()
            and _root(self.frame.f_globals.get("__name__")) != "torchenstein"
            and not self.filename.startswith((*STANDARD, "<"))
        )


def steps(traceback: TracebackType | None) -> list[Step]:
    """The frames of `traceback`, outermost first."""
    found = []
    while traceback is not None:
        found.append(Step(traceback.tb_frame, traceback.tb_lasti))
        traceback = traceback.tb_next
    return found


def last_learners(found: list[Step]) -> int | None:
    """The position of the innermost frame of the learner's."""
    return max((i for i, step in enumerate(found) if step.is_learners()), default=None)


def _root(module: object) -> str:
    return module.partition(".")[0] if type(module) is str else ""
