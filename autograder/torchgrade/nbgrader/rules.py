"""What a source notebook must satisfy before a student or solution version is made from it.

These are the rules without which nbgrader fails late, or makes something wrong in silence. What
makes a lesson *good* (lengths, metadata, mistakes) is not judged here.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat.validator import iter_validate

from torchgrade.nbgrader.problems import Problem
from torchgrade.nbgrader.regions import HIDDEN_TESTS, SOLUTION, faults, has_region

KERNEL = "python3"
TEST_PREFIX = "test_"
CELL_KINDS = {
    SOLUTION: "an answer cell (nbgrader: Autograded answer)",
    HIDDEN_TESTS: "a test cell (nbgrader: Autograder tests)",
}

Cell = dict[str, Any]


def check_file(path: Path, name: str | None = None) -> list[Problem]:
    """Return every problem of a notebook file, shown under `name` (default: its path)."""
    name = name or str(path)
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        return [
            _whole(
                name, f"is not JSON ({error})", "Restore it from version control, or mend it there"
            )
        ]
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        return [_whole(name, "is JSON, but no notebook", "Restore it from version control")]
    version = (notebook.get("nbformat"), notebook.get("nbformat_minor"))
    if version[0] != 4 or not isinstance(version[1], int) or version[1] < 5:
        what = f"has format {version[0]}.{version[1]}; cells have stable ids from 4.5 on"
        return [_whole(name, what, "Open it in JupyterLab 4 or newer and save it")]
    if fault := next(iter_validate(notebook), None):
        place = "/".join(str(part) for part in fault.relative_path)
        return [
            _whole(name, f"is not a valid notebook: {place}: {fault.message}", "Mend that entry")
        ]
    return [
        *_kernel(name, notebook),
        *_cell_ids(name, notebook["cells"]),
        *_cells(name, notebook["cells"]),
    ]


def source_of(cell: Cell) -> str:
    """Return a cell's source; in a file it may be a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def label(cell: Cell, index: int) -> str:
    """Name a cell for a person: its place from 1, and its grade id, else its cell id."""
    grade_id = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
    return f'cell {index + 1} ("{grade_id or cell.get("id", "no id")}")'


def _whole(name: str, what: str, mend: str) -> Problem:
    return Problem(name, "", what, mend)


def _kernel(name: str, notebook: dict[str, Any]) -> Iterator[Problem]:
    kernel = notebook.get("metadata", {}).get("kernelspec", {}).get("name")
    if kernel != KERNEL:
        yield _whole(
            name,
            f"asks for the kernel {kernel!r}, not {KERNEL!r}",
            f'Choose "Python 3 (ipykernel)", or set metadata.kernelspec.name to "{KERNEL}"',
        )


def _cell_ids(name: str, cells: list[Cell]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        if cell["id"] in seen:
            yield Problem(
                name,
                label(cell, index),
                f"the cell id {cell['id']!r} is used twice",
                "Give one of the two cells another id",
            )
        seen.add(cell["id"])


def _cells(name: str, cells: list[Cell]) -> Iterator[Problem]:
    for index, cell in enumerate(cells):
        yield from _regions(name, cell, index)
        yield from _grading_metadata(name, cell, index)
    yield from _pairs(name, cells)
    yield from _hints(name, cells)


def _regions(name: str, cell: Cell, index: int) -> Iterator[Problem]:
    source, graded = source_of(cell), _graded(cell)
    for fault in faults(source):
        yield Problem(name, label(cell, index), fault, "Pair each BEGIN with one END, never nested")
    marked = {
        SOLUTION: graded.get("solution", False),
        HIDDEN_TESTS: graded.get("grade", False) and not graded.get("solution", False),
    }
    for kind, wanted in CELL_KINDS.items():
        if has_region(source, kind) and not marked[kind]:
            yield Problem(
                name,
                label(cell, index),
                f"a {kind} region stands in a cell that is not {wanted}",
                "Mark the cell in nbgrader's panel, or remove the markers",
            )


def _grading_metadata(name: str, cell: Cell, index: int) -> Iterator[Problem]:
    if "nbgrader" not in cell["metadata"]:
        return
    graded = _graded(cell)
    if graded.get("schema_version") != 3:
        yield Problem(
            name,
            label(cell, index),
            "its nbgrader metadata is not of version 3",
            "Run `nbgrader update` on the notebook",
        )
    elif not graded.get("grade_id"):
        yield Problem(
            name, label(cell, index), "an nbgrader cell without a grade id", "Give it one"
        )


def _pairs(name: str, cells: list[Cell]) -> Iterator[Problem]:
    places: dict[str, int] = {}
    for index, cell in enumerate(cells):
        grade_id = _graded(cell).get("grade_id")
        if grade_id and grade_id in places:
            yield Problem(
                name,
                label(cell, index),
                f'the grade id "{grade_id}" is also that of cell {places[grade_id] + 1}',
                "Give one of the two another grade id",
            )
        elif grade_id:
            places[grade_id] = index
    for grade_id, index in places.items():
        cell = cells[index]
        if _is_answer(cell):
            test = places.get(TEST_PREFIX + grade_id)
            if test is None or not _is_test(cells[test]):
                yield Problem(
                    name,
                    label(cell, index),
                    "the answer has no test cell",
                    f'Add Autograder tests with the grade id "{TEST_PREFIX}{grade_id}" after it',
                )
            elif test < index:
                yield Problem(
                    name,
                    label(cell, index),
                    "its test cell stands before it",
                    "Move the test below",
                )
        elif _is_test(cell):
            answer = places.get(grade_id.removeprefix(TEST_PREFIX))
            if (
                not grade_id.startswith(TEST_PREFIX)
                or answer is None
                or not _is_answer(cells[answer])
            ):
                yield Problem(
                    name,
                    label(cell, index),
                    "the test cell belongs to no answer",
                    f'Name it "{TEST_PREFIX}" followed by the grade id of an Autograded answer',
                )


def _hints(name: str, cells: list[Cell]) -> Iterator[Problem]:
    answers = {_graded(cell)["grade_id"] for cell in cells if _is_answer(cell)}
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        target = cell["metadata"].get("torchenstein", {}).get("hints")
        if not isinstance(target, str):
            continue  # no hint cell (an answer's own list of hints is made later)
        if target not in answers:
            yield Problem(
                name,
                label(cell, index),
                f'its hints point to "{target}", and no answer has that grade id',
                f"Point them to one of: {', '.join(sorted(answers)) or 'no answers here'}",
            )
        elif target in seen:
            yield Problem(
                name, label(cell, index), f'a second hint cell for "{target}"', "Join the two"
            )
        seen.add(target)


def _graded(cell: Cell) -> dict[str, Any]:
    found = cell["metadata"].get("nbgrader", {})
    return found if isinstance(found, dict) else {}


def _is_answer(cell: Cell) -> bool:
    graded = _graded(cell)
    return bool(
        cell["cell_type"] == "code"
        and graded.get("solution")
        and not graded.get("grade")
        and graded.get("grade_id")
    )


def _is_test(cell: Cell) -> bool:
    graded = _graded(cell)
    return bool(cell["cell_type"] == "code" and graded.get("grade") and not graded.get("solution"))
