"""What torch's message tells of an operand whose shape cannot be known otherwise.

A message often leaves open how many dimensions there are; then only the last sizes are told.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from .model import Operand, Shape

MATRICES = re.compile(r"cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)")
VECTOR = re.compile(r"got input \(\d+\), mat \((\d+)x(\d+)\), vec \((\d+)\)")
VECTORS = re.compile(r"expected tensor \[(\d+)\] and src \[(\d+)\]")
BATCHES = re.compile(r"batch2 tensor to be: \[(\d+), (\d+)\] but got: \[(\d+), (\d+)\]")
ENTRIES = re.compile(r"\[([\d, ]*)\] at entry (\d+)")
JOINED = re.compile(r"Expected size (\d+) but got size (\d+) for tensor number (\d+)")
SIZES = re.compile(r"tensor a \((\d+)\) must match the size of tensor b \((\d+)\).*dimension (\d+)")

Pair = tuple[Operand, Operand]


def product(message: str, name: str, left: Operand, right: Operand) -> Pair:
    """The two sides of a product with what the message adds."""
    if found := _numbers(MATRICES, message):
        a, b, c, d = found
        if name in ("mm", "addmm"):
            return whole(left, (a, b)), whole(right, (c, d))
        # All dimensions of the left side but the last were merged into one.
        if left.shape and (math.prod(left.shape[:-1]), left.shape[-1]) == (a, b):
            return left, whole(right, (c, d))
        return (part(left, (b,)), right) if right.shape == (c, d) else (left, right)
    if found := _numbers(VECTOR, message):
        a, b, c = found
        if name == "mv":
            return whole(left, (a, b)), whole(right, (c,))
        if left.shape and len(left.shape) > 1 and left.shape[-1] == b:
            return left, whole(right, (c,))
        return (part(left, (b,)), right) if right.shape == (c,) else (left, right)
    if found := _numbers(VECTORS, message):
        return whole(left, found[:1]), whole(right, found[1:])
    if found := _numbers(BATCHES, message):
        a, b, c, d = found
        if name in ("bmm", "baddbmm"):
            return part(left, (a, None, b)), part(right, (c, d, None))
        if left.shape and left.shape[-1] == b:
            return left, part(right, (d, None))
        if right.shape and len(right.shape) > 1 and right.shape[-2] == d:
            return part(left, (b,)), right
    return left, right


def features(message: str, x: Operand, weight: Shape) -> Operand:
    """The input of F.linear, whose weight is known, with what the message adds."""
    found = _numbers(MATRICES, message)
    return part(x, found[1:2]) if found[2:] == weight[::-1] else x


def joined(message: str, operands: list[Operand], dim: int) -> list[Operand]:
    """The tensors of cat (along `dim`) or stack with what the message adds."""
    found = list(operands)
    for sizes, entry in ENTRIES.findall(message):
        place = int(entry)
        if place < len(found):
            found[place] = whole(found[place], tuple(map(int, filter(None, sizes.split(", ")))))
    numbers = _numbers(JOINED, message)
    ranks = {len(operand.shape) for operand in found if operand.shape}
    if not numbers or len(ranks) != 1 or numbers[2] >= len(found):
        return found
    # Which sizes differ is told, but not in which dimension: the one that is known must tell it.
    rank = ranks.pop()
    places = {0: numbers[0], numbers[2]: numbers[1]}
    for place, other in (0, numbers[2]), (numbers[2], 0):
        known = found[other].shape
        # Empty ones in front are skipped: only if the second clashes is it with the first.
        if found[place].shape is not None or not known or (place == 0 and numbers[2] != 1):
            continue
        axes = [i for i in range(rank) if i != dim % rank and known[i] == places[other]]
        if len(axes) == 1:
            sizes = (places[place], *[None] * (rank - 1 - axes[0]))
            found[place] = part(found[place], sizes)
    return found


def elementwise(message: str, left: Operand, right: Operand) -> Pair:
    """The two sides of an elementwise operation with what the message adds."""
    found = _numbers(SIZES, message)
    if not found or (left.shape is None) == (right.shape is None):
        return left, right
    one, two, axis = found
    if left.shape is None:
        return _met(left, one, right.shape or (), two, axis), right
    return left, _met(right, two, left.shape, one, axis)


def _met(unknown: Operand, size: int, known: Shape, other: int, axis: int) -> Operand:
    """`size` of the unknown meets `other` of the known one at `axis` of the result."""
    places = [
        back
        for back in range(1, len(known) + 1)
        if known[-back] == other and back + axis >= len(known)
    ]
    if len(places) != 1:
        return unknown
    if axis == 0 and places[0] == 1:
        return whole(unknown, (size,))
    return part(unknown, (size, *[None] * (places[0] - 1)))


def _numbers(pattern: re.Pattern[str], message: str) -> tuple[int, ...]:
    found = pattern.search(message)
    return tuple(map(int, found.groups())) if found else ()


def whole(operand: Operand, shape: Shape) -> Operand:
    """The operand, of that shape where it had none."""
    return operand if operand.shape is not None else replace(operand, shape=shape)


def part(operand: Operand, sizes: tuple[int | None, ...]) -> Operand:
    """The operand, with these last sizes where it had no shape."""
    return operand if operand.shape is not None else replace(operand, part=sizes)
