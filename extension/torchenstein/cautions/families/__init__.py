"""One family for each kind of warning: a function that takes a Scene and gives its Cautions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..model import Caution
from ..scene import Scene
from .alias import alias
from .broadcast import broadcast
from .device import device
from .gradient import gradient
from .integer import integer
from .logits import logits
from .nonfinite import nonfinite

FAMILIES: dict[str, Callable[[Scene], Iterable[Caution]]] = {
    "broadcast": broadcast,
    "logits": logits,
    "nonfinite": nonfinite,
    "gradient": gradient,
    "alias": alias,
    "integer": integer,
    "device": device,
}
