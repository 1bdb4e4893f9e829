"""The student version of a lesson, as nbgrader makes it, and what must not be found in it."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

from torchgrade.nbgrader.regions import HIDDEN_TESTS, SOLUTION, inside_region
from torchgrade.verify.findings import Finding
from torchgrade.verify.lesson import Cell, Lesson

# These need a gradebook, a kernel or a course folder; they change nothing a learner reads.
OUTSIDE = {"IncludeHeaderFooter", "InstantiateTests", "SaveCells", "CheckCellMetadata"}
STOCK = (
    LockCells,
    ClearSolutions,
    ClearOutput,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
)
# Shorter lines, and lines that say nothing of their own, stand in any lesson.
TELLING = 16
COMMON = re.compile(
    r"return\w+|return(None|True|False)|raise\w+\(?|if\w+(is|==|!=|<|>)\w+:|for\w+in\w+:|else:|import[\w.]+"
)


def student_version(lesson: Lesson) -> NotebookNode:
    """What `nbgrader generate_assignment` makes of the lesson, with the course's own preprocessors.

    Raises:
        RuntimeError, ValueError: from nbgrader, when the notebook cannot be made.
    """
    notebook = deepcopy(lesson.notebook)
    config, chain = _chain(lesson.path.resolve())
    resources: dict[str, Any] = {
        "unique_key": lesson.path.stem,
        "metadata": {"name": lesson.path.stem, "path": str(lesson.path.parent)},
        "nbgrader": {"notebook": lesson.path.stem, "assignment": lesson.path.resolve().parent.name},
    }
    for kind in chain:
        notebook, resources = kind(config=config).preprocess(notebook, resources)
    if chain == STOCK:
        hints = {cell.node.id for cell in lesson.of_kind("hints")}
        notebook.cells = [cell for cell in notebook.cells if cell.id not in hints]
    return notebook


def stub_of(lesson: Lesson, answer: Cell) -> str:
    """The answer cell as the learner first meets it."""
    notebook = NotebookNode(
        metadata=deepcopy(lesson.notebook.metadata), cells=[deepcopy(answer.node)]
    )
    notebook, _ = ClearSolutions().preprocess(notebook, {})
    source: str = notebook.cells[0].source
    return source


def _chain(path: Path) -> tuple[Config, tuple[Any, ...]]:
    for folder in path.parents:
        if (folder / "nbgrader_config.py").is_file():
            return _configured(folder)
    return Config(), STOCK


@lru_cache(maxsize=4)
def _configured(folder: Path) -> tuple[Config, tuple[Any, ...]]:
    try:
        config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    except ConfigFileNotFound:
        return Config(), STOCK
    named = config.GenerateAssignment.get("preprocessors", None)
    if not isinstance(named, list):
        return config, STOCK
    kinds = [_imported(name) if isinstance(name, str) else name for name in named]
    return config, tuple(kind for kind in kinds if kind.__name__ not in OUTSIDE)


def _imported(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def leaks(lesson: Lesson, student: NotebookNode) -> Iterator[Finding]:
    """Find lines of solutions and hidden tests in the student version: text, metadata, outputs."""
    places = [
        (_place(node, index), _squeezed(_text(node))) for index, node in enumerate(student.cells)
    ]
    places.append(("the notebook's metadata", _squeezed(json.dumps(student.metadata))))
    for cell in lesson.of_kind("answer", "test"):
        kind = SOLUTION if cell.kind == "answer" else HIDDEN_TESTS
        what = "solution" if cell.kind == "answer" else "hidden tests"
        for line in telling_lines(inside_region(cell.source, kind)):
            for place, text in places:
                if _squeezed(line) in text:
                    said = f"the student version shows a line of the {what}: {line!r} (in {place})"
                    yield Finding(
                        lesson.name, cell.label, "leak", said, "Say it in other words there"
                    )
                    break


def telling_lines(source: str) -> list[str]:
    """The lines that give something away: long enough, and not said everywhere."""
    lines = [line.split("  # ")[0].strip() for line in source.split("\n")]
    return [
        line
        for line in dict.fromkeys(lines)
        if len(_squeezed(line)) >= TELLING
        and not line.startswith("#")
        and not COMMON.fullmatch(_squeezed(line))
    ]


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).replace("'", '"')


def _text(node: NotebookNode) -> str:
    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for key, item in value.items():
                yield str(key)
                yield from strings(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                yield from strings(item)

    return "\n".join(
        strings(
            {
                key: node[key]
                for key in ("source", "metadata", "outputs", "attachments")
                if key in node
            }
        )
    )


def _place(node: NotebookNode, index: int) -> str:
    return f'its cell {index + 1} ("{node.get("id", "no id")}")'
