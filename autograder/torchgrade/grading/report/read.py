"""Reading the receipts that the batch grader left: one file a student."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True)
class Check:
    """One check of an exercise: `status` and `mistake` as in `check.report.Outcome`.

    `open`: it is an example that students see, and worth no points.
    """

    title: str
    status: str
    mistake: str | None
    open: bool


@dataclass(frozen=True, slots=True)
class Test:
    """One test cell of one submission.

    Attributes:
        exercise: the exercise's name, "" for a test of another kind.
        status: the exercise's verdict, "" for a test of another kind.
        score: the points; None stands for full marks.
        max_points: None where the test itself does not know them.
        ended: why the learner's process ended, else "".
    """

    grade_id: str
    exercise: str
    status: str
    score: float | None
    max_points: float | None
    ended: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the sandbox, and why it was missing if it was."""

    name: str
    active: bool
    detail: str


@dataclass(frozen=True, slots=True)
class GradedNotebook:
    """One graded notebook.

    Attributes:
        entered: whether the gradebook has it; a receipt that does not say was written afterwards.
        cells: seconds by cell id.
        stages: seconds by stage.
    """

    entered: bool
    tests: tuple[Test, ...]
    cells: Mapping[str, float]
    stages: Mapping[str, float]
    problems: tuple[str, ...]
    layers: tuple[Layer, ...]

    @property
    def seconds(self) -> float:
        """All stages together; where none were measured, all cells."""
        return sum((self.stages or self.cells).values())


@dataclass(frozen=True, slots=True)
class Receipt:
    """What grading one student's submission came to, by the name of each notebook handed in."""

    student: str
    notebooks: Mapping[str, GradedNotebook]


@dataclass(frozen=True, slots=True)
class Damaged:
    """A receipt that cannot be read."""

    file: str
    why: str


def read_receipts(folder: Path) -> tuple[list[Receipt], list[Damaged]]:
    """Read a folder of receipts, by student's name; what is damaged is named, never raised."""
    receipts, damaged = [], []
    for path in sorted(folder.glob("[!.]*.json")):
        try:
            receipts.append(_receipt(path))
        except OSError as error:
            damaged.append(Damaged(path.name, error.strerror or str(error)))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
            damaged.append(Damaged(path.name, "it is not JSON"))
        except KeyError as error:
            damaged.append(Damaged(path.name, f"it has no entry {error}"))
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            damaged.append(Damaged(path.name, f"it is not a receipt: {error}"))
    return receipts, damaged


def _receipt(path: Path) -> Receipt:
    data = json.loads(path.read_bytes())
    if not isinstance(data, dict):
        raise ValueError("an object was expected")
    if data["version"] != VERSION:
        raise ValueError(f"its version is {data['version']!r}, expected {VERSION}")
    if data["student"] != path.stem:
        raise ValueError(f"it speaks of the student {data['student']!r}")
    notebooks = {
        name: _notebook(entry)
        for name, entry in data["notebooks"].items()
        if entry["result"] is not None  # else the notebook was not handed in
    }
    return Receipt(path.stem, notebooks)


def _notebook(entry: Mapping[str, Any]) -> GradedNotebook:
    result = entry["result"]
    return GradedNotebook(
        entered=bool(entry.get("entered", True)),
        tests=tuple(map(_test, result["tests"])),
        cells=_seconds(result["cells"]),
        stages=_seconds(result["stages"]),
        problems=tuple(map(str, result["problems"])),
        layers=tuple(
            Layer(str(layer["name"]), bool(layer["active"]), str(layer["detail"]))
            for layer in result["layers"]
        ),
    )


def _test(data: Mapping[str, Any]) -> Test:
    report = data["report"] or {"exercise": "", "status": "", "max_points": None, "checks": []}
    return Test(
        grade_id=str(data["grade_id"]),
        exercise=str(report["exercise"]),
        status=str(report["status"]),
        score=_number(data["score"]),
        max_points=_number(report["max_points"]),
        ended=str(data["ended"]),
        checks=tuple(map(_check, report["checks"])),
    )


def _check(data: Mapping[str, Any]) -> Check:
    mistake = data["mistake"]
    return Check(
        title=str(data["title"]),
        status=str(data["status"]),
        mistake=str(mistake) if mistake else None,
        open=not _number(data["max_points"]),
    )


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number of points or seconds")
    return float(value)


def _seconds(data: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): _number(value) or 0.0 for name, value in data.items()}
