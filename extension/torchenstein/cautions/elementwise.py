"""The commonest operations on shapes, by the rule of broadcasting.

On the meta device torch answers them in Python, and the first time loads its compiler for that:
more than a second, in which the learner's next cell would wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..explain.lookup import Unknown
from ..explain.model import Shape
from ..explain.operations import Operations
from ..explain.propagate import propagate
from ..explain.shadow import Shadow

ARITHMETIC = frozenset({"add", "sub", "mul", "pow", "neg", "abs", "square", "relu"})
FRACTIONS = frozenset({"truediv", "div", "exp", "log", "sqrt", "sigmoid", "tanh"})
COMPARISONS = frozenset({"eq", "ne", "lt", "le", "gt", "ge"})


class Elementwise(Operations):
    """Operations, of which those that work element by element load nothing."""

    def apply(
        self, function: Callable[..., Any], name: str, arguments: list[Any], keywords: Any = None
    ) -> Any:
        shadows = [a for a in arguments if isinstance(a, Shadow)]
        if name == "mean" and len(shadows) == 1 and shadows[0].meta.dtype.is_floating_point:
            # Takes the same arguments and gives the same shape.
            return super().apply(self._torch.sum, "sum", arguments, keywords)
        known = name in ARITHMETIC or name in FRACTIONS or name in COMPARISONS
        plain = all(isinstance(a, Shadow) or type(a) in (int, float) for a in arguments)
        if not known or not plain or keywords or not 1 <= len(arguments) <= 2 or not shadows:
            return super().apply(function, name, arguments, keywords)
        device = self.common_device(shadows)
        shape = common_shape(shadows[0].shape, shadows[-1].shape)
        if shape is None:
            raise Unknown(name)
        dtype = self._dtype(name, arguments)
        names = propagate(name, arguments, {})
        return Shadow(self._torch.empty(shape, dtype=dtype, device="meta"), device, names)

    def _dtype(self, name: str, arguments: list[Any]) -> Any:
        if name in COMPARISONS:
            return self._torch.bool
        metas = [a.meta if isinstance(a, Shadow) else a for a in arguments]
        dtype = self._torch.result_type(metas[0], metas[-1])
        if name in FRACTIONS and not (dtype.is_floating_point or dtype.is_complex):
            return self._torch.get_default_dtype()
        return dtype


def common_shape(one: Shape, other: Shape) -> Shape | None:
    """The shape that two broadcast to, None where they do not."""
    rank = max(len(one), len(other))
    pairs = zip((1,) * (rank - len(one)) + one, (1,) * (rank - len(other)) + other, strict=True)
    sizes = [b if a == 1 else a if b in (1, a) else -1 for a, b in pairs]
    return None if -1 in sizes else tuple(sizes)
