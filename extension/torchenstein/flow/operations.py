"""What a function of torch is called in the flow, and whether it belongs there."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

# What a call does besides giving tensors back.
PLAIN, ASSIGN, BACKWARD, GRADIENT = "plain", "assign", "backward", "gradient"
_EFFECTS = {"__setitem__": ASSIGN, "backward": BACKWARD}
_LONGEST = 80


class Operation:
    """One function of torch. Compared by identity: there is one for each function of a trace."""

    __slots__ = ("effect", "function", "name")

    def __init__(self, function: object, name: str, effect: str = PLAIN) -> None:
        self.function, self.name, self.effect = function, name, effect


@cache
def _table() -> dict[str, Any]:
    path = Path(__file__).with_name("operations.toml")
    table = tomllib.loads(path.read_text("utf-8"))
    return {
        "names": table["names"],
        "properties": frozenset(table["properties"]["names"]),
        "ignored": frozenset(table["ignored"]["names"]),
        "prefixes": tuple(table["ignored"]["prefixes"]),
    }


def operation_of(function: Callable[..., Any]) -> Operation | None:
    """The operation that `function` is; None where the flow leaves it out."""
    name = getattr(function, "__name__", None)
    if type(name) is not str:
        return None
    if name in ("__get__", "__set__", "__delete__"):
        return _property(function, name)
    table = _table()
    if name in table["ignored"] or name.startswith(table["prefixes"]):
        return None
    shown: str = table["names"].get(name) or name.rpartition("::")[2].rpartition(".")[2]
    if shown.startswith("__") and shown.endswith("__"):
        shown = shown.strip("_")
    shown = shown[:_LONGEST] or name[:_LONGEST]
    return Operation(function, shown, _EFFECTS.get(name, PLAIN))


def _property(function: Callable[..., Any], access: str) -> Operation | None:
    name = getattr(getattr(function, "__self__", None), "__name__", None)
    if access != "__get__" or type(name) is not str:
        return None
    if name == "grad":
        return Operation(function, "grad", GRADIENT)
    return Operation(function, name) if name in _table()["properties"] else None
