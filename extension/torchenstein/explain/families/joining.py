"""cat and stack: all sizes must agree, for cat except in the joined dimension."""

from __future__ import annotations

import ast
import re
from collections import Counter

from ...translation import _, ngettext
from .. import told
from ..failed import Failed
from ..finding import Finding, clash, few
from ..model import Clash, Fix, Operand
from ..rewrite import atom
from ..shadow import Shadow

CAT = ("cat", "concat", "concatenate", "vstack", "hstack", "column_stack")
# More are not drawn: the first ones, and those that clash.
MOST = 8


def joining(failed: Failed, match: re.Match[str]) -> Finding | None:
    """Tensors of different shapes in one list."""
    operation = failed.operation
    collated = failed.inside("collate_tensor_fn")
    if collated is not None:
        return _collated(failed, collated.get("batch"))
    if operation.name not in (*CAT, "stack") or not operation.nodes:
        return None
    nodes, operands = _parts(failed, operation.nodes[0])
    if not operands:
        return Finding(_("There is nothing to join: the list is empty."))
    dim = _dim(failed)
    if operation.name in ("cat", "concat", "concatenate", "stack"):
        # The others change the number of dimensions first.
        operands = told.joined(failed.message, operands, dim)
    for node, operand in zip(nodes, operands, strict=False):
        failed.know(node, operand)
    shapes = [operand.shape for operand in operands if operand.shape is not None]
    if len(shapes) != len(operands):
        return _in_part(operands)
    found = _clash(operation.name, operands, dim)
    if operation.name == "stack":
        summary = _("stack needs tensors of exactly the same shape.")
    elif any(not shape for shape in shapes):
        summary = _("cat joins along a dimension, and a single number (0 dimensions) has none.")
    else:
        summary = _(
            "cat needs equal sizes everywhere except in dimension {dim}, which it joins.", dim=dim
        )
    fixes = _fixes(failed, nodes, operands, dim)
    return Finding(summary, tuple(operands[:MOST]), found, few(fixes))


def _in_part(operands: list[Operand]) -> Finding:
    """What can be said where torch's message tells only some sizes, if any."""
    summary = _("The tensors in the list do not fit together.")
    shown = tuple(operands[:MOST])
    known = [i for i, operand in enumerate(shown) if operand.shape]
    parts = [i for i, operand in enumerate(shown) if operand.part]
    if len(parts) != 1 or not known:
        return Finding(summary, shown)
    # The first of the sizes that are told is the one that clashes, with another of that rank.
    unknown, back = shown[parts[0]], len(shown[parts[0]].part)
    other = next((i for i in known if shown[i].sizes[-back] != unknown.part[0]), None)
    if other is None:
        return Finding(summary, shown)
    axis = len(shown[other].sizes) - back
    sentence = _meets(shown[other], axis, unknown, -back)
    return Finding(summary, shown, clash("equal", sentence, (other, axis)))


def _meets(one: Operand, axis: int, two: Operand, other: int) -> str:
    sentence = _(
        "{dimension} of {one} meets {other} of {two}.",
        dimension=one.dimension(axis),
        one=one.text,
        other=two.dimension(other),
        two=two.text,
    )
    return sentence[0].upper() + sentence[1:]


def _collated(failed: Failed, batch: object) -> Finding | None:
    """Samples of a data set that a DataLoader cannot stack."""
    if not isinstance(batch, list | tuple):
        return None
    operands = [failed.seen(sample, _("sample {place}", place=i)) for i, sample in enumerate(batch)]
    if any(operand.shape is None for operand in operands):
        return None
    summary = _(
        "A DataLoader stacks the samples of a batch, so all must have the same "
        "shape. Pad or crop them in the data set, or hand the loader a collate_fn of "
        "your own."
    )
    return Finding(summary, tuple(operands[:MOST]), _clash("stack", operands, 0))


def _parts(failed: Failed, node: ast.expr) -> tuple[list[ast.expr], list[Operand]]:
    if isinstance(node, ast.List | ast.Tuple):
        return node.elts, [failed.operand(part) for part in node.elts]
    values = failed.evaluator.attempt(node)
    text = failed.source.segment(node)
    if not isinstance(values, list | tuple):
        return [], [Operand(text)]
    is_named = isinstance(node, ast.Name | ast.Attribute)
    names = [f"{text}[{i}]" if is_named else _("item {place}", place=i) for i in range(len(values))]
    return [], [
        value.operand(name) if isinstance(value, Shadow) else Operand(name)
        for name, value in zip(names, values, strict=True)
    ]


def _dim(failed: Failed) -> int:
    operation = failed.operation
    if operation.name == "hstack":
        return 1
    node = operation.keywords.get("dim", operation.keywords.get("axis"))
    if node is None and len(operation.nodes) > 1:
        node = operation.nodes[1]
    value = failed.evaluator.attempt(node) if node is not None else 0
    return value if type(value) is int else 0


def _clash(name: str, operands: list[Operand], dim: int) -> Clash | None:
    shapes = [operand.shape or () for operand in operands]
    usual = Counter(shapes).most_common(1)[0][0] if name == "stack" else shapes[0]
    first = shapes.index(usual)
    for index, shape in enumerate(shapes[:MOST]):
        if len(shape) != len(usual):
            sentence = _(
                "{one} has {rank}, {two} has {other}.",
                one=operands[first].text,
                rank=_count(usual),
                two=operands[index].text,
                other=_count(shape),
            )
            axes = [(index, axis) for axis in range(len(shape))]
            axes = axes or [(first, axis) for axis in range(len(usual))]
            return clash("rank", sentence, *axes)
        for axis, (size, other) in enumerate(zip(shape, usual, strict=True)):
            joined = name in CAT and axis == dim % len(shape)
            if size != other and not joined:
                sentence = _meets(operands[first], axis, operands[index], axis)
                return clash("equal", sentence, (first, axis), (index, axis))
    return None


def _fixes(failed: Failed, nodes: list[ast.expr], operands: list[Operand], dim: int) -> list[Fix]:
    operation, fixes = failed.operation, list[Fix]()
    ranks = [len(operand.shape or ()) for operand in operands]
    whole = failed.source.segment(operation.nodes[0])
    if operation.name in ("cat", "concat", "concatenate", "stack") and max(ranks) > 0:
        for other in range(max(ranks)):
            if other != dim % max(ranks) or operation.name == "stack":
                code = f"torch.cat({whole}, dim={other})"
                fixes += failed.fix(
                    _("Join along dimension {axis}, where the sizes may differ.", axis=other),
                    code,
                )
    if max(ranks) == 0:
        fixes += failed.fix(_("Stack the numbers instead."), f"torch.stack({whole})")
    for node, operand, rank in zip(nodes, operands, ranks, strict=False):
        if rank < max(ranks):
            for at in range(max(ranks)):
                code = f"{atom(operand.text)}.unsqueeze({at})"
                whole_code = failed.swapped({id(node): code})
                fixes += failed.fix(_("Add the missing dimension, with size 1."), whole_code)
        elif rank == 2:
            code = failed.swapped({id(node): f"{atom(operand.text)}.T"})
            fixes += failed.fix(_("Transpose the one that does not fit."), code)
    return fixes


def _count(shape: tuple[int, ...]) -> str:
    return ngettext("{number} dimension", "{number} dimensions", len(shape))
