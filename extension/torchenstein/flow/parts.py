"""The parts of a module, read from its own dictionaries: no code of the learner's is run for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# So many modules of one model are looked through for a name or a parameter.
MOST_INSIDE = 20_000


def inside(module: Any) -> Iterator[tuple[str, Any]]:
    """A module and all modules in it with their paths, each once."""
    waiting = [("", module)]
    seen = {id(module)}
    while waiting and len(seen) < MOST_INSIDE:
        path, part = waiting.pop()
        yield path, part
        for name, child in members(part, "_modules").items():
            if child is not None and id(child) not in seen:
                seen.add(id(child))
                waiting.append((f"{path}.{name}" if path else str(name), child))


def members(module: Any, place: str) -> dict[str, Any]:
    found = object.__getattribute__(module, "__dict__").get(place)
    return found if isinstance(found, dict) else {}
