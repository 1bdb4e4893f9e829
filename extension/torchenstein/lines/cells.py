"""What is remembered of the cells that ran: text and numbers, bounded, never a tensor."""

from __future__ import annotations

import ast
from collections import Counter, OrderedDict
from difflib import SequenceMatcher
from typing import Any

from ..dims import Names
from ..inspector.plain import Json, encodable
from .facts import Facts
from .names import CellNames
from .sites import MODULE, Scope, Site, shown, sites_of

MOST_CELLS = 100
MOST_LINES = 300
MOST_SHAPES = 32
LONGEST_SOURCE = 200_000


class Cell:
    """One run of a cell: its sites, and what each was last seen to hold.

    `source` is the Python that IPython made of the learner's `raw` text. Raises SyntaxError or
    ValueError where that is no Python.
    """

    def __init__(self, raw: str, source: str, cell_id: str | None, count: int | None) -> None:
        self.cell_id, self.count, self.revision, self.marked = cell_id, count, 0, False
        self._lines = _line_map(source, raw)
        # A few bytes of a huge generated cell could hold the parser for seconds.
        self.tree = ast.parse(source if len(source) <= LONGEST_SOURCE else "")
        self.source = source
        self.sites = sites_of(self.tree)
        self.scopes: dict[Scope, list[Site]] = {}
        for site in self.sites:
            self.scopes.setdefault(site.scope, []).append(site)
        self.shown = shown(self.tree)
        self.names = CellNames(source, self.sites)
        self._seen: dict[tuple[int, str, str | None], _Seen] = {}

    def see(self, site: Site, text: str | None, facts: Facts) -> bool:
        """Remember what `site` gave to `text` (None: a value without a name); whether it is new."""
        line = self._lines.get(site.line)
        if line is None:
            return False
        key = (line, site.role, text)
        seen = self._seen.get(key)
        if seen is None:
            if len(self._seen) >= MOST_LINES:
                return False
            seen = self._seen[key] = _Seen()
        return seen.add(facts, self.names, site, text)

    def final(self) -> list[Site]:
        """Top-level sites that ran and alone bind their names: these hold what they bound last."""
        sites = [site for site in self.scopes.get(MODULE, []) if site.role == "assigned"]
        bound = Counter(target.root for site in sites for target in site.targets)
        ran = {line for line, _, _ in self._seen}
        return [
            site
            for site in sites
            if self._lines.get(site.line) in ran
            and all(bound[target.root] == 1 and not target.steps for target in site.targets)
        ]

    def told(self) -> list[tuple[int, str, str | None]]:
        """What was seen: line (0-based, as typed), role and text of each."""
        return list(self._seen)

    def held(self, line: int, role: str, text: str | None) -> Facts | None:
        """What `text` was last seen to hold on `line`, 1-based in `source`."""
        typed = self._lines.get(line)
        seen = None if typed is None else self._seen.get((typed, role, text))
        return seen.facts if seen is not None else None

    def typed(self, line: int) -> int | None:
        """The 0-based line of the learner's text for a 1-based one of `source`."""
        return self._lines.get(line)

    def content(self) -> Json:
        """A CellLines of the protocol."""
        lines = [
            {"line": line, "name": None if text is None else encodable(text), "role": role}
            | seen.content()
            for (line, role, text), seen in sorted(self._seen.items(), key=lambda item: item[0][0])
        ]
        return {
            "cell_id": self.cell_id,
            "execution_count": self.count,
            "revision": self.revision,
            "lines": lines,
        }


class _Seen:
    """The last facts of one name on one line, and the different shapes it had."""

    __slots__ = ("dims", "facts", "shapes")

    def __init__(self) -> None:
        self.facts: Facts | None = None
        self.dims: Names | None = None
        self.shapes: set[Any] = set()

    def add(self, facts: Facts, names: CellNames, site: Site, text: str | None) -> bool:
        if facts == self.facts:
            return False
        if self.facts is None or facts.shape != self.facts.shape:
            self.dims = names.of(site, text, facts.shape)
            if len(self.shapes) < MOST_SHAPES:
                self.shapes.add(facts.shape)
        self.facts = facts
        return True

    def content(self) -> Json:
        facts = self.facts or Facts(None, None, None)
        return {
            "shape": None if facts.shape is None else list(facts.shape),
            "dims": self.dims,
            "dtype": facts.dtype,
            "device": facts.device,
            "seen": len(self.shapes),
        }


class Cells:
    """The most recent cells, the latest last. A cell that runs again takes its own place over."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Cell] = OrderedDict()
        self.revision = 0
        self.problem: str | None = None

    def open(self, cell: Cell) -> list[Cell]:
        """Keep a cell that starts to run; those that are forgotten for it."""
        key = cell.cell_id or f"In[{cell.count}]"
        forgotten = [old for old in [self._kept.pop(key, None)] if old is not None]
        self._kept[key] = cell
        self.touch(cell)
        while len(self._kept) > MOST_CELLS:
            forgotten.append(self._kept.popitem(last=False)[1])
        return forgotten

    def touch(self, cell: Cell) -> None:
        """Note that the cell has news."""
        self.revision += 1
        cell.revision = self.revision

    def since(self, revision: int) -> list[Cell]:
        """The cells with news after `revision`."""
        return [cell for cell in list(self._kept.values()) if cell.revision > revision]

    def of_source(self, source: str) -> Cell | None:
        """The latest cell with this source."""
        return next((cell for cell in reversed(self._kept.values()) if cell.source == source), None)

    def dims(self) -> dict[tuple[str, tuple[int | None, ...]], Names]:
        """What the dimensions of the learner's variables are called, by name and shape."""
        return {
            (line["name"], tuple(line["shape"])): line["dims"]
            for cell in self.since(0)
            for line in cell.content()["lines"]
            if line["name"] is not None and line["dims"] and line["shape"] is not None
        }

    def __len__(self) -> int:
        return len(self._kept)


def _line_map(source: str, raw: str) -> dict[int, int]:
    """From 1-based lines of `source` to 0-based lines of `raw`, where both say the same.

    IPython drops leading blank lines and rewrites magics; the body of a %%time cell starts later.
    """
    ours, theirs = source.splitlines(), raw.splitlines()
    if ours == theirs:
        return {line + 1: line for line in range(len(ours))}
    blank = next((n for n, line in enumerate(theirs) if line.strip()), 0)
    if len(theirs) - blank == len(ours):
        return {line + 1: line + blank for line in range(len(ours))}
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return {
        block.a + step + 1: block.b + step
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    }
