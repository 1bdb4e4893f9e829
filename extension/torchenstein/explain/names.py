"""Dimension names at a failing line: what was said last of the values that its names hold.

What a statement says is read as for the chips in the editor, by `lines.names`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from ..dims import Names
from ..inspector.survey import current_shell
from ..lines import recorder
from ..lines.facts import reader
from ..lines.names import CellNames
from ..lines.sites import MODULE, Function, Site, bodies, first_line, sites_of
from ..lines.targets import declared
from .source import Source

MOST_CELLS = 30
Position = tuple[int, int]


class NamesInCode:
    """The names that the scope around a line (a function, or a cell) gives before that line.

    `look` gives the value of a variable as it is at the line, None where there is none.
    """

    def __init__(self, source: Source, before: int, look: Callable[[str], Any]) -> None:
        node: Any = source.scope(before)
        is_function = isinstance(node, Function)
        tree = ast.Module([node], []) if is_function else source.tree
        self._scope = (first_line(node), node.name) if is_function else MODULE
        sites = [site for site in sites_of(tree) if site.scope == self._scope]
        # The chips' own names know the sizes that a dimension had earlier.
        watching = recorder()
        cell = watching.cells.of_source(source.text) if watching is not None else None
        self._said = cell.names if cell is not None else CellNames(source.text, sites)
        self._look, self._reader = look, reader()
        self._found: dict[str, Names | None] = {}
        last = self._last(sites, before, _sure(node.body, before, True))
        for text, (shape, candidates) in last.items():
            said = {self._said.of(site, text, shape) for site in candidates}
            self._found[text] = said.pop() if len(said) == 1 else None

    def of(self, name: str, rank: int) -> Names | None:
        """The names of the `rank` dimensions of `name`, which may be a path like self.weight."""
        names = self._found.get(name)
        if name not in self._found:
            # Made elsewhere; but its shape may be unpacked here.
            start = Site(0, 0, self._scope, "elsewhere", (declared(name),), ast.Pass(), None)
            names = self._said.of(start, name, self._shape(self._look(name)))
        return names if names is not None and len(names) == rank else None

    def assigns(self, name: str) -> bool:
        return name in self._found

    def _last(
        self, sites: list[Site], before: int, sure: dict[Position, bool]
    ) -> dict[str, tuple[Any, list[Site]]]:
        """The shape of each tensor, and the statements that it may have come from."""
        found: dict[str, tuple[Any, list[Site]]] = {}
        for site in sites:
            is_sure = site.role == "parameter" or sure.get(_position(site.node))
            if is_sure is None or (site.end >= before and site.role != "parameter"):
                continue
            for target in site.targets:
                held = target.follow(self._look, self._is_tensor)
                if held is not None:
                    _, earlier = found.pop(held[1], (None, []))
                    found[held[1]] = (
                        self._shape(held[0]),
                        [site] if is_sure else [*earlier, site],
                    )
        return found

    def _is_tensor(self, value: Any) -> bool:
        return self._reader is not None and self._reader.is_tensor(value)

    def _shape(self, value: Any) -> tuple[int | None, ...] | None:
        known = self._reader if self._is_tensor(value) else None
        return known.facts(value).shape if known is not None else None


def from_cells(
    name: str, rank: int, look: Callable[[str], Any], failing: Source | None
) -> Names | None:
    """What the last of the notebook's cells that assigned `name` says of its dimensions."""
    for source in cell_sources():
        if failing is None or source.filename != failing.filename:
            said = NamesInCode(source, len(source.lines) + 2, look)
            if said.assigns(name):
                return said.of(name, rank)
    return None


def cell_sources() -> Iterator[Source]:
    """The sources of the cells that ran, the latest first."""
    files = getattr(getattr(current_shell(), "compile", None), "_filename_map", {})
    for filename in list(reversed(list(files)))[:MOST_CELLS]:
        source = Source.of(filename)
        if source is not None:
            yield source


def _sure(body: list[ast.stmt], line: int, sure: bool) -> dict[Position, bool]:
    """The statements that ran before `line`, True where they surely did."""
    found: dict[Position, bool] = {}
    for node in body:
        found[_position(node)] = sure
        if isinstance(node, Function | ast.ClassDef):
            continue
        blocks = [*bodies(node), *(case.body for case in getattr(node, "cases", []))]
        around = [b for b in blocks if b[0].lineno <= line <= (b[-1].end_lineno or 0)]
        for block in around if around and isinstance(node, ast.If | ast.Match) else blocks:
            surely = sure and (block in around or isinstance(node, ast.With | ast.AsyncWith))
            found |= _sure(block, line, surely)
    return found


def _position(node: Any) -> Position:
    return node.lineno, node.col_offset
