"""The modules of a run: which one is called, what its name is, how many numbers it learns."""

from __future__ import annotations

from types import FrameType
from typing import Any
from weakref import ref

from ..inspector.plain import class_name
from . import model
from .model import Node, Scope
from .parts import inside, members
from .positions import LEARNERS, LIBRARY, Position
from .recording import CHECKED, Recording


def enter(recording: Recording, module: Any, frame: FrameType) -> Scope | None:
    """`module` is called from `frame`; its scope, if it was called from there before."""
    parent = recording.scope
    last = parent.last.get(id(module))
    caller = _caller(frame)
    if last is not None and last.caller == caller and last.module and last.module() is module:
        recording.scope = last
        if last.leaf is None and last.want == LIBRARY and not last.calls % CHECKED:
            last.leaf = _leaf(recording, last)
        return last
    position = recording.frames.position(frame, parent.want)
    code, instruction = position or (None, 0)
    key = (id(module), id(code), instruction)
    scope = parent.children.get(key)
    if scope is None or scope.module is None or scope.module() is not module:
        scope = _again(parent, module, (class_name(module), id(code), instruction))
        if scope is None:
            if len(recording.scopes) >= model.MOST_MODULES:
                # Its operations count as the parent's.
                scope = Scope(parent.number, parent.parent, parent.want)
            else:
                scope = Scope(len(recording.scopes), parent, _want(recording, module))
                recording.scopes.append(scope)
            scope.type = class_name(module)
            scope.name = _name(parent, module)
            scope.position = position if parent.want == LEARNERS else parent.position
        scope.module, scope.identity = ref(module), id(module)
        scope.parent = parent
        parent.children[key] = scope
        parent.children[class_name(module), id(code), instruction] = scope
    scope.caller = caller
    parent.last[id(module)] = scope
    recording.scope = scope
    return None


def _caller(frame: FrameType) -> Position | None:
    """The instruction that called a module whose hook was called by `frame`."""
    try:
        # Three frames of torch.nn.Module lie between its caller and its hooks.
        hook: Any = frame
        found = hook.f_back.f_back.f_back
        return found.f_code, found.f_lasti
    except AttributeError:
        return None


def _leaf(recording: Recording, scope: Scope) -> Node | None:
    """The operation of a layer that has but one, once it is trusted."""
    if scope.children or scope.alone is not None or len(scope.nodes) != 1:
        return None
    (node,) = scope.nodes.values()
    return node if node.trust >= recording.trusted and node.size is not None else None


def leave(recording: Recording, module: Any, taken: Any, made: Any) -> None:
    """The call of `module` is over; `made` is what it gave back, None where it raised."""
    scope = recording.scope
    while scope.identity != id(module):
        if scope.parent is None:
            return
        scope = scope.parent
    if scope.parent is None:
        return
    recording.scope = scope.parent
    scope.calls += 1
    if scope.parameters is None and made is not None:
        scope.parameters, scope.trainable = parameters_of(module)
    if scope.alone is not None or (scope.calls == 1 and _is_opaque(recording, scope, made)):
        recording.alone(scope, recording.tensors(taken), recording.tensors(made))


def parameters_of(module: Any) -> tuple[int, int]:
    """How many numbers the parameters of a module hold, each counted once; those that learn."""
    seen: set[int] = set()
    total = trainable = 0
    for _, part in inside(module):
        for parameter in members(part, "_parameters").values():
            if parameter is None or id(parameter) in seen:
                continue
            seen.add(id(parameter))
            try:
                count = int(parameter.numel())
            except (RuntimeError, ValueError):
                # A lazy one has no shape yet.
                continue
            total += count
            trainable += count if parameter.requires_grad else 0
    return total, trainable


def _again(parent: Scope, module: Any, key: Any) -> Scope | None:
    """The scope of a module of the same class that was called here and is gone: one made anew."""
    scope = parent.children.get(key)
    gone = scope is not None and scope.module is not None and scope.module() is None
    return scope if gone else None


def _is_opaque(recording: Recording, scope: Scope, made: Any) -> bool:
    """Whether nothing was seen of what the module did to make `made`."""
    found = recording.tensors(made)
    if not found:
        return False
    empty = not scope.nodes and not scope.children
    return empty or not all(recording.is_known(tensor) for tensor in found)


def _want(recording: Recording, module: Any) -> int:
    """The frames that tell the operations of the module apart: the learner's, or its own."""
    forward = getattr(type(module), "forward", None)
    return LEARNERS if recording.frames.is_learners(forward) else LIBRARY


def _name(parent: Scope, module: Any) -> str | None:
    """The path from the module that calls to the one that is called."""
    scope: Scope | None = parent
    while scope is not None and scope.module is not None:
        if scope.inner is None:
            outer = scope.module()
            scope.inner = {} if outer is None else {id(part): n for n, part in inside(outer)}
        name = scope.inner.get(id(module))
        if name:
            return name
        scope = scope.parent
    return None
