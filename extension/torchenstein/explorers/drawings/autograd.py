"""Leaves above, the loss at the bottom: arrows run forward, the steps walk back."""

from __future__ import annotations

from ...translation import _
from ..autograd import Autograd, Node
from ..explorer import Drawing
from ..operand import written
from ..svg import NARROW, clipped, joined, path, points, rect, text

WIDTH, HEIGHT, ACROSS, DOWN, TOP = 112, 38, 16, 30, 18
LONGEST, STUBS = 15, 3


def drawing(graph: Autograd) -> Drawing:
    if not graph.nodes:
        words = _("{name}: no graph", name=clipped(graph.root.label, 20))
        alone = rect(14, 12, 230, 34, "ghost", -1) + text(129, 34, words, "", -1)
        return Drawing(NARROW, 60, alone)
    rows = _ordered(graph)
    widest = max(map(len, rows))
    width = max(widest * (WIDTH + ACROSS) + 12, NARROW)
    centres = {
        place: (
            width / 2 + (at - (len(row) - 1) / 2) * (WIDTH + ACROSS),
            TOP + (len(rows) - 1 - depth) * (HEIGHT + DOWN) + HEIGHT / 2,
        )
        for depth, row in enumerate(rows)
        for at, place in enumerate(row)
    }
    base = [
        _arrow(centres[i], centres[place])
        for place, node in enumerate(graph.nodes)
        for i in node.inputs
    ]
    base += [_node(node, *centres[place]) for place, node in enumerate(graph.nodes)]
    bottom = TOP + len(rows) * (HEIGHT + DOWN)
    x, y = centres[0]
    if graph.nodes[0].kind != "leaf":
        base.append(path(points("M", x, y + HEIGHT / 2, "v", 12), "line", -1))
        base.append(text(x, bottom, clipped(str(graph.root), 40), "strong"))
    if any(node.constants for node in graph.nodes):
        bottom += 20
        words = _("dashed: an input that needs no gradient")
        base.append(text(width / 2, bottom, words, "small", -1))
    layers = [""] + [_layer(graph, row, centres) for row in graph.levels[: len(graph.steps) - 1]]
    return Drawing(width, bottom + 10, joined(base), tuple(layers))


def _ordered(graph: Autograd) -> list[list[int]]:
    """The rows from the loss on, each ordered by where the nodes that it feeds stand."""
    rows = [list(level) for level in graph.levels]
    users: dict[int, list[int]] = {}
    for place, node in enumerate(graph.nodes):
        for i in node.inputs:
            users.setdefault(i, []).append(place)
    at: dict[int, float] = {}
    for row in rows:
        row.sort(key=lambda place: _mean([at[user] for user in users.get(place, ()) if user in at]))
        for order, place in enumerate(row):
            at[place] = order - (len(row) - 1) / 2
    return rows


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _node(node: Node, x: float, y: float) -> str:
    left, top = x - WIDTH / 2, y - HEIGHT / 2
    leaf = node.kind == "leaf"
    parts = [
        rect(left, top, WIDTH, HEIGHT, "solid" if leaf else "box", 3 if leaf else -1),
        text(x, y - 3, clipped(node.name, LONGEST), "strong", 3 if leaf else None),
    ]
    shape = "" if node.shape is None else written(node.shape)
    note = f"{shape} → .grad" if leaf else shape
    parts.append(text(x, y + 12, clipped(note, 16), "small", -1))
    for stub in range(min(node.constants, STUBS)):
        parts.append(path(points("M", left + WIDTH - 12 - 9 * stub, top, "v", -14), "dashed", -1))
    return joined(parts)


def _arrow(source: tuple[float, float], target: tuple[float, float]) -> str:
    (x, y), (to, low) = source, target
    y, low = y + HEIGHT / 2, low - HEIGHT / 2
    bend = (low - y) / 2
    curve = points("M", x, y, "C", x, y + bend, to, low - bend, to, low - 4)
    head = points("M", to - 4, low - 8, "L", to, low - 1, "L", to + 4, low - 8)
    return path(curve, "line", -1) + path(head, "line", -1)


def _layer(graph: Autograd, level: tuple[int, ...], centres: dict[int, tuple[float, float]]) -> str:
    """The nodes of one level, and the arrows that their gradients take."""
    parts = []
    for place in level:
        x, y = centres[place]
        for i in graph.nodes[place].inputs:
            to, high = centres[i]
            low, high = y - HEIGHT / 2, high + HEIGHT / 2
            bend = (low - high) / 2
            curve = points("M", x, low, "C", x, low - bend, to, high + bend, to, high + 3)
            head = points("M", to - 5, high + 9, "L", to, high + 2, "L", to + 5, high + 9)
            parts += [path(curve, "thick", 2), path(head, "thick", 2)]
        parts.append(rect(x - WIDTH / 2 - 2, y - HEIGHT / 2 - 2, WIDTH + 4, HEIGHT + 4, "mark"))
    return joined(parts)
