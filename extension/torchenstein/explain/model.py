"""What an explanation is: plain values only, so that it holds no tensor, no frame, no exception."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..dims import Names
from ..inspector.plain import Json
from ..translation import _

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of source: lines from 1, columns in characters from 0, the end exclusive.

    `cell` is the execution count of the notebook cell the file stands for, None for other files.
    """

    filename: str
    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Operand:
    """What went into the failing operation.

    `role` is tensor, weight, index, target, shape (a requested one) or equation. Facts are None
    where they cannot be known without running the learner's code. `names` has one entry each.
    """

    text: str
    role: str = "tensor"
    shape: Shape | None = None
    dtype: str | None = None
    device: str | None = None
    names: Names | None = None

    def dimension(self, axis: int) -> str:
        """Dimension `axis` in words: "T=5" where it has a name, else "dimension 1 (5)"."""
        if self.shape is None:
            return _("dimension {axis}", axis=axis)
        name = self.names[axis] if self.names else None
        size = self.shape[axis]
        return f"{name}={size}" if name else _("dimension {axis} ({size})", axis=axis, size=size)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension in a clash: `axis` from 0 of `operands[operand]`."""

    operand: int
    axis: int


@dataclass(frozen=True, slots=True)
class Clash:
    """Which dimensions do not go together. `rule` names the rule they broke (see protocol.json)."""

    rule: str
    sentence: str
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class Fix:
    """What would make it fit: `code` replaces what stands at `place`."""

    sentence: str
    code: str
    place: Place


@dataclass(frozen=True, slots=True)
class Layer:
    """The torch.nn layer the operation failed in: `path` as the learner would write it."""

    path: str
    type: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one operation failed, and what would make it work."""

    error: str
    message: str
    family: str
    summary: str
    expression: str
    place: Place
    function: str | None
    layer: Layer | None
    operands: tuple[Operand, ...]
    clash: Clash | None
    fixes: tuple[Fix, ...]

    def __str__(self) -> str:
        from .text import text

        return text(self)

    def json(self) -> Json:
        """The Explanation of protocol.json, without kind and version."""
        from .text import drawing

        content: dict[str, Any] = asdict(self)
        return content | {"drawing": drawing(self), "text": str(self)}
