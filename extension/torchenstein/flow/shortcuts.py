"""Shorter ways through torch while it is watched: a few of ours in place of its own."""

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
    """Puts functions and a property in place of torch's own, and those back."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._done: list[tuple[Any, str, Any, Any]] = []

    def take(self) -> None:
        # torch.optim hides its own parts.
        optimizer: Any = sys.modules["torch.optim.optimizer"]
        self._put(optimizer.Optimizer, "zero_grad", _resting)
        for name in _PYTHON:
            self._put(sys.modules.get(name), "handle_torch_function", _direct)
        torch = self._watch.torch
        # Asked first: it remembers what it finds as `grad`, for good.
        torch.overrides.get_default_nowrap_functions()
        self._put(torch.Tensor, "grad", _unheard)

    def leave(self) -> None:
        """Whoever has put something else in place meanwhile keeps it."""
        while self._done:
            owner, name, original, ours = self._done.pop()
            if vars(owner).get(name) is not ours:
                continue
            if original is None:
                delattr(owner, name)
            else:
                setattr(owner, name, original)

    def _put(self, owner: Any, name: str, make: Callable[[Watch, Any], Any]) -> None:
        original = getattr(owner, name, None)
        if original is not None:
            ours = make(self._watch, original)
            # None: it is inherited.
            self._done.append((owner, name, vars(owner).get(name), ours))
            setattr(owner, name, ours)


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


def _unheard(watch: Watch, grad: Any) -> Any:
    """`Tensor.grad` without the mode: a step asks for and sets that of each parameter.

    Any mode costs 3 µs for each, as long as a small operation takes.
    """
    torch, mode, recording = watch.torch, watch.mode, watch.recording
    is_compiling = torch.compiler.is_dynamo_compiling
    crowd = torch._C._len_torch_function_stack
    pop, push = torch._C._pop_torch_function_stack, torch._C._push_on_torch_function_stack
    get, put, delete = grad.__get__, grad.__set__, grad.__delete__

    def read(tensor: Any) -> Any:
        if is_compiling() or crowd() != 1:
            return get(tensor)
        top = pop()
        try:
            if top is mode:
                result = get(tensor)
                if not recording.paused:
                    recording.gradient(result)
                return result
        finally:
            push(top)
        return get(tensor)

    def write(tensor: Any, value: Any) -> None:
        if is_compiling() or crowd() != 1:
            return put(tensor, value)
        top = pop()
        try:
            if top is mode:
                return put(tensor, value)
        finally:
            push(top)
        return put(tensor, value)

    return property(read, write, delete, grad.__doc__)
