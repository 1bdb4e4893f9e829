"""The answer to the page's wish for an explorer: Exploration of the protocol.

The page names tensors of the notebook as a snapshot names them. What an explorer cannot draw comes
as a Failure with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..inspector.metadata import quiet, undispatched
from ..inspector.plain import Json, encodable
from ..inspector.survey import Namespace, Survey, loaded_torch
from ..translation import _
from .attention import Attention
from .autograd import Autograd
from .broadcast import Broadcast
from .conv import Conv
from .einsum import Einsum
from .explorer import Explorer
from .matmul import Matmul
from .operand import Operand
from .strides import MOST_ALIASES, Strides


@dataclass(frozen=True, slots=True)
class Wish:
    """Which explorer, of which tensors (the first is the one that was opened), and its options."""

    explorer: str
    names: tuple[str, ...]
    equation: str = ""
    stride: int = 1
    padding: int = 0
    dilation: int = 1


class Unable(Exception):
    """The wish cannot be met; reason and sentence for the reader."""


class Found:
    """The tensors of one wish; let it go before the request ends."""

    def __init__(self, survey: Survey, names: Sequence[str]) -> None:
        self.survey = survey
        self.names = names
        by_name = {one.name: one.tensor for one in reversed(survey.found)}
        missing = [name for name in names if name not in by_name]
        if missing:
            raise Unable(
                "gone", _("{name} is no longer a tensor of this notebook.", name=missing[0])
            )
        self.tensors = [by_name[name] for name in names]

    def operands(self, count: int) -> list[Operand]:
        """With the names of their dimensions, as their rows in the panel show them."""
        if len(self.names) != count:
            raise Unable("bad request", _("This explorer takes {count} tensors.", count=count))
        found = zip(self.tensors, self.names, strict=True)
        return [Operand.of(tensor, name).named(name) for tensor, name in found]

    def aliases(self) -> list[tuple[str, Any]]:
        """The other tensors that share memory with the first, by the survey's own relations."""
        summaries = [self.survey.summary(place) for place in range(len(self.survey.found))]
        owners = {s["name"]: s["view_of"] or s["name"] for s in summaries}
        own = owners[self.names[0]]
        shared = [
            (one.name, one.tensor)
            for one in self.survey.found
            if owners[one.name] == own and one.tensor is not self.tensors[0]
        ]
        return shared[:MOST_ALIASES]

    def names_by_id(self) -> dict[int, str]:
        return {id(one.tensor): one.name for one in reversed(self.survey.found)}


def explore(namespace: Namespace, wish: Wish) -> Json:
    """The Exploration for `wish`, or a Failure; nothing of the learner's code runs."""
    torch = loaded_torch()
    if torch is None:
        return _failure("gone", _("This kernel has not imported torch yet."))
    make = _EXPLORERS.get(wish.explorer)
    if make is None:
        message = _("There is no explorer {name}.", name=wish.explorer)
        return _failure("bad request", message)
    with quiet(torch), torch.no_grad(), undispatched():
        try:
            explorer = make(Found(Survey(namespace, torch), wish.names), wish)
        except Unable as problem:
            return _failure(*problem.args)
        except (TypeError, ValueError) as problem:
            return _failure("cannot be drawn", f"{problem}.")
        return {
            "kind": "exploration",
            "explorer": wish.explorer,
            "names": list(wish.names),
            "title": encodable(f"{explorer.heading}: {explorer.subject}"),
            "html": encodable(explorer.html()),
            "text": encodable(str(explorer)),
        }


def _failure(reason: str, message: str) -> Json:
    return {"kind": "failure", "reason": reason, "message": encodable(message)}


def _strides(found: Found, wish: Wish) -> Explorer:
    others = found.aliases()
    names = [found.names[0], *(name for name, _ in others)]
    return Strides.of(found.tensors[0], [tensor for _, tensor in others], names, names[0])


def _conv(found: Found, wish: Wish) -> Explorer:
    x, weight = found.operands(2)
    return Conv.of(x, weight, wish.stride, wish.padding, wish.dilation, 1)


_EXPLORERS: Mapping[str, Callable[[Found, Wish], Explorer]] = {
    "strides": _strides,
    "attention": lambda found, wish: Attention.of(
        found.tensors[0], found.operands(len(found.names))[0]
    ),
    "autograd": lambda found, wish: Autograd.of(
        found.tensors[0], found.names[0], found.names_by_id()
    ),
    "broadcast": lambda found, wish: Broadcast.of(found.operands(2)),
    "matmul": lambda found, wish: Matmul(*found.operands(2)),
    "einsum": lambda found, wish: Einsum.of(wish.equation, found.operands(len(found.names))),
    "conv": _conv,
}
