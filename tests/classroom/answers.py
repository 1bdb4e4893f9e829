"""What three students hand in: the reference, nothing, and a named mistake in every exercise.

A named mistake is a callable in a hidden test. To hand it in, its source goes into the answer
cell, with the definitions around it; what it is worth is what the exercise object itself says of
it.
"""

import ast
import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.display import display
from nbformat import NotebookNode
from torchgrade import Exercise
from torchgrade.nbgrader.regions import HIDDEN_TESTS, SOLUTION, inside_region, without_markers
from torchgrade.nbgrader.rules import TEST_PREFIX

from tests.autograder.nbgrader.notebooks import find, read, write


@dataclass(frozen=True)
class Mistaken:
    """A named mistake as a student's cell, and what it deserves."""

    answer: str
    sentence: str
    source: str
    points: float


def answers(nb: NotebookNode) -> list[str]:
    """The grade ids of the answers of a source notebook."""
    graded = [cell.metadata.get("nbgrader", {}) for cell in nb.cells]
    tests = [g.grade_id for g in graded if g.get("grade") and not g.get("solution")]
    return [name.removeprefix(TEST_PREFIX) for name in tests]


def reference(nb: NotebookNode, name: str) -> str:
    return without_markers(find(nb, name).source, SOLUTION)


def secrets(nb: NotebookNode) -> set[str]:
    """The telling lines that no student may see: of reference solutions and of hidden tests."""
    lines = {
        line.strip()
        for name in answers(nb)
        for cell, kind in ((name, SOLUTION), (TEST_PREFIX + name, HIDDEN_TESTS))
        for line in inside_region(find(nb, cell).source, kind).split("\n")
    }
    return {line for line in lines if len(line) > 20}


def hand_in(fetched: Path, source: Path, cells: dict[str, str]) -> None:
    """Write sources into the answer cells of a fetched notebook."""
    assert fetched.name == source.name
    nb = read(fetched)
    for name, text in cells.items():
        find(nb, name).source = text
    write(nb, fetched)


def mistaken(nb: NotebookNode) -> list[Mistaken]:
    """Run a source notebook in this process; return one mistake for every exercise."""
    found: list[Mistaken] = []
    namespace: dict[str, Any] = {"__name__": "__main__", "display": display}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            if "raises-exception" in cell.metadata.get("tags", []):
                with contextlib.suppress(Exception):
                    exec(cell.source, namespace)
                continue
            exec(cell.source, namespace)
            graded = cell.metadata.get("nbgrader", {})
            if graded.get("grade") and not graded.get("solution"):
                name = graded.grade_id.removeprefix(TEST_PREFIX)
                found.append(_choose(name, cell.source, namespace))
    return found


def _choose(answer: str, source: str, namespace: dict[str, Any]) -> Mistaken:
    """The first mistake that can be pasted: it behaves in a cell as it does in the test."""
    tree = ast.parse(source)
    variable = next(
        statement.targets[0].id
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(namespace.get(statement.targets[0].id), Exercise)
    )
    test: Exercise = namespace[variable]
    helpers = [s for s in tree.body if variable not in _names(s)]
    for sentence, expression in _declared(tree, variable):
        own = ast.parse(f"{test.name} = {expression}").body
        text = "\n".join(ast.unparse(s) for s in [*_needed(helpers, own), *own])
        copy = dict(namespace)
        exec(text, copy)
        deserved = test.run(test.named_mistakes[sentence])
        pasted = test.run(copy[test.name])
        if pasted.points == deserved.points and pasted.mistake == deserved.mistake == sentence:
            return Mistaken(answer, sentence, text, deserved.points or 0.0)
    raise AssertionError(f"no mistake of {answer} can be handed in")


def _needed(helpers: list[ast.stmt], own: list[ast.stmt]) -> list[ast.stmt]:
    """The helpers that some statements need, in order: nobody hands in the rest of a test."""
    wanted = {name for statement in own for name in _names(statement)}
    kept: list[ast.stmt] = []
    for helper in reversed(helpers):
        if wanted & _bound(helper):
            wanted |= _names(helper)
            kept.insert(0, helper)
    return kept


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _declared(tree: ast.Module, variable: str) -> list[tuple[str, str]]:
    """The sentences and expressions of `test.mistakes({...})`."""
    return [
        (key.value, ast.unparse(value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "mistakes"
        and variable in _names(node.func)
        and isinstance(node.args[0], ast.Dict)
        for key, value in zip(node.args[0].keys, node.args[0].values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    ]


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
