"""Shorter ways through torch while it is watched: two functions in place of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .mode import Watch

# Where functions of torch that are written in Python find their way to a mode.
_PYTHON = ("torch._tensor", "torch.functional", "torch.nn.functional")


class Shortcuts:
    """Puts functions in place of torch's own, and those back."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._done: list[tuple[Any, str, Any, Any]] = []

    def take(self) -> None:
        # torch.optim hides its own parts.
        optimizer: Any = sys.modules["torch.optim.optimizer"]
        self._put(optimizer.Optimizer, "zero_grad", _resting)
        for name in _PYTHON:
            self._put(sys.modules.get(name), "handle_torch_function", _direct)

    def leave(self) -> None:
        """Whoever has put another function in place meanwhile keeps it."""
        while self._done:
            owner, name, original, ours = self._done.pop()
            if getattr(owner, name, None) is ours:
                setattr(owner, name, original)

    def _put(self, owner: Any, name: str, make: Callable[[Watch, Any], Any]) -> None:
        original = getattr(owner, name, None)
        if original is not None:
            ours = make(self._watch, original)
            setattr(owner, name, ours)
            self._done.append((owner, name, original, ours))


def _resting(watch: Watch, zero_grad: Any) -> Any:
    """An optimizer's `zero_grad` that is not looked at: it has no hook, and asks for every grad."""
    is_compiling = watch.torch.compiler.is_dynamo_compiling

    @wraps(zero_grad)
    def unwatched(optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        if is_compiling() or not watch.rest():
            return zero_grad(optimizer, *args, **kwargs)
        try:
            return zero_grad(optimizer, *args, **kwargs)
        finally:
            watch.wake()

    return unwatched


def _direct(watch: Watch, handle: Any) -> Any:
    """The way from `nn.functional` to a mode, for plain tensors and no other mode.

    Torch's own takes some 5 µs more: a context manager, and lists of types.
    """
    torch, mode = watch.torch, watch.mode
    is_compiling = torch.compiler.is_dynamo_compiling
    crowd = torch._C._len_torch_function_stack
    pop, push = torch._C._pop_torch_function_stack, torch._C._push_on_torch_function_stack
    are_plain = frozenset((torch.Tensor, torch.nn.Parameter, type(None))).issuperset

    @wraps(handle)
    def handle_torch_function(function: Any, relevant: Any, *args: Any, **kwargs: Any) -> Any:
        if is_compiling() or crowd() != 1 or not are_plain(map(type, relevant)):
            return handle(function, relevant, *args, **kwargs)
        top = pop()
        try:
            if top is mode:
                return mode.__torch_function__(function, (), args, kwargs)
        finally:
            push(top)
        return handle(function, relevant, *args, **kwargs)

    return handle_torch_function
