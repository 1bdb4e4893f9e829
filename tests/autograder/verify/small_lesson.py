"""A small source notebook that keeps every promise, made so that a test can break one of them."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from torchgrade.verify.limits import Limits

# The bar for a lesson of a few cells: lengths are scaled down, everything else is the real bar.
SMALL = Limits(
    exercises=(2, 6),
    prose_words=(60, 600),
    code_cells=(8, 30),
    hint_words=(5, 160),
    outline_words=(5, 200),
)

SOFTMAX = '''
def softmax(x):
    """Turn each row of scores (B, C) into probabilities (B, C)."""
    ### BEGIN SOLUTION
    shifted = x - x.max(dim=-1, keepdim=True).values
    return shifted.exp() / shifted.exp().sum(dim=-1, keepdim=True)
    ### END SOLUTION
'''
TEST_SOFTMAX = """
test = exercise("softmax")
test.on(torch.zeros(3, 2)).gives(torch.full((3, 2), 0.5))
### BEGIN HIDDEN TESTS
test.matches(lambda x: torch.softmax(x, -1), cases=cases(x="B C"), points=3,
             gradients=True, bans=["softmax"])
test.mistakes({
    "the softmax runs over the batch": lambda x: x.exp() / x.exp().sum(0, keepdim=True),
    "the rows are not divided by their sum": lambda x: (x - x.max(-1, keepdim=True).values).exp(),
    "the maximum is not taken away first": lambda x: x.exp() / x.exp().sum(-1, keepdim=True),
})
test.alternatives({"by logsumexp": lambda x: (x - x.logsumexp(-1, keepdim=True)).exp()})
### END HIDDEN TESTS
test.grade()
"""
CENTER = '''
def center(x):
    """Take its mean away from each column of x (B, C)."""
    ### BEGIN SOLUTION
    return x - x.mean(dim=0, keepdim=True)
    ### END SOLUTION
'''
TEST_CENTER = """
test = exercise("center")
test.on(torch.tensor([[1.0], [3.0]])).gives(torch.tensor([[-1.0], [1.0]]))
### BEGIN HIDDEN TESTS
def in_place(x):
    x -= x.mean(0)
    return x.clone()
test.matches(lambda x: x - x.sum(0) / len(x), cases=cases(x="B C", edge=("zeros",)), points=2)
test.mistakes({
    "the mean is taken over each row": lambda x: x - x.mean(1, keepdim=True),
    "the mean is taken over everything": lambda x: x - x.mean(),
    "the input itself is changed": in_place,
})
test.alternatives({"by sum and length": lambda x: x - x.sum(0) / x.shape[0]})
### END HIDDEN TESTS
test.grade()
"""
HINTS = """#### Nudge

Which numbers have to add up to one, and which of them share a row?

#### Strategy

Take the largest value of each row away, then raise, then divide.

#### Outline

Find the row maximum with its dimension kept; subtract it; exponentiate; divide by each row's sum.
"""


def statement(number: int, title: str, difficulty: int, minutes: int, points: int) -> str:
    """The statement of an exercise."""
    return (
        f"### Exercise {number}: {title}\n\n"
        f"Difficulty {difficulty} of 5 · importance 4 of 5 · about {minutes} minutes · "
        f"{points} points\n\n"
        "Write the function that the cell below begins. Its input is a float tensor of scores, "
        "one row for each item of the batch; the result has the same shape."
    )


def code(name: str, source: str, **metadata: Any) -> NotebookNode:
    return nbformat.v4.new_code_cell(source.strip("\n"), id=name, metadata=metadata)


def text(name: str, source: str, **metadata: Any) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source.strip("\n"), id=name, metadata=metadata)


def graded(grade_id: str, points: int | None = None) -> dict[str, Any]:
    is_test = points is not None
    made = {
        "schema_version": 3,
        "grade": is_test,
        "solution": not is_test,
        "locked": is_test,
        "task": False,
        "grade_id": grade_id,
    }
    return made | ({"points": points} if is_test else {})


def exercise_cells(
    number: int, name: str, difficulty: int, answer: str, test: str, points: int
) -> list[NotebookNode]:
    """Statement, answer, hints and test of one exercise."""
    facts = {"title": name.title(), "difficulty": difficulty, "importance": 4, "minutes": 10}
    return [
        text(f"about-{name}", statement(number, name.title(), difficulty, 10, points)),
        code(f"ex-{name}", answer, nbgrader=graded(name), torchenstein={"exercise": facts}),
        text(f"hints-{name}", HINTS, torchenstein={"hints": name}),
        code(f"test-{name}", test, nbgrader=graded(f"test_{name}", points)),
    ]


def small_lesson() -> NotebookNode:
    """The notebook, before it is written."""
    cells = [
        text("intro", "# Rows that add up to one\n\nScores become probabilities here."),
        code("setup", "import torch\n\nfrom torchgrade import cases, exercise, reveal"),
        text(
            "idea",
            "## The idea\n\nAn exponential makes every score positive; a division does the rest.",
        ),
        code("example", "half = torch.tensor([1.0, 1.0]) / 2\nassert half.sum() == 1"),
        code(
            "predict-1",
            "my_prediction = None\nreveal(my_prediction, torch.zeros(2, 3).exp().sum())",
        ),
        code("predict-2", "my_prediction = None\nreveal(my_prediction, torch.ones(2, 3).shape)"),
        code(
            "predict-3", "my_prediction = None\nreveal(my_prediction, torch.ones(2).sum().item())"
        ),
        text("exercises", "## Exercises"),
        *exercise_cells(1, "center", 2, CENTER, TEST_CENTER, 2),
        *exercise_cells(2, "softmax", 4, SOFTMAX, TEST_SOFTMAX, 3),
        text("summary", "## Summary\n\nSubtract the largest, raise, divide."),
        code("after", "assert torch.ones(2).softmax(0).sum() == 1"),
    ]
    facts = {
        "slug": "90_examples/01_rows",
        "title": "Rows that add up to one",
        "module": "90_examples",
        "prerequisites": [],
        "objectives": ["Write a softmax.", "Center columns.", "Keep the input as it is."],
        "minutes": 60,
        "points": 5,
    }
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": kernel, "language_info": {"name": "python"}, "torchenstein": facts},
    )


def write(notebook: NotebookNode, folder: Path) -> Path:
    """Write a notebook to the place that its slug names."""
    path = folder / "source" / "90_examples" / "01_rows.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.v4.writes(notebook) + "\n", encoding="utf-8")
    return path


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    """The cell of that id."""
    return next(one for one in notebook.cells if one.id == name)
