"""What the learner's calls in the running cell gave last: shapes only, by the place of the call.

Once a return of a function may have gone unseen, nothing is said of that function any more.
"""

from __future__ import annotations

from types import CodeType, FrameType
from typing import Any, NamedTuple

from .facts import Facts, Reader

# A cell that calls from ever new frames must not gather them all.
MOST = 1000


class Returned(NamedTuple):
    """The tensor that `code` returned to a call, without its elements."""

    code: int
    facts: Facts
    strides: tuple[int, ...]


class Returns:
    """By the caller's frame and the instruction of the call. Keeps neither frames nor code alive.

    The identity of a frame is its own as long as something (a traceback) refers to it.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[int, int], Returned] = {}
        self._missed: set[int] = set()

    def clear(self) -> None:
        """A cell begins, in which every return is looked at again."""
        self._last.clear()
        self._missed.clear()

    def note(self, torch: Reader, frame: FrameType, value: Any, is_last: bool) -> None:
        """`frame` returns `value`; `is_last` where its next return may not be told."""
        if is_last:
            self._missed.add(id(frame.f_code))
        caller = frame.f_back
        while caller is not None and _is_between(caller):
            caller = caller.f_back
        if caller is None:
            return
        key = id(caller), caller.f_lasti
        self._last.pop(key, None)
        strides = torch.strides(value) if torch.is_tensor(value) else None
        if strides is not None and len(self._last) < MOST:
            self._last[key] = Returned(id(frame.f_code), torch.facts(value), strides)

    def of(self, caller: FrameType, instruction: int, code: CodeType) -> Returned | None:
        """What the call at `instruction` of a living frame got last from `code`, if sure."""
        found = self._last.get((id(caller), instruction))
        sure = found is not None and found.code == id(code) and id(code) not in self._missed
        return found if sure else None

    def calls(self, caller: FrameType) -> list[int]:
        """The instructions of a living frame whose calls gave tensors."""
        return [instruction for frame, instruction in list(self._last) if frame == id(caller)]


def _is_between(frame: FrameType) -> bool:
    """Whether it is torch's, as Module.__call__, or our tracer's that stands in its place."""
    module = frame.f_globals.get("__name__")
    return type(module) is str and module.partition(".")[0] in ("torch", "torchenstein")
