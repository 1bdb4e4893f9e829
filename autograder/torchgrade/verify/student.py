"""The student version of a lesson, as nbgrader makes it, and what must not be found in it."""

import ast
import contextlib
import json
import re
import textwrap
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
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
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from torchgrade.nbgrader.regions import HIDDEN_TESTS, SOLUTION, inside_region
from torchgrade.verify.findings import Finding
from torchgrade.verify.lesson import Cell, Lesson

# These need a gradebook, a kernel or a course folder; they change nothing a learner reads.
OUTSIDE = {
    "IncludeHeaderFooter",
    "CarryMistakes",
    "InstantiateTests",
    "SaveCells",
    "CheckCellMetadata",
}
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
TELLING_BODY = 24
TELLING_TEST = 30  # formatted calls are spread over lines that say little each
COMMON = re.compile(
    r"return\w+|return(None|True|False)|raise\w+\(?|if\w+(is|==|!=|<|>)\w+:|for\w+in\w+:|else:|import[\w.]+"
    r"|with(torch\.)?(no_grad|inference_mode|enable_grad)\(\):|super\(\)\.__init__\(\)"
)


class CannotMake(Exception):
    """No student version of this notebook can be made; the message says why."""


def student_version(lesson: Lesson) -> NotebookNode:
    """What `nbgrader generate_assignment` makes of the lesson, with the course's own preprocessors.

    Where the course's hint mover is not installed, hint cells stay what they are.

    Raises:
        CannotMake: a preprocessor refused the notebook.
    """
    notebook = deepcopy(lesson.notebook)
    config, chain = preprocessors(lesson.path)
    resources: dict[str, Any] = {
        "unique_key": lesson.path.stem,
        "metadata": {"name": lesson.path.stem, "path": str(lesson.path.parent)},
        "nbgrader": {"notebook": lesson.path.stem, "assignment": lesson.path.resolve().parent.name},
    }
    # Paths in the configuration are relative to the course's root.
    with contextlib.chdir(config.CourseDirectory.get("root", ".")):
        for kind in chain:
            try:
                notebook, resources = kind(config=config).preprocess(notebook, resources)
            except Exception as error:
                # Whatever a preprocessor finds wrong is a finding about this notebook.
                raise CannotMake(f"{kind.__name__}: {error}") from error
    return notebook


def stub_of(lesson: Lesson, answer: Cell) -> str:
    """The answer cell as the learner first meets it."""
    notebook = NotebookNode(
        metadata=deepcopy(lesson.notebook.metadata), cells=[deepcopy(answer.node)]
    )
    notebook, _ = ClearSolutions().preprocess(notebook, {})
    source: str = notebook.cells[0].source
    return source


def preprocessors(path: Path) -> tuple[Config, tuple[Any, ...]]:
    """The configuration and preprocessors of the course that a notebook belongs to."""
    for folder in path.resolve().parents:
        if (folder / "nbgrader_config.py").is_file():
            return _configured(folder)
    return Config(), STOCK


@lru_cache(maxsize=4)
def _configured(folder: Path) -> tuple[Config, tuple[Any, ...]]:
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    named = config.GenerateAssignment.get("preprocessors", None)
    if not isinstance(named, list):
        return config, STOCK
    kinds = [_imported(name) if isinstance(name, str) else name for name in named]
    return config, tuple(kind for kind in kinds if kind and kind.__name__ not in OUTSIDE)


def _imported(name: str) -> Any:
    """What an import string names; None for a package that is not installed."""
    module, _, attribute = name.rpartition(".")
    if find_spec(module.split(".")[0]) is None:
        return None
    return getattr(import_module(module), attribute)


def leaks(lesson: Lesson, student: NotebookNode) -> Iterator[Finding]:
    """Find lines of solutions and hidden tests in the student version: text, metadata, outputs."""
    elsewhere = [("the notebook's metadata", _squeezed(json.dumps(student.metadata)))]
    in_tests: list[tuple[str, str]] = []  # where open examples may be made as the hidden ones are
    for index, node in enumerate(student.cells):
        is_test = node.cell_type == "code" and is_grade(node) and not is_solution(node)
        places = in_tests if is_test else elsewhere
        places.append((_place(node, index), _squeezed(_text(node))))
    for cell in lesson.of_kind("answer", "test"):
        kind = SOLUTION if cell.kind == "answer" else HIDDEN_TESTS
        what = "solution" if cell.kind == "answer" else "hidden tests"
        least = TELLING if cell.kind == "answer" else TELLING_TEST
        for line in secrets(inside_region(cell.source, kind), least):
            for place, text in elsewhere if kind == HIDDEN_TESTS else [*elsewhere, *in_tests]:
                if _squeezed(line) in text:
                    said = f"the student version shows a line of the {what}: {line!r} (in {place})"
                    yield Finding(
                        lesson.name, cell.label, "leak", said, "Say it in other words there"
                    )
                    break


def secrets(source: str, least: int = TELLING) -> list[str]:
    """What a region must not give away: its telling lines, and the bodies of its functions."""
    try:
        tree = ast.parse(textwrap.dedent(source))
    except SyntaxError:
        return telling_lines(source, least)
    bodies = [ast.unparse(node.body) for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    long_enough = [body for body in bodies if len(_squeezed(body)) >= max(least, TELLING_BODY)]
    return [*telling_lines(source, least), *dict.fromkeys(long_enough)]


def telling_lines(source: str, least: int = TELLING) -> list[str]:
    """The lines that give something away: `least` characters, and not said everywhere."""
    lines = [line.split("  # ")[0].strip() for line in source.split("\n")]
    return [
        line
        for line in dict.fromkeys(lines)
        if len(_squeezed(line)) >= least
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
