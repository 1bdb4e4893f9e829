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


def handed_in(lesson: Lesson, test: Cell, method: str) -> list[str]:
    """The sources of what a test cell declares, in order.

    Args:
        method: "mistakes" or "alternatives". Only what stands as a literal dictionary in a call of
            that method is found.
    """
    name, tree = exercise_name(test), test.tree()
    if name is None or tree is None:
        return []
    cells = [
        GivenCell(cell.source, "answer" if cell.kind == "answer" else "plain")
        for cell in lesson.of_kind("code", "answer")
        if cell.index < test.index
    ]
    cells.append(GivenCell(test.source, "plain"))
    return [_definition(name, one, cells) for one in _declared(tree, method)]


def _definition(name: str, value: ast.expr, cells: Sequence[GivenCell]) -> str:
    helpers = given_source(cells, len(cells), free_names(ast.unparse(value)))
    if not helpers:
        return f"{name} = {ast.unparse(value)}\n"
    # In a function of their own, or the test cell's helpers of the same names would be called.
    maker = ast.parse(f"def make_{name}(): pass\n{name} = make_{name}()")
    assert isinstance(maker.body[0], ast.FunctionDef)
    maker.body[0].body = [*ast.parse(helpers).body, ast.Return(value)]
    return ast.unparse(ast.fix_missing_locations(maker)) + "\n"


def _declared(tree: ast.Module, method: str) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Attribute(attr=attribute), [ast.Dict(values=values)]) if (
                attribute == method
            ):
                yield from values
