"""Small notebooks and a small course for the tests of the nbgrader side."""

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[3]
MODULE = "01_small"
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

SOFTMAX = '''def softmax(x):
    """Softmax over the last dimension of x (B, C)."""
    ### BEGIN SOLUTION
    weights = torch.exp(x - x.amax(-1, keepdim=True))
    return weights / weights.sum(-1, keepdim=True)
    ### END SOLUTION'''

TEST_SOFTMAX = """test = exercise("softmax")
test.on(torch.tensor([[0.0, 0.0]])).gives(torch.tensor([[0.5, 0.5]]))
### BEGIN HIDDEN TESTS
def over_the_batch(x):
    return torch.softmax(x, 0)

test.matches(lambda x: torch.softmax(x, -1), cases=cases(x="B C"), points=2, title="values")
test.on(torch.zeros(2, 4)).satisfies(lambda y: y.shape == (2, 4), "keeps the shape", points=1)
test.mistakes({
    "the softmax runs over the batch": over_the_batch,
    "every entry is the same": lambda x: torch.full_like(x, 1 / x.shape[-1]),
})
### END HIDDEN TESTS
test.grade()"""

DOUBLE = '''def double(x):
    """Twice x, of any shape."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION'''

TEST_DOUBLE = """test = exercise("double")
test.on(torch.tensor([2.0])).gives(torch.tensor([4.0]))
### BEGIN HIDDEN TESTS
test.matches(lambda x: x + x, cases=cases(x="B C"), points=2, title="values")
test.mistakes({"x is squared": lambda x: x**2})
### END HIDDEN TESTS
test.grade()"""

HINTS = """#### Nudge
<blockquote class="torchenstein-voice">

{{professor}} asks {{duck}}: which dimension is the batch?

</blockquote>

Rows are independent of each other.

#### Strategy
Sum over `C`, keep the dimension.

#### Outline
```python
#### not a heading
exp(x) / exp(x).sum(...)
```"""


def graded(grade_id: str, points: float | None = None) -> dict[str, Any]:
    """nbgrader metadata: of an answer, or with points of its test cell."""
    found: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "locked": points is not None,
        "solution": points is None,
        "grade": points is not None,
        "task": False,
    }
    return found if points is None else {**found, "points": points}


def answer(name: str, source: str) -> NotebookNode:
    metadata = {
        "nbgrader": graded(name),
        "torchenstein": {
            "exercise": {"title": name, "difficulty": 1, "importance": 2, "minutes": 5}
        },
    }
    return new_code_cell(source, id=name, metadata=metadata)


def checks_of(name: str, source: str, points: float) -> NotebookNode:
    return new_code_cell(
        source, id=f"test_{name}", metadata={"nbgrader": graded(f"test_{name}", points)}
    )


def hints(name: str, source: str = HINTS) -> NotebookNode:
    return new_markdown_cell(source, id=f"hints_{name}", metadata={"torchenstein": {"hints": name}})


def notebook(cells: list[NotebookNode], slug: str = "01_small/01_softmax") -> NotebookNode:
    about = {
        "slug": slug,
        "title": "Softmax",
        "module": MODULE,
        "prerequisites": [],
        "minutes": 5,
        "objectives": ["compute a softmax"],
        "points": 5,
    }
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "torchenstein": about})


def setup_cell() -> NotebookNode:
    return new_code_cell(
        "import torch\nfrom torchgrade import cases, exercise",
        id="setup",
        metadata={"nbgrader": {**graded("setup"), "solution": False, "locked": True}},
    )


def softmax_lesson() -> NotebookNode:
    """Two exercises, hints for one, worth 3 and 2 points."""
    opening = (
        '# Softmax\n\n<blockquote class="torchenstein-voice">\n\nWelcome, says {{professor}}.\n\n'
        "</blockquote>\n\nWeights that sum to 1."
    )
    return notebook(
        [
            new_markdown_cell(opening, id="opening"),
            setup_cell(),
            answer("softmax", SOFTMAX),
            checks_of("softmax", TEST_SOFTMAX, 3),
            hints("softmax"),
            new_code_cell("softmax(torch.zeros(1, 2))", id="use"),
            answer("double", DOUBLE),
            checks_of("double", TEST_DOUBLE, 2),
        ]
    )


def double_lesson() -> NotebookNode:
    """One exercise of 2 points."""
    cells = [setup_cell(), answer("double", DOUBLE), checks_of("double", TEST_DOUBLE, 2)]
    return notebook(cells, slug="01_small/02_double")


def write(nb: NotebookNode, path: Path) -> Path:
    """Write a notebook as an author's JupyterLab would, without nbformat's repairs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(nb, indent=1) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def find(nb: NotebookNode, grade_id: str) -> NotebookNode:
    """The cell with this grade id, and only that."""
    (cell,) = [c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id]
    return cell


def make_course(root: Path, lessons: dict[str, NotebookNode] | None = None) -> Path:
    """A course of one module with the configuration and the voices of this checkout."""
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "course" / "voices", root / "course" / "voices")
    if lessons is None:
        lessons = {"01_softmax": softmax_lesson(), "02_double": double_lesson()}
    for name, nb in lessons.items():
        write(nb, root / "source" / MODULE / f"{name}.ipynb")
    return root
