"""What a warning is: plain values only, so that it holds no tensor and no frame."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ..explain.finding import listed
from ..explain.model import Operand
from ..inspector.plain import Json, encodable
from ..translation import _
from .kinds import KINDS


@dataclass(frozen=True, slots=True)
class Spot:
    """A stretch of a cell as it was run: lines and columns (characters) from 0, end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Remedy:
    """What could stand there instead; `code` is None where words must do."""

    sentence: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that did not fail and still looks wrong.

    `sentence` says what happened, in the learner's own names; `expression` is the part of the line
    that it speaks of. `result` is the shape that came of the operands, where that is the point.
    """

    kind: str
    sentence: str
    expression: str
    spot: Spot
    operands: tuple[Operand, ...] = ()
    result: tuple[int, ...] | None = None
    remedies: tuple[Remedy, ...] = ()

    def __str__(self) -> str:
        lines = [_(KINDS[self.kind].title), f"  {self.expression}", "", self.sentence]
        lines += [f"  {o.text}: {listed(o.shape)}" for o in self.operands if o.shape is not None]
        if self.result is not None:
            lines.append("  " + _("result: {shape}", shape=listed(self.result)))
        for remedy in self.remedies:
            lines += ["", remedy.sentence]
            if remedy.code is not None:
                lines.append(f"    {remedy.code}")
        return "\n".join(lines)

    def json(self) -> Json:
        """The Caution of protocol.json."""
        kind = KINDS[self.kind]
        content: Json = asdict(self)
        content["operands"] = [operand.json() for operand in self.operands]
        for field in ("sentence", "expression"):
            content[field] = encodable(content[field])
        content |= {"title": encodable(_(kind.title)), "about": encodable(_(kind.about))}
        return content | {"text": encodable(str(self))}
