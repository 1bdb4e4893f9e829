"""Reads a source notebook and tells its cells apart."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from torchgrade.nbgrader.problems import PlainError
from torchgrade.nbgrader.rules import TEST_PREFIX, label

SKIPPED_FOLDERS = {".ipynb_checkpoints", "node_modules", "__pycache__"}
MAY_RAISE = "raises-exception"
OVERVIEW = "00_overview"


class BadPath(PlainError):
    """A path that leads to no notebook."""


@dataclass(frozen=True)
class Cell:
    """A cell with its place; `kind` is markdown, hints, raw, code, answer or test."""

    index: int
    kind: str
    node: NotebookNode

    @property
    def source(self) -> str:
        return str(self.node.source)

    @property
    def label(self) -> str:
        return label(self.node, self.index)

    @property
    def grade_id(self) -> str:
        return str(self.node.metadata.get("nbgrader", {}).get("grade_id", ""))

    @property
    def is_code(self) -> bool:
        return bool(self.node.cell_type == "code")

    @property
    def may_raise(self) -> bool:
        return MAY_RAISE in self.node.metadata.get("tags", [])

    def tree(self) -> ast.Module | None:
        """The cell as a syntax tree; None when it is not plain Python."""
        try:
            return ast.parse(self.source)
        except SyntaxError:
            return None


@dataclass(frozen=True)
class Lesson:
    """A source notebook: its path, the name it is reported under, its text and its cells."""

    path: Path
    name: str
    text: str
    notebook: NotebookNode
    cells: tuple[Cell, ...]

    @property
    def metadata(self) -> dict[str, Any]:
        found = self.notebook.metadata.get("torchenstein")
        return dict(found) if isinstance(found, dict) else {}

    @property
    def is_overview(self) -> bool:
        return self.path.stem == OVERVIEW

    def of_kind(self, *kinds: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind in kinds]

    @property
    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.is_code]

    def test_of(self, answer: Cell) -> Cell | None:
        wanted = TEST_PREFIX + answer.grade_id
        return next((cell for cell in self.of_kind("test") if cell.grade_id == wanted), None)

    def hints_of(self, answer: Cell) -> Cell | None:
        return next(
            (
                c
                for c in self.of_kind("hints")
                if c.node.metadata.torchenstein.hints == answer.grade_id
            ),
            None,
        )


def name_of(path: Path) -> str:
    """How a notebook is called in reports: module and file."""
    return f"{path.resolve().parent.name}/{path.name}"


def read_lesson(path: Path) -> Lesson:
    """Read a notebook that `torchgrade.nbgrader.rules.check_file` found readable."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.v4.reads(text)  # as it is: `nbformat.reads` would mend double ids
    cells = tuple(Cell(i, _kind(node), node) for i, node in enumerate(notebook.cells))
    return Lesson(path, name_of(path), text, notebook, cells)


def find_notebooks(paths: Iterable[Path]) -> list[Path]:
    """The notebooks named, and those in the folders named, each once.

    Raises:
        BadPath: a path that does not exist, is no notebook, or a folder without any.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = list(_notebooks_below(path))
            if not inside:
                raise BadPath(f"{path}: there is no notebook in this folder.")
        elif not path.exists():
            raise BadPath(f"{path}: no such file or folder.")
        elif path.suffix != ".ipynb":
            raise BadPath(f"{path}: not a notebook; give .ipynb files or folders that hold some.")
        else:
            inside = [path]
        found.update({one.resolve(): one for one in inside})
    return list(found.values())


def _notebooks_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.ipynb")):
        if not SKIPPED_FOLDERS & set(path.relative_to(folder).parts):
            yield path


def _kind(node: NotebookNode) -> str:
    graded = node.metadata.get("nbgrader", {})
    if node.cell_type == "markdown":
        return (
            "hints"
            if isinstance(node.metadata.get("torchenstein", {}).get("hints"), str)
            else "markdown"
        )
    if node.cell_type != "code":
        return "raw"
    if graded.get("grade") and not graded.get("solution"):
        return "test"
    return "answer" if graded.get("solution") else "code"


def bound_names(tree: ast.Module) -> set[str]:
    """The names that a cell binds at its top level, imports aside."""
    names: set[str] = set()
    for statement in tree.body:
        names |= _bound(statement)
    return names


def imported_names(tree: ast.Module) -> set[str]:
    """The names that import statements of a cell bind."""
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return set()
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
