"""Where an operation was called: the learner's line, or that of the layer it is part of."""

from __future__ import annotations

import linecache
import os
from types import CodeType, FrameType
from typing import Any

from ..explain.frames import Step
from ..explain.source import TIMED, Source, cell_number, positions
from ..inspector.plain import Json, encodable

# A frame is of torch's housekeeping, of its ways from a call to us, of a library, or the learner's.
FILLING, PLUMBING, LIBRARY, LEARNERS = -1, 0, 1, 2
_PLUMBING = (
    *("overrides.py", "functional.py", "_tensor.py", "_jit_internal.py", "nn/functional.py"),
    *("nn/modules/module.py", "utils/_device.py", "utils/_contextlib.py", "_compile.py"),
    *("autograd/__init__.py", "autograd/profiler.py"),
)
# What these do with tensors is housekeeping: fill parameters, make batches, save and load.
_FILLING = (
    *("nn/init.py", "utils/data/", "multiprocessing/", "optim/", "storage.py", "serialization.py"),
    *("_utils.py", "_tensor_str.py", "utils/_pytree.py"),
)
_FARTHEST = 200
LONGEST_TEXT = 200

# The code and the byte offset of an instruction.
Position = tuple[CodeType, int]


class Filling(Exception):
    """A library fills the parameters of an object that it makes, or the like."""


class Frames:
    """Tells frames apart by their file, once for each file."""

    def __init__(self, torch: Any) -> None:
        root = os.path.dirname(torch.__file__)
        plumbing = [os.path.join(root, *name.split("/")) for name in _PLUMBING]
        self.kinds: dict[str, int] = dict.fromkeys(plumbing, PLUMBING)
        self._filling = tuple(os.path.join(root, *name.split("/")) for name in _FILLING)
        self._ours = os.path.dirname(__file__)

    def position(self, frame: FrameType | None, want: int) -> Position | None:
        """Of the frame that `find` finds."""
        return self.find(frame, want)[0]

    def find(self, frame: FrameType | None, want: int) -> tuple[Position | None, int]:
        """The innermost frame of at least the kind `want`, else the innermost of a library.

        Returns its position and how many frames it lies above `frame`. Raises Filling where a
        library makes an object or does its housekeeping: nobody asks how nn.Linear fills its
        weight.
        """
        kinds = self.kinds
        fallback: tuple[Position | None, int] = None, 0
        for steps in range(_FARTHEST):
            if frame is None:
                break
            code = frame.f_code
            kind = kinds.get(code.co_filename)
            if kind is None:
                kind = self.classify(frame)
            if kind >= want:
                return (code, frame.f_lasti), steps
            if kind == FILLING or (kind == LIBRARY and code.co_name == "__init__"):
                raise Filling
            if kind == LIBRARY and fallback[0] is None:
                fallback = (code, frame.f_lasti), steps
            frame = frame.f_back
        return fallback

    def kind(self, frame: FrameType) -> int:
        known = self.kinds.get(frame.f_code.co_filename)
        return self.classify(frame) if known is None else known

    def classify(self, frame: FrameType) -> int:
        name = frame.f_code.co_filename
        if name.startswith(self._ours):
            kind = PLUMBING
        elif name.startswith(self._filling):
            kind = FILLING
        else:
            kind = LEARNERS if Step(frame, 0).is_learners() else LIBRARY
        self.kinds[name] = kind
        return kind

    def is_learners(self, function: object) -> bool:
        """Whether the learner wrote `function`, as far as its file tells."""
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        if not isinstance(code, CodeType):
            return False
        name = code.co_filename
        if name not in self.kinds:
            names = getattr(function, "__globals__", {})
            self.kinds[name] = LEARNERS if _of_learner(name, names) else LIBRARY
        return self.kinds[name] == LEARNERS


def _of_learner(filename: str, names: Any) -> bool:
    class Frame:
        f_code = type("Code", (), {"co_filename": filename})
        f_globals = names

    stand_in: Any = Frame
    return Step(stand_in, 0).is_learners()


class Places:
    """The places of a trace, each listed once: FlowPlace of the protocol."""

    def __init__(self) -> None:
        self.listed: list[Json] = []
        self._known: dict[tuple[int, int], int | None] = {}
        self._sources: dict[str, list[str]] = {}

    def index(self, position: Position | None) -> int | None:
        """The number of the place in `listed`; None where the source is not known."""
        if position is None:
            return None
        key = (id(position[0]), position[1])
        if key not in self._known:
            place = self._place(*position)
            self._known[key] = None if place is None else len(self.listed)
            if place is not None:
                self.listed.append(place)
        return self._known[key]

    def _place(self, code: CodeType, instruction: int) -> Json | None:
        span = positions(code, instruction)
        if span is None:
            return None
        line, column, end_line, end_column = span
        filename = code.co_filename
        lines = self._lines(filename)
        above = 1 if filename in TIMED else 0
        taken = [text.encode() for text in lines[line - 1 : end_line]]
        if not taken:
            return None
        start = len(taken[0][:column].decode(errors="replace"))
        end = len(taken[-1][:end_column].decode(errors="replace"))
        taken[-1] = taken[-1][:end_column]
        taken[0] = taken[0][column:]
        text = " ".join(b"".join(taken).decode(errors="replace").split())
        return {
            "filename": encodable(filename),
            "cell": cell_number(filename),
            "line": line + above,
            "column": start,
            "end_line": end_line + above,
            "end_column": end,
            "text": encodable(text[:LONGEST_TEXT]),
        }

    def _lines(self, filename: str) -> list[str]:
        if filename not in self._sources:
            if filename in TIMED:
                source = Source.of(filename)
                self._sources[filename] = source.lines if source else []
            else:
                self._sources[filename] = linecache.getlines(filename)
        return self._sources[filename]
