"""What goes into the engine and what comes out: plain data that may cross machines."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What one notebook may use. Seconds are wall-clock time."""

    cell_seconds: float = 30.0
    notebook_seconds: float = 300.0
    memory_mib: int = 4096
    processes: int = 64
    file_mib: int = 64
    disk_mib: int = 256
    output_kib: int = 512
    deaths: int = 3
    """How often the learner's process may end before the rest of the notebook is given up."""


@dataclass(frozen=True)
class Task:
    """One notebook to grade.

    Attributes:
        name: for messages, such as `"ada/01_tensors/06_broadcasting"`.
        notebook: the submission as nbformat 4 JSON, settled: its graded cells have the gradebook's
            metadata, its test cells the gradebook's source, hidden tests included.
        given: the instructor's own notebook. What its plain cells import and define is what a test
            cell may use; the learner's process never sees it. None: only a test cell's own imports.
        files: the submission's other files, relative path to base64 text.
        device: "cpu", "cuda", "cuda:1", "mps", "xpu" or "auto".
        judge: False runs tests in the learner's process, as stock nbgrader does.
        seed: of the inputs that `cases` draws.
    """

    name: str
    notebook: Mapping[str, Any]
    given: Mapping[str, Any] | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    device: str = "cpu"
    judge: bool = True
    seed: int = 0
    limits: Limits = field(default_factory=Limits)

    def json(self) -> dict[str, Any]:
        """The task as plain JSON; the notebooks are not copied."""
        return _shallow(self) | {"limits": asdict(self.limits)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Task":
        """Read what `json()` wrote."""
        return cls(**{**data, "limits": Limits(**data["limits"])})


@dataclass(frozen=True)
class Layer:
    """One layer of protection around the learner's process, and why it is missing if it is."""

    name: str
    active: bool
    detail: str = ""


@dataclass(frozen=True)
class TestResult:
    """What one test cell came to.

    Attributes:
        report: the exercise's report as JSON (`Report.json()`); None for a test of another kind.
        score: what nbgrader reads from the cell: points, 0 after an error, None for full marks.
        ended: why the learner's process ended or was stopped during this test, else "".
    """

    grade_id: str
    report: dict[str, Any] | None
    score: float | None
    seconds: float
    ended: str = ""


@dataclass(frozen=True)
class Graded:
    """What running one notebook came to.

    Attributes:
        notebook: the submission with outputs, as nbformat 4 JSON.
        cells: seconds by cell id, in order.
        problems: what an instructor should know of: a process that ended, tampering, cut output.
        layers: what protected the grader.
        stages: seconds by stage ("start", "cells", "tests", ...).
        memory_mib: peak memory of the learner's process that it does not share, and the judge's.
    """

    name: str
    notebook: dict[str, Any]
    tests: tuple[TestResult, ...]
    cells: dict[str, float]
    problems: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    stages: dict[str, float] = field(default_factory=dict)
    memory_mib: dict[str, float] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """The result as plain JSON; the notebook is not copied."""
        return _shallow(self) | {
            "tests": [asdict(test) for test in self.tests],
            "layers": [asdict(layer) for layer in self.layers],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Graded":
        """Read what `json()` wrote."""
        return cls(
            **{
                **data,
                "tests": tuple(TestResult(**test) for test in data["tests"]),
                "layers": tuple(Layer(**layer) for layer in data["layers"]),
                "problems": tuple(data["problems"]),
            }
        )


def _shallow(record: Task | Graded) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


class GradingFailed(RuntimeError):
    """The engine itself failed, through no fault of the submission; the task may be tried again."""
