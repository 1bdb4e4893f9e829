"""The names of a frame, one by one, without making its dictionary of locals.

Before Python 3.13 `frame.f_locals` copies every local into a dictionary that the frame then holds:
a tensor deleted by the learner would live on in it, and a dictionary the learner got from locals()
would change under their hands. PyFrame_GetVar (C API, since 3.12) gives one name and keeps nothing.
"""

from __future__ import annotations

import ctypes
from inspect import CO_OPTIMIZED
from types import FrameType
from typing import Any

_get_var: Any = getattr(ctypes.pythonapi, "PyFrame_GetVar", None)
if _get_var is not None:
    _get_var.restype = ctypes.py_object
    _get_var.argtypes = [ctypes.py_object, ctypes.py_object]


class Scoped:
    """`get(name)` gives what the name is bound to in a frame, None where it is not."""

    __slots__ = ("_frame",)

    def __init__(self, frame: FrameType) -> None:
        self._frame = frame

    def get(self, name: str) -> Any:
        frame = self._frame
        if not frame.f_code.co_flags & CO_OPTIMIZED:
            # The namespace of a module or class is no copy.
            namespace = frame.f_locals
            return namespace.get(name) if type(namespace) is dict else None
        code = frame.f_code
        if name in code.co_varnames or name in code.co_cellvars or name in code.co_freevars:
            try:
                return _get_var(frame, name)
            except NameError:
                return None
        return frame.f_globals.get(name)
