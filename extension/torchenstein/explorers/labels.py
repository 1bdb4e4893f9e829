"""What the caller wrote for an argument: explorers.broadcast(x, bias) draws "x" and "bias".

Nothing is run: the source is what Python remembers for tracebacks. Where it remembers none, in an
exec for example, plain letters stand in.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from typing import Any

from ..explain.source import Source, positions
from ..inspector.survey import loaded_torch
from ..inspector.walk import Walk

LONGEST = 14


def written_arguments(depth: int = 1) -> list[str]:
    """The positional arguments of the call that runs in the frame `depth` above the caller's."""
    frame = sys._getframe(depth + 1)
    span = positions(frame.f_code, frame.f_lasti)
    source = Source.of(frame.f_code.co_filename)
    node = source.node(span) if source and span else None
    if not source or not isinstance(node, ast.Call):
        return []
    texts = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            # From here on one argument written is several given.
            break
        texts.append(source.segment(argument))
    return texts


def labels(texts: list[str], count: int, letters: str) -> list[str]:
    """A label for each of `count` arguments: as written, where that is short; else its letter."""
    found: list[str] = []
    for place in range(count):
        text = texts[place] if place < len(texts) else ""
        letter = letters[place] if place < len(letters) else f"#{place + 1}"
        fits = 0 < len(text) <= LONGEST and not text[0].isdigit() and text[0] not in "(["
        found.append(text if fits and text not in found else letter)
    return found


def leaf_names(variables: Mapping[str, Any]) -> dict[int, str]:
    """What a namespace calls its tensors, those of its modules included, by their id."""
    torch = loaded_torch()
    if torch is None:
        return {}
    walk = Walk(variables, {}, torch)
    found = [*walk.plain, *(member for group in walk.groups for member in group.members)]
    names: dict[int, str] = {}
    for one in found:
        names.setdefault(id(one.tensor), one.name)
    return names
