"""Which layer of which model: read from the frames and from what modules store."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import Any

from .frames import Step
from .source import Source, positions

MOST_STEPS = 10_000
# From a model to one of its parts: the keys and modules on the way, the model first with key "".
Chain = tuple[tuple[str, Any], ...]


def modules(torch: Any, found: list[Step]) -> list[Any]:
    """The modules whose own frames these are, outermost first, each once in a row."""
    layers: list[Any] = []
    for step in found:
        # An __init__ makes the layer, it does not use it.
        owner = step.variables.get("self") if step.function != "__init__" else None
        if issubclass(type(owner), torch.nn.Module) and (not layers or layers[-1] is not owner):
            layers.append(owner)
    return layers


def chain(torch: Any, outer: Any, inner: Any) -> Chain:
    """The way from `outer` to `inner`, empty if there is none."""
    read = torch.nn.Module.__dict__["__dict__"].__get__
    seen: set[int] = set()
    waiting: list[Chain] = [(("", outer),)]
    while waiting and len(seen) < MOST_STEPS:
        way = waiting.pop()
        layer = way[-1][1]
        if layer is inner:
            return way
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        children = dict.items(read(layer).get("_modules") or {})
        waiting.extend(
            (*way, (key, child))
            for key, child in reversed(list(children))
            if issubclass(type(child), torch.nn.Module)
        )
    return ()


def dotted(way: Chain) -> str:
    """A chain as state_dict writes it: ".blocks.2.proj"."""
    return "".join(f".{key}" for key, _ in way[1:])


def from_root(torch: Any, found: list[Step], at: int, inner: Any) -> tuple[str, Chain]:
    """The name under which the learner called the outermost model, and the way to `inner`."""
    for step, below in pairwise(found[: at + 2]):
        called = modules(torch, [below]) if step.is_learners() else []
        way = chain(torch, called[0], inner) if called else ()
        if way:
            return _called(step) or type(called[0]).__name__, way
    return "", ()


def _called(step: Step) -> str | None:
    """The name under which a frame called what comes below it."""
    source = Source.of(step.filename)
    span = positions(step.frame.f_code, step.instruction)
    node = source.node(span) if source is not None and span is not None else None
    if source is None or not isinstance(node, ast.Call):
        return None
    simple = isinstance(node.func, ast.Name | ast.Attribute | ast.Subscript)
    return source.segment(node.func) if simple else None
