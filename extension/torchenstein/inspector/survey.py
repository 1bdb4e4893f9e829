"""All tensors of a namespace at one moment: names, memory, and how they relate."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from .memory import Blocks, Ties
from .metadata import Metadata, quiet
from .plain import Json
from .walk import Walk


class Namespace(NamedTuple):
    """The user's variables, and those among them that the shell put there."""

    variables: Mapping[str, Any]
    hidden: Mapping[str, Any]


def loaded_torch() -> Any | None:
    """The torch the kernel has imported, completely; None if none. Never imports it."""
    torch: Any = sys.modules.get("torch")
    complete = all(hasattr(torch, name) for name in ("Tensor", "nn", "no_grad", "_C"))
    return torch if complete and hasattr(torch.nn, "Module") else None


def current_shell() -> Any | None:
    """The IPython shell of this process, None if none. Never imports IPython."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


class Survey:
    """The tensors of `namespace`. It holds them: let it go before the request ends."""

    def __init__(self, namespace: Namespace, torch: Any) -> None:
        self.walk = Walk(namespace.variables, namespace.hidden, torch)
        self.found = list(self.walk.plain)
        for group in self.walk.groups:
            self.found.extend(group.members)
        self._metadata = Metadata(torch)
        with quiet(torch):
            self._places = [self._metadata.place(found.tensor) for found in self.found]
            views = [self._metadata.is_view(found.tensor) for found in self.found]
        self.blocks = Blocks(self._places)
        names = [found.name for found in self.found]
        identities = [id(found.tensor) for found in self.found]
        self._ties = Ties(names, identities, views, self._places, self.blocks)

    @property
    def complete(self) -> bool:
        """Whether every tensor was found and its memory seen."""
        return self.walk.complete and None not in self._places

    def summary(self, position: int) -> Json:
        """The TensorSummary of `self.found[position]`; use inside `quiet`."""
        found, place = self.found[position], self._places[position]
        relation, view_of = self._ties.tie(position)
        summary: Json = {"name": found.name, "group": found.group}
        self._metadata.add_facts(summary, found.tensor)
        summary["storage_bytes"] = None if place is None else place.bytes_of_all()
        summary["relation"], summary["view_of"] = relation, view_of
        return summary
