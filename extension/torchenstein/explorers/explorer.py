"""What every explorer is: one plain description, lowered to text and to HTML without a script."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from ..translation import _


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of the walk through a drawing: the control's label, and what is to be seen."""

    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Fit:
    """A way out of a clash: `code` in place of an operand, and the shape that comes out."""

    code: str
    result: str

    def __str__(self) -> str:
        return _("{code} would fit and give {shape}", code=self.code, shape=self.result)


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG in pieces: what is always there, and a layer over it for each step, of equal size."""

    width: float
    height: float
    base: str
    layers: tuple[str, ...] = ()


class Explorer(ABC):
    """Base of the descriptions. They hold no tensor: shapes, strides, and bounded samples."""

    operation: ClassVar[str]
    """The heading, in English: Broadcasting, Convolution."""

    @property
    def heading(self) -> str:
        return _(self.operation)

    @property
    @abstractmethod
    def subject(self) -> str:
        """What it is done to: a (4, 1) with b (3,)."""

    @property
    @abstractmethod
    def summary(self) -> str:
        """The outcome in a sentence or two."""

    @property
    def problem(self) -> bool:
        """Whether the operands clash: then the summary says how."""
        return False

    @property
    def fits(self) -> tuple[Fit, ...]:
        """What would make clashing operands fit."""
        return ()

    @property
    @abstractmethod
    def steps(self) -> tuple[Step, ...]:
        """The walk through the drawing, one for each of its layers."""

    @abstractmethod
    def table(self) -> str:
        """The drawing as lines of text."""

    @abstractmethod
    def drawing(self) -> Drawing:
        """The drawing as SVG."""

    def __str__(self) -> str:
        parts = [f"{self.heading}: {self.subject}", self.table(), self.summary]
        parts += [f"  {fit}." for fit in self.fits]
        parts += ["\n".join(f"  {step.label}: {step.sentence}" for step in self.steps)]
        return "\n\n".join(part.rstrip() for part in parts if part)

    def html(self) -> str:
        """A fragment with its own style sheet: no script, no file, no network."""
        from .page import html

        return html(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self.html()}
