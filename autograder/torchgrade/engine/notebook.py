"""Notebooks as nbformat 4 JSON: which cells are code, which are tests, what a test earned."""

from collections.abc import Iterator, Mapping
from typing import Any

from torchgrade.check.report import MIME

Cell = dict[str, Any]


def source_of(cell: Mapping[str, Any]) -> str:
    """A cell's source; in a file it may be a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def code_cells(notebook: Mapping[str, Any]) -> Iterator[tuple[int, Cell]]:
    """The code cells with their place in the notebook, from 1, as a person counts."""
    for index, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "code" and source_of(cell).strip():
            yield index, cell


def grade_id(cell: Mapping[str, Any]) -> str:
    """The cell's grade id, "" for a cell that nbgrader does not know."""
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id") or "")


def is_test(cell: Mapping[str, Any]) -> bool:
    """Whether it is an autograder test: graded, and no answer of the learner's."""
    graded = cell["metadata"].get("nbgrader", {})
    return bool(graded.get("grade") and not graded.get("solution"))


def is_answer(cell: Mapping[str, Any]) -> bool:
    """Whether the learner writes into it."""
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def error_output(name: str, message: str) -> dict[str, Any]:
    """An error as a notebook keeps it."""
    line = f"{name}: {message}"
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [line]}


def report_of(outputs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The last report of an exercise among a cell's outputs."""
    reports = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    return reports[-1] if reports else None


def score_of(outputs: list[dict[str, Any]]) -> float | None:
    """What nbgrader reads from a test cell: 0 after an error, the value, None for full marks."""
    if any(output["output_type"] == "error" for output in outputs):
        return 0.0
    for output in outputs:
        if output["output_type"] == "execute_result":
            try:
                score = float(output["data"].get("text/plain", ""))
            except ValueError:
                return None
            return score if score >= 0 else None
    return None
