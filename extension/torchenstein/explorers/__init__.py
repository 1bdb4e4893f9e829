"""Explorers: drawings of one operation on your own tensors, for a notebook's output.

    from torchenstein import explorers
    explorers.broadcast(scores, bias)

Each returns a description that a notebook shows as a drawing with steps, and that prints as text.
Instead of a tensor most take a shape alone: explorers.broadcast((4, 1), (3,)).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from ..translation import _
from .attention import Attention
from .autograd import Autograd
from .broadcast import Broadcast
from .conv import Conv
from .einsum import Einsum
from .explorer import Explorer
from .labels import labels, leaf_names, written_arguments
from .matmul import Matmul
from .operand import Operand
from .strides import Strides
from .walk import Numbers

__all__ = [
    "Attention",
    "Autograd",
    "Broadcast",
    "Conv",
    "Einsum",
    "Explorer",
    "Matmul",
    "Strides",
    "attention",
    "autograd",
    "broadcast",
    "conv",
    "einsum",
    "matmul",
    "strides",
]


def broadcast(*operands: Any) -> Broadcast:
    """The ladder of broadcasting for two or more tensors, numbers or shapes.

    Where the shapes clash, the drawing shows where, and says what would fit.
    """
    if not operands:
        raise TypeError(_("broadcast needs at least one tensor or shape"))
    return Broadcast.of(_operands(operands, written_arguments(), "abcdefgh"))


def einsum(equation: str, *operands: Any) -> Einsum:
    """The letters of torch.einsum's equation: which are kept, which are summed, as loops too.

    Raises:
        ValueError: the equation is none, or names another number of operands or dimensions.
    """
    return Einsum.of(equation, _operands(operands, written_arguments()[1:], "abcdefgh"))


def matmul(a: Any, b: Any) -> Matmul:
    """a @ b: the edges that meet, and how a row and a column make one element.

    Raises:
        ValueError: one of them is a single number.
    """
    return Matmul(*_operands((a, b), written_arguments(), "ab"))


def strides(x: Any, /, *aliases: Any) -> Strides:
    """The storage of a strided tensor as a strip, and other tensors as windows on it.

    Raises:
        ValueError: one has no strides: a sparse tensor, for example.
    """
    texts = written_arguments()
    return Strides.of(x, aliases, labels(texts, 1 + len(aliases), "xabcdef"), "".join(texts[:1]))


def conv(
    x: Any,
    weight: Any,
    stride: Numbers = 1,
    padding: Numbers | str = 0,
    dilation: Numbers = 1,
    groups: int = 1,
) -> Conv:
    """A convolution over one, two or three axes, window by window; options as torch's conv2d.

    Raises:
        ValueError: the weight is none of a convolution, or an option does not fit it.
    """
    image, kernel = _operands((x, weight), written_arguments(), "xw")
    return Conv.of(image, kernel, stride, padding, dilation, groups)


def autograd(loss: Any, /, **named: Any) -> Autograd:
    """The graph that loss.backward() walks.

    Leaves have the names that the notebook or file of the call has for them; `named` adds tensors
    and modules that have their name inside a function only: autograd(loss, model=model).
    """
    names = labels(written_arguments(), 1, "L")
    # Not f_locals: a function's frame would keep what it lists alive.
    variables = {**sys._getframe(1).f_globals, **named}
    return Autograd.of(loss, names[0], leaf_names(variables))


def attention(weights: Any, tokens: Sequence[str] | None = None) -> Attention:
    """Attention weights (..., queries, keys) as maps, the first axes one map after the other.

    `tokens` label the keys, and the queries where there are as many. Reads elements, of what is
    drawn alone.

    Raises:
        ValueError: fewer than two axes, complex numbers, or another number of tokens than keys.
    """
    operand = _operands((weights,), written_arguments(), "w")[0]
    return Attention.of(weights, operand, tokens)


def _operands(values: Sequence[Any], texts: list[str], letters: str) -> list[Operand]:
    """The arguments as they are written, with the names that this code has for their dimensions."""
    written = [*texts, *[""] * len(values)][: len(values)]
    named = zip(values, labels(texts, len(values), letters), written, strict=True)
    return [Operand.of(value, label).named(text) for value, label, text in named]
