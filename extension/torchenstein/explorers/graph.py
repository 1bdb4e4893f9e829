"""Walking the graph that autograd recorded, by its own edges: no element read, nothing run."""

from __future__ import annotations

from typing import Any


def walk(root: Any, most: int) -> tuple[list[Any], dict[Any, list[Any]], bool]:
    """The nodes, nearest first, and the inputs of each that need a gradient."""
    found, edges = [root], {}
    seen = {root}
    for node in found:
        edges[node] = [following for following, _ in node.next_functions if following is not None]
        for following in edges[node]:
            if following not in seen:
                if len(found) >= most:
                    return found, edges | {n: [] for n in found if n not in edges}, False
                seen.add(following)
                found.append(following)
    return found, edges, True


def depths_of(inputs: list[list[int]]) -> list[int]:
    """The longest way from the first node to each, so that every arrow goes one way."""
    waiting = [0] * len(inputs)
    for following in inputs:
        for place in following:
            waiting[place] += 1
    depths = [0] * len(inputs)
    ready = [place for place, count in enumerate(waiting) if count == 0]
    for place in ready:
        for other in inputs[place]:
            depths[other] = max(depths[other], depths[place] + 1)
            waiting[other] -= 1
            if waiting[other] == 0:
                ready.append(other)
    return depths
