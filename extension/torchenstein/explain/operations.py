"""Torch's pure operations on Shadows, with the checks the meta device leaves out.

The meta device accepts operands of different dtypes and has one device only; a proposal that is
tried on it must not pass where the real operation would refuse.
"""

from __future__ import annotations

import builtins
import math
import os
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType
from typing import Any

from ..dims import Names
from . import allowed
from .layers import Layers
from .lookup import Unknown
from .propagate import propagate
from .shadow import Shadow

SAME_DTYPE = {
    *("matmul", "mm", "bmm", "mv", "dot", "addmm", "baddbmm", "linear", "einsum", "tensordot"),
    *("conv1d", "conv2d", "conv3d"),
}
# These return one tensor for each row, or for a few of them.
PIECES = ("unbind", "split", "chunk", "tensor_split")
MOST_ITEMS = 1000


class Mismatch(Exception):
    """The real operation would refuse these operands though the meta device does not."""


class Operations:
    """What the evaluator may call; use inside `on_shapes`."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._root = os.path.join(os.path.dirname(torch.__file__), "")
        self._layers = Layers(torch, self)
        self._functions: dict[int, tuple[str, Any]] = {}
        places = ((torch, allowed.FUNCTIONS), (torch.nn.functional, allowed.FUNCTIONAL))
        for module, names in places:
            for name in names:
                function = vars(module).get(name)
                if self._is_torchs(function):
                    self._functions[id(function)] = (name, function)
        self._builtins = {id(getattr(builtins, name)) for name in allowed.BUILTINS}
        self._builtins |= {id(math.sqrt), id(math.prod), id(math.floor), id(math.ceil)}

    def function_name(self, called: Any) -> str | None:
        """The name of one of torch's pure functions; None for anything else."""
        known = self._functions.get(id(called))
        return known[0] if known else None

    def call(self, called: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        """A function of torch, a layer of torch.nn, or one of Python's own on plain values."""
        name = self.function_name(called)
        if name in allowed.FACTORIES and called is getattr(self._torch, name or ""):
            return self._factory(called, arguments, keywords)
        if name is not None:
            return self.apply(called, name, arguments, keywords)
        if id(called) in self._builtins:
            return self._plain(called, arguments, keywords)
        if issubclass(type(called), self._torch.nn.Module):
            return self._layers.call(called, arguments, keywords)
        if type(called) is type and called in (self._torch.device,):
            return str(arguments[0])
        raise Unknown("call")

    def method(self, name: str, tensor: Shadow, arguments: list[Any], keywords: Any) -> Any:
        if name in ("to", "cpu", "cuda"):
            return self._moved(name, tensor, [*arguments, *keywords.values()])
        function = getattr(self._torch.Tensor, name, None)
        if name not in allowed.METHODS or not callable(function):
            raise Unknown(name)
        return self.apply(function, name, [tensor, *arguments], keywords)

    def attribute(self, tensor: Shadow, name: str) -> Any:
        if name not in allowed.ATTRIBUTES:
            raise Unknown(name)
        if name == "device":
            return tensor.device
        value = getattr(tensor.meta, name)
        names = propagate(name, [tensor], {})
        return self._wrapped(value, tensor.device, names)

    def apply(
        self, function: Callable[..., Any], name: str, arguments: list[Any], keywords: Any = None
    ) -> Any:
        """`function` on the meta tensors; the result's tensors as Shadows."""
        keywords = keywords or {}
        shadows = found([arguments, keywords])
        device = self.common_device(shadows)
        if name in SAME_DTYPE and len({s.meta.dtype for s in shadows}) > 1:
            raise Mismatch("dtype")
        if name in PIECES and any(max(s.shape, default=0) > MOST_ITEMS for s in shadows):
            raise Unknown("too many items")
        result = function(*_metas(arguments), **_metas(keywords))
        return self._wrapped(result, device, propagate(name, arguments, keywords))

    def common_device(self, shadows: list[Shadow]) -> str:
        devices = {s.device for s in shadows if s.meta.dim()} or {s.device for s in shadows}
        if len(devices) > 1:
            raise Mismatch("device")
        return devices.pop() if devices else "cpu"

    def _factory(self, function: Any, arguments: list[Any], keywords: dict[str, Any]) -> Shadow:
        if found([arguments, keywords]):
            raise Unknown("element")
        device = keywords.pop("device", None) or self._torch.get_default_device()
        return Shadow(function(*arguments, **keywords, device="meta"), str(device))

    def _moved(self, name: str, tensor: Shadow, arguments: list[Any]) -> Shadow:
        device = {"cpu": "cpu", "cuda": "cuda:0"}.get(name, tensor.device)
        dtype = tensor.meta.dtype
        for argument in arguments:
            if isinstance(argument, Shadow):
                dtype, device = argument.meta.dtype, argument.device
            elif isinstance(argument, self._torch.dtype):
                dtype = argument
            elif isinstance(argument, str | self._torch.device):
                device = str(argument)
        return Shadow(tensor.meta.to(dtype), device, tensor.names)

    def _plain(self, called: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        if called is len and isinstance(arguments[0], Shadow):
            return len(arguments[0].meta)
        plain = (bool, int, float, str, tuple, list, range)
        containers = called in (list, tuple, zip, enumerate, reversed, len)
        if keywords or any(type(a) not in plain for a in arguments):
            raise Unknown("call")
        if any(type(a) is range and len(a) > MOST_ITEMS for a in arguments):
            raise Unknown("too many items")
        if not containers and found(arguments):
            raise Unknown("element")
        result = called(*arguments)
        return list(result) if called in (zip, enumerate, reversed) else result

    def _wrapped(self, value: Any, device: str, names: Names | None) -> Any:
        if issubclass(type(value), self._torch.Tensor):
            return Shadow(value, device, names)
        if type(value) is not self._torch.Size and isinstance(value, tuple | list):
            return tuple(self._wrapped(item, device, None) for item in value)
        return value

    def _is_torchs(self, function: Any) -> bool:
        """Whether it is still torch's own: a learner may have put another in its place."""
        if type(function) is FunctionType:
            return function.__code__.co_filename.startswith(self._root)
        return type(function) is BuiltinFunctionType


def found(value: Any) -> list[Shadow]:
    """The Shadows in arguments, in order."""
    if isinstance(value, Shadow):
        return [value]
    if isinstance(value, dict):
        return found(list(value.values()))
    if isinstance(value, tuple | list):
        return [shadow for item in value for shadow in found(item)]
    return []


def _metas(value: Any) -> Any:
    if isinstance(value, Shadow):
        return value.meta
    if isinstance(value, dict):
        return {key: _metas(item) for key, item in value.items()}
    if type(value) in (tuple, list):
        return type(value)(_metas(item) for item in value)
    return value
