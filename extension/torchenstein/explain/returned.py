"""What the learner's functions and models gave to the failing expression: shapes the chips saw.

Nothing is called again. What was seen belongs to this very call: the same frame, the same
instruction, the same code, and the frame has ended, so that no later call took its place.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from ..lines import recorder
from ..lines.returns import Returned
from .evaluate import Evaluator
from .frames import Step
from .lookup import Unknown
from .shadow import Shadow
from .source import Source, positions

APART = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def returned(
    torch: Any, evaluator: Evaluator, found: list[Step], at: int, source: Source, tree: ast.AST
) -> dict[str, Shadow]:
    """By its syntax, what each call in `tree` gave to the frame of `found[at]`."""
    watching, step = recorder(), found[at]
    ended = at > 0 and found[at - 1].frame is step.frame.f_back
    if watching is None or not ended:
        # The frame may have caught the error and gone on, perhaps to the same call.
        return {}
    last: dict[int, Returned] = {}
    for instruction in watching.returns.calls(step.frame):
        span = positions(step.frame.f_code, instruction)
        node = source.node(span) if span is not None else None
        code = _code(torch, evaluator, node.func) if isinstance(node, ast.Call) else None
        value = watching.returns.of(step.frame, instruction, code) if code is not None else None
        if value is not None:
            last[id(node)] = value
    calls: dict[str, list[Returned | None]] = {}
    for node, once in _calls(tree, True):
        calls.setdefault(ast.dump(node), []).append(last.get(id(node)) if once else None)
    # What is written twice may have given two things.
    sure = {text: values[0] for text, values in calls.items() if len(set(values)) == 1}
    shadows = {text: _shadow(torch, value) for text, value in sure.items() if value is not None}
    return {text: shadow for text, shadow in shadows.items() if shadow is not None}


def _calls(tree: ast.AST, once: bool) -> Iterator[tuple[ast.Call, bool]]:
    """The calls in `tree`, and whether each runs exactly when `tree` does."""
    if isinstance(tree, ast.Call):
        yield tree, once
    for part in ast.iter_child_nodes(tree):
        yield from _calls(part, once and not isinstance(tree, APART))


def _code(torch: Any, evaluator: Evaluator, func: ast.expr) -> CodeType | None:
    """The code whose return value is that of the call."""
    try:
        called = evaluator.callee(func)[0]
    except Unknown:
        called = _method(torch, evaluator, func)
    if issubclass(type(called), torch.nn.Module):
        called = _forward(torch, called)
    return called.__code__ if type(called) is FunctionType else None


def _method(torch: Any, evaluator: Evaluator, func: ast.expr) -> Any:
    """The function of a class that `func` calls as a method of an instance."""
    owner = evaluator.attempt(func.value) if isinstance(func, ast.Attribute) else None
    if not isinstance(func, ast.Attribute) or owner is None:
        return None
    found = inspect.getattr_static(type(owner), func.attr, None)
    return found if inspect.getattr_static(owner, func.attr, None) is found else None


def _forward(torch: Any, layer: Any) -> Any:
    """The forward of a module, None where something stands between it and the caller."""
    nn = torch.nn
    attributes = nn.Module.__dict__["__dict__"].__get__(layer)
    changed = attributes.get("_forward_hooks") or nn.modules.module._global_forward_hooks
    compiled = attributes.get("_compiled_call_impl")
    plain = inspect.getattr_static(type(layer), "__call__") is nn.Module.__dict__["__call__"]
    if changed or compiled or "forward" in attributes or not plain:
        return None
    return inspect.getattr_static(type(layer), "forward", None)


def _shadow(torch: Any, value: Returned) -> Shadow | None:
    shape, dtype = value.facts.shape, getattr(torch, value.facts.dtype or "", None)
    if shape is None or None in shape or type(dtype) is not torch.dtype:
        return None
    meta = torch.empty_strided(shape, value.strides, dtype=dtype, device="meta")
    return Shadow(meta, value.facts.device or "cpu")
