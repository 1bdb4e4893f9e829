"""Named mistakes and alternatives as source that a learner could hand in.

In a test cell they are lambdas and functions that lean on the cell's own helpers. What they need of
these is cut out and put before them, under the exercise's name.
"""

import ast
from collections.abc import Iterator, Sequence

from torchgrade.engine.names import GivenCell, free_names, given_source
from torchgrade.verify.lesson import Cell, Lesson
from torchgrade.verify.rules_exercises import graded_name


def exercise_name(test: Cell) -> str | None:
    """`softmax` in a cell with `test = exercise("softmax")`; None where no such line is found."""
    tree = test.tree()
    variable = graded_name(tree)
    for statement in tree.body if tree else []:
        match statement:
            case ast.Assign(
                [ast.Name(target)], ast.Call(ast.Name("exercise"), [ast.Constant(name)])
            ):
                if target == variable and isinstance(name, str):
                    return name
    return None


def handed_in(lesson: Lesson, test: Cell, method: str, names: Sequence[str]) -> dict[str, str]:
    """The sources of what a test cell declares, by its sentence.

    Args:
        method: "mistakes" or "alternatives". Only what stands as a literal dictionary in a call of
            that method is found.
        names: the sentences that were declared, in order; in the cell they may be variables.
    """
    name, tree = exercise_name(test), test.tree()
    declared = list(_declared(tree, method)) if tree else []
    if name is None or len(declared) != len(names):
        return {}
    cells = [
        GivenCell(cell.source, "answer" if cell.kind == "answer" else "plain")
        for cell in lesson.of_kind("code", "answer")
        if cell.index < test.index
    ]
    cells.append(GivenCell(test.source, "plain"))
    found = {}
    for sentence, expression in zip(names, declared, strict=True):
        defined = f"{name} = {ast.unparse(expression)}\n"
        found[sentence] = given_source(cells, len(cells), free_names(defined)) + defined
    return found


def _declared(tree: ast.Module, method: str) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Attribute(attr=attribute), [ast.Dict(values=values)]) if (
                attribute == method
            ):
                yield from values
