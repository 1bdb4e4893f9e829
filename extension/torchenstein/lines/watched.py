"""What the monitor knows of one code object, and of a statement that is running in a frame."""

from __future__ import annotations

import ast
from types import FrameType
from typing import Any, NamedTuple

from .again import FIRST
from .cells import Cell
from .frames import Scoped
from .sites import Site


class Pending(NamedTuple):
    """Sites whose statement runs in a frame right now; `raised` is what was being handled then.

    `before` has the identity of what the names of a guarded assignment were bound to.
    """

    code: int
    sites: list[Site]
    raised: int
    before: list[int]


class Watched:
    """A code object of a cell and how often its lines were looked at. Keeps the code not alive."""

    __slots__ = ("cell", "code", "disabled", "limit", "lines", "looked", "others", "start")

    def __init__(self, cell: Cell, sites: list[Site], code: Any) -> None:
        self.cell, self.code = cell, code
        self.lines: dict[int, list[Site]] = {}
        self.others = {(s.role, s.line): s for s in sites if s.role in ("parameter", "returned")}
        for site in sites:
            if site.role == "assigned":
                self.lines.setdefault(site.line, []).append(site)
        # Where its first line begins: there alone are all arguments what the caller passed.
        self.start = -1
        self.reset()

    def reset(self) -> None:
        self.looked: dict[object, int] = {}
        self.limit, self.disabled = FIRST, False

    def due(self, what: object) -> bool:
        """Whether to look at a line or return once more; notes when that is over."""
        looks = self.looked[what] = self.looked.get(what, 0) + 1
        if looks > self.limit:
            self.disabled = True
        return looks <= self.limit


def inside(pending: Pending, line: int) -> bool:
    """Whether a statement of several lines has moved on within itself."""
    return any(site.line < site.end and site.line <= line <= site.end for site in pending.sites)


def identities(site: Site, frame: FrameType) -> list[int]:
    """What may have been left alone is known to have been bound by its other identity.

    The old value lives until the new one is bound, so no two of them share an address.
    """
    if isinstance(site.node, ast.For) or (site.guarded and isinstance(site.node, ast.Assign)):
        return [id(Scoped(frame).get(target.root)) for target in site.targets]
    return []
