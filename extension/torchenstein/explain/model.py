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
    Where only the last sizes are known they are the `part`, None for one between that is not.
    """

    text: str
    role: str = "tensor"
    shape: Shape | None = None
    dtype: str | None = None
    device: str | None = None
    names: Names | None = None
    part: tuple[int | None, ...] = ()

    @property
    def sizes(self) -> tuple[int | None, ...]:
        """All sizes, or those that are known, to be counted from the end."""
        return self.part if self.shape is None else self.shape

    @property
    def written(self) -> str:
        """The shape as it is written in text: (2, 3), or (…, 3) where more is not known."""
        if self.shape is None and not self.part:
            return _("of unknown shape")
        sizes = ["?" if size is None else str(size) for size in self.sizes]
        words = sizes if self.shape is not None else ["…", *sizes]
        return f"({', '.join(words)}{',' if len(words) == 1 else ''})"

    def json(self) -> dict[str, Any]:
        """The Operand of protocol.json."""
        # The page draws whole shapes; what is known of others stands in the sentences.
        return {key: value for key, value in asdict(self).items() if key != "part"}

    def dimension(self, axis: int) -> str:
        """Dimension `axis` in words: "T=5" where it has a name, else "dimension 1 (5)"."""
        if self.shape is not None:
            axis %= len(self.shape)
        elif not -len(self.part) <= axis < 0:
            return _("dimension {axis}", axis=axis)
        size = self.sizes[axis]
        name = self.names[axis] if self.names else None
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
        content["operands"] = [operand.json() for operand in self.operands]
        return content | {"drawing": drawing(self), "text": str(self)}
