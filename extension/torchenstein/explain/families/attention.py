"""scaled_dot_product_attention: the products of query and key, and of their weights and value."""

from __future__ import annotations

import re

from ...translation import _
from ..failed import Failed
from ..finding import Finding, clash, few, listed
from ..model import Clash, Fix, Operand
from ..rewrite import atom
from .stretch import clashing_axes

NAMES = ("query", "key", "value")


def attention(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Query and key of different widths, key and value of different lengths, other batches."""
    operation = failed.operation
    if operation.name != "scaled_dot_product_attention" or failed.layer is not None:
        return None
    places = {**dict(zip(NAMES, operation.nodes, strict=False)), **operation.keywords}
    if not places.keys() >= set(NAMES):
        return None
    nodes = [places[name] for name in NAMES]
    query, key, value = operands = [failed.operand(node) for node in nodes]
    if any(len(operand.shape or ()) < 2 for operand in operands):
        return None
    found = _clash(query, key, value)
    if found is None:
        return None
    fixes: list[Fix] = []
    for node, operand in list(zip(nodes, operands, strict=True))[1:]:
        code = failed.rewritten(node, f"{atom(operand.text)}.transpose(-2, -1)")
        exchange = _("Exchange the last two dimensions of {name}.", name=operand.text)
        fixes += failed.fix(exchange, code)
    summary = _(
        "Query {query}, key {key} and value {value} do not fit together.",
        query=listed(query.shape),
        key=listed(key.shape),
        value=listed(value.shape),
    )
    return Finding(summary, tuple(operands), found, few(fixes))


def _clash(query: Operand, key: Operand, value: Operand) -> Clash | None:
    q, k, v = query.shape or (), key.shape or (), value.shape or ()
    if q[-1] != k[-1]:
        sentence = _(
            "The last dimension of the query, {query}, must equal that of the key, {key}.",
            query=query.dimension(-1),
            key=key.dimension(-1),
        )
        return clash("inner", sentence, (0, len(q) - 1), (1, len(k) - 1))
    if k[-2] != v[-2]:
        sentence = _(
            "The second last dimension of the key, {key}, must equal that of the value, {value}.",
            key=key.dimension(-2),
            value=value.dimension(-2),
        )
        return clash("inner", sentence, (1, len(k) - 2), (2, len(v) - 2))
    for i, left, j, right in ((0, query, 1, key), (1, key, 2, value), (0, query, 2, value)):
        axes = clashing_axes((left.shape or ())[:-2], (right.shape or ())[:-2])
        if axes is not None:
            sentence = _(
                "The leading (batch) dimensions must be equal or 1: {left} meets {right}.",
                left=left.dimension(axes[0]),
                right=right.dimension(axes[1]),
            )
            return clash("batch", sentence, (i, axes[0]), (j, axes[1]))
    return None
