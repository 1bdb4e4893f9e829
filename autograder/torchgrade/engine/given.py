"""What the instructor's own notebook tells the judge: names for tests, and what a learner changed."""

from collections.abc import Collection, Mapping
from typing import Any

from torchgrade.engine.names import GivenCell, given_source
from torchgrade.engine.notebook import code_cells, grade_id, is_answer, is_test, source_of


class Given:
    """The instructor's notebook as the judge uses it.

    Args:
        notebook: nbformat 4 JSON, or None where it is not known.
    """

    def __init__(self, notebook: Mapping[str, Any] | None) -> None:
        self._cells: list[GivenCell] = []
        self._place: dict[str, int] = {}
        for _, cell in code_cells(notebook) if notebook else ():
            kind = "test" if is_test(cell) else "answer" if is_answer(cell) else "plain"
            if grade_id(cell):
                self._place[grade_id(cell)] = len(self._cells)
            self._cells.append(GivenCell(source_of(cell), kind))
        self._known = {_squeezed(cell.source) for cell in self._cells if cell.kind == "plain"}

    def names_for(self, test: str, wanted: Collection[str]) -> str:
        """Source that binds those of `wanted` that the plain cells before a test define."""
        before = self._place.get(test)
        if before is None or not wanted:
            return ""
        return given_source(self._cells, before, wanted)

    def is_own(self, source: str) -> bool:
        """Whether a learner's cell is one of the instructor's, unchanged."""
        return _squeezed(source) in self._known


def _squeezed(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))
