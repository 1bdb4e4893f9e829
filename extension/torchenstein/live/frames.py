"""The functions that run in the main thread right now, and their local names, seen from another.

Nothing is run there and nothing is kept. Python 3.12 and later give one name at a time, and that is
how they are read. Python 3.11 gives all at once in a dictionary that the frame keeps: see `eleven`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from inspect import CO_OPTIMIZED
from types import CodeType, FrameType
from typing import Any, NamedTuple

from ..lines.frames import Scoped
from .eleven import all_at_once

MOST_FRAMES = 8
ONE_BY_ONE = sys.version_info >= (3, 12)


class Locals(NamedTuple):
    """The local names of one function that runs."""

    function: str
    values: dict[str, Any]


def running(namespace: Mapping[str, Any]) -> Iterator[Locals]:
    """The functions of the notebook that run in the main thread, the innermost first.

    Those are the ones whose globals are `namespace`; one that is on the stack twice comes once.
    """
    main = threading.main_thread().ident
    if main is None or main == threading.get_ident():
        return
    frame = sys._current_frames().get(main)
    seen: set[CodeType] = set()
    while frame is not None and len(seen) < MOST_FRAMES:
        code = frame.f_code
        if frame.f_globals is namespace and _is_function(code) and code not in seen:
            seen.add(code)
            yield Locals(code.co_name, _values(frame))
        frame = frame.f_back


def _is_function(code: CodeType) -> bool:
    """Whether it is one with a name: no comprehension, no cell, no body of a class."""
    return bool(code.co_flags & CO_OPTIMIZED) and not code.co_name.startswith("<")


def _values(frame: FrameType) -> dict[str, Any]:
    code = frame.f_code
    names = [n for n in (*code.co_varnames, *code.co_cellvars) if not n.startswith(("_", "."))]
    if not ONE_BY_ONE:
        return all_at_once(frame, names)
    scoped = Scoped(frame)
    return {name: scoped.get(name) for name in names}
