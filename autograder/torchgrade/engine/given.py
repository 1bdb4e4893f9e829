"""What the instructor's own notebook tells the judge: names for tests, and what a learner changed.

Reading it takes longer than many an exercise, and a class shares one; so it is read once, by the
driver, and each judge is given what came of it.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from torchgrade.engine.names import GivenCell, free_names, given_source
from torchgrade.engine.notebook import code_cells, grade_id, is_answer, is_test, source_of
from torchgrade.engine.scopes import UNREADABLE, tree_or_none
from torchgrade.engine.statements import cell_statements
from torchgrade.engine.task import GradingFailed

NOTHING = ast.Module([], [])


@dataclass(frozen=True)
class Given:
    """What of the instructor's notebook a judge uses.

    Attributes:
        tests: the sources of test cells by their grade ids.
        wanted: by the grade id of a test, the names that it does not define itself.
        names: by the grade id of a test, source that binds what the test takes from plain cells.
        plain: the sources of plain cells, without blank space at line ends.
        imports: modules that the notebook imports, to be imported once for a whole class.
    """

    tests: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    plain: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()

    @classmethod
    def read(cls, notebook: Mapping[str, Any]) -> "Given":
        """Read the instructor's notebook (nbformat 4 JSON).

        Raises:
            GradingFailed: one of its tests is no Python.
        """
        cells: list[GivenCell] = []
        tests: dict[str, str] = {}
        wanted: dict[str, list[str]] = {}
        names: dict[str, str] = {}
        for _, cell in code_cells(notebook):
            kind = "test" if is_test(cell) else "answer" if is_answer(cell) else "plain"
            if kind == "test":
                test = grade_id(cell)
                tests[test] = source_of(cell)
                wanted[test] = _wanted(test, source_of(cell))
                names[test] = given_source(cells, len(cells), wanted[test])
            cells.append(GivenCell(source_of(cell), kind))
        plain = tuple(squeezed(cell.source) for cell in cells if cell.kind == "plain")
        return cls(tests, wanted, names, plain, imported([cell.source for cell in cells]))

    def json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Given":
        """Read what `json()` wrote."""
        lists = {name: tuple(data[name]) for name in ("plain", "imports")}
        return cls(**{**data, **lists})

    def wanted_by(self, test: str, source: str) -> list[str]:
        """The names that a test cell does not define itself."""
        if self.tests.get(test) == source:
            return self.wanted[test]
        return _wanted(test, source)

    def is_own(self, source: str) -> bool:
        """Whether a learner's cell is one of the instructor's, unchanged."""
        return squeezed(source) in self.plain


def _wanted(test: str, source: str) -> list[str]:
    try:
        return sorted(free_names(source))
    except UNREADABLE as error:
        why = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else str(error)
        raise GradingFailed(
            f"the test {test} of the instructor's notebook is no Python ({why}). Mend it in the "
            "source notebook and generate the assignment again."
        ) from error


def imported(sources: Sequence[str]) -> tuple[str, ...]:
    """The modules that cells import."""
    found = set()
    for node in (node for cell in sources for node in ast.walk(tree_or_none(cell) or NOTHING)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return tuple(sorted(found))


def answered(notebook: Mapping[str, Any]) -> set[str]:
    """The top-level names that the answer cells of a notebook bind."""
    answers = [source_of(cell) for _, cell in code_cells(notebook) if is_answer(cell)]
    return {name for cell in answers for one in cell_statements(cell) for name in one.binds}


def squeezed(source: str) -> str:
    """The source without blank space at line ends and around."""
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))
