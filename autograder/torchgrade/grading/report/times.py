"""Where the time went, and what kept the submissions in."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from torchgrade.grading.report.read import GradedNotebook, Layer, Receipt


@dataclass(frozen=True, slots=True)
class SlowCell:
    """Seconds of one cell over the class, and who had the slowest."""

    notebook: str
    cell: str
    runs: int
    median: float
    max: float
    slowest: str


@dataclass(frozen=True, slots=True)
class SlowSubmission:
    """Seconds of one student's submission, and its slowest cell."""

    student: str
    seconds: float
    notebook: str
    cell: str
    cell_seconds: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Seconds of one stage over all notebooks; `share` is of all stages' time."""

    name: str
    total: float
    share: float
    median: float
    max: float


@dataclass(frozen=True, slots=True)
class LayerUse:
    """In how many of the graded notebooks a sandbox layer was active, and why not in the others."""

    name: str
    active: int
    notebooks: int
    missing_because: tuple[str, ...]


def slow_cells(receipts: Sequence[Receipt]) -> list[SlowCell]:
    """Every cell, the one with the longest median first."""
    runs: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for student, name, graded in _notebooks(receipts):
        for cell, seconds in graded.cells.items():
            runs[name, cell].append((seconds, student))
    cells = [
        SlowCell(*where, len(times), median(seconds for seconds, _ in times), *max(times))
        for where, times in runs.items()
    ]
    return sorted(cells, key=lambda cell: (-cell.median, -cell.max, cell.notebook, cell.cell))


def slow_submissions(receipts: Sequence[Receipt]) -> list[SlowSubmission]:
    """Every submission, the slowest first."""
    found = []
    for receipt in receipts:
        cells = [
            (seconds, name, cell)
            for name, graded in receipt.notebooks.items()
            for cell, seconds in graded.cells.items()
        ]
        slowest, notebook, cell = max(cells, default=(0.0, "", ""))
        total = sum(graded.seconds for graded in receipt.notebooks.values())
        found.append(SlowSubmission(receipt.student, total, notebook, cell, slowest))
    return sorted(found, key=lambda one: (-one.seconds, one.student))


def stages(receipts: Sequence[Receipt]) -> list[Stage]:
    """The stages in the order in which they happen."""
    runs: dict[str, list[float]] = defaultdict(list)
    for _, _, graded in _notebooks(receipts):
        for stage, seconds in graded.stages.items():
            runs[stage].append(seconds)
    total = sum(map(sum, runs.values()))
    return [
        Stage(name, sum(times), sum(times) / total if total else 0.0, median(times), max(times))
        for name, times in runs.items()
    ]


def layers(receipts: Sequence[Receipt]) -> list[LayerUse]:
    """The sandbox's layers, in the engine's order."""
    uses: dict[str, list[Layer]] = defaultdict(list)
    for _, _, graded in _notebooks(receipts):
        for layer in graded.layers:
            uses[layer.name].append(layer)
    return [
        LayerUse(
            name,
            sum(layer.active for layer in seen),
            len(seen),
            tuple(dict.fromkeys(one.detail for one in seen if not one.active and one.detail)),
        )
        for name, seen in uses.items()
    ]


def _notebooks(receipts: Sequence[Receipt]) -> Iterator[tuple[str, str, GradedNotebook]]:
    """Every graded notebook as (student, notebook's name, result)."""
    for receipt in receipts:
        for name, graded in receipt.notebooks.items():
            yield receipt.student, name, graded
