"""Which layer of which model: read from the frames and from what modules store."""

from __future__ import annotations

import ast
from typing import Any

from .frames import Step
from .source import Source, positions

MOST_STEPS = 10_000


def modules(torch: Any, found: list[Step]) -> list[Any]:
    """The modules whose own frames these are, outermost first, each once in a row."""
    layers: list[Any] = []
    for step in found:
        owner = step.variables.get("self")
        if issubclass(type(owner), torch.nn.Module) and (not layers or layers[-1] is not owner):
            layers.append(owner)
    return layers


def inside(torch: Any, outer: Any, inner: Any) -> str | None:
    """`inner` as an attribute of `outer`: ".blocks.2.proj", "" for itself, None if it is not in."""
    read = torch.nn.Module.__dict__["__dict__"].__get__
    seen: set[int] = set()
    waiting = [("", outer)]
    while waiting and len(seen) < MOST_STEPS:
        name, layer = waiting.pop()
        if layer is inner:
            return name
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        children = dict.items(read(layer).get("_modules") or {})
        waiting.extend(
            (f"{name}.{key}", child)
            for key, child in reversed(list(children))
            if issubclass(type(child), torch.nn.Module)
        )
    return None


def full(torch: Any, found: list[Step], at: int, inner: Any) -> str | None:
    """The layer from the outermost model that was called: "model.blocks.2.proj"."""
    for position, step in enumerate(found):
        if step.is_learners() and position <= at and position + 1 < len(found):
            called = modules(torch, found[position + 1 : position + 2])
            text = _called(step) if called else None
            within = inside(torch, called[0], inner) if called else None
            if text is not None and within is not None:
                return text + within
    return None


def _called(step: Step) -> str | None:
    """The name under which a frame called what comes below it."""
    source = Source.of(step.filename)
    span = positions(step.frame.f_code, step.instruction)
    node = source.node(span) if source is not None and span is not None else None
    if source is None or not isinstance(node, ast.Call):
        return None
    simple = isinstance(node.func, ast.Name | ast.Attribute | ast.Subscript)
    return source.segment(node.func) if simple else None
