"""Proves lessons, one after another: lint, source, student version, the judge, the accelerator."""

import time
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from torchgrade.engine.engine import FORKS, Engine
from torchgrade.engine.task import GradingFailed
from torchgrade.verify.beside import folder_like
from torchgrade.verify.columns import Reports
from torchgrade.verify.findings import Finding, errors
from torchgrade.verify.judged import Jury
from torchgrade.verify.lesson import Cell, Lesson, bound_names, name_of
from torchgrade.verify.limits import Limits
from torchgrade.verify.lint import lint
from torchgrade.verify.pool import Worker
from torchgrade.verify.rules_exercises import graded_name, points_of
from torchgrade.verify.student import CannotMake, leaks, stub_of, student_version

Tell = Callable[[str], None]


@dataclass
class LessonResult:
    """What was found out about one lesson. Seconds are those of the runs, memory in MiB.

    `verdicts` counts those that the judge and one process agree or differ on; `not_compared` names
    what could not be handed in as a learner would.
    """

    notebook: str
    findings: list[Finding] = field(default_factory=list)
    exercises: list[dict[str, Any]] = field(default_factory=list)
    source_seconds: float | None = None
    student_seconds: float | None = None
    memory_mib: int | None = None
    verdicts: int | None = None
    not_compared: list[str] = field(default_factory=list)
    judge: str = "skipped: this system cannot fork"
    accelerator: str = "skipped: none on this machine"
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not errors(self.findings)

    def json(self) -> dict[str, Any]:
        return asdict(self) | {"passed": self.passed}


def verify(paths: list[Path], limits: Limits, tell: Tell) -> Generator[LessonResult, None, None]:
    """Prove each notebook; `tell` hears what is being done."""
    # Lessons are the author's own code: nothing has to be kept from them.
    with Worker(limits.stop_seconds) as worker, Engine(unprotected=True) as engine:
        device = accelerator(worker, limits) if paths else None
        for path in paths:
            yield verify_one(path, limits, worker, device, tell, engine if FORKS else None)


def accelerator(worker: Worker, limits: Limits) -> str | None:
    """The type of the accelerator that torch finds, None without one."""
    found: str | None = worker.do(_job("device", [], Path(), limits)).get("device")
    return found


def verify_one(
    path: Path,
    limits: Limits,
    worker: Worker,
    device: str | None,
    tell: Tell,
    engine: Engine | None = None,
) -> LessonResult:
    """Prove one notebook on a running worker; without an engine, the judge is skipped."""
    tell(f"{name_of(path)} ")
    start = time.perf_counter()
    lesson, found = lint(path, limits)
    result = LessonResult(name_of(path), found)
    if lesson is not None:
        _prove(lesson, limits, worker, device, engine, result, tell)
    result.seconds = time.perf_counter() - start
    return result


def _prove(
    lesson: Lesson,
    limits: Limits,
    worker: Worker,
    device: str | None,
    engine: Engine | None,
    result: LessonResult,
    tell: Tell,
) -> None:
    with folder_like(lesson.path.resolve().parent, lesson.text) as folder:
        tell("· source ")
        done = worker.do(_job("source", _source_cells(lesson), folder, limits))
        _take(done, lesson, result)
        result.source_seconds = done.get("seconds")
        result.memory_mib = done.get("memory_mib")
        result.exercises = done.get("exercises", [])
        reports = done.get("reports", {})
        tell("· student ")
        try:
            student = student_version(lesson)
        except CannotMake as error:
            what = f"nbgrader makes no student version of it: {error}"
            result.findings.append(Finding(lesson.name, "", "student", what, "Mend what it names"))
        else:
            result.findings += leaks(lesson, student)
            done = worker.do(_job("student", _student_cells(student), folder, limits))
            _take(done, lesson, result)
            result.student_seconds = done.get("seconds")
            if engine is not None:
                tell("· judge ")
                _judge(engine, lesson, student, reports, folder, limits, result)
        if device is not None:
            tell(f"· {device} ")
            done = worker.do(_job("accelerator", _source_cells(lesson), folder, limits, device))
            _take(done, lesson, result)
            result.accelerator = f"{device}: ran"


def _judge(
    engine: Engine,
    lesson: Lesson,
    student: NotebookNode,
    reports: Reports,
    folder: Path,
    limits: Limits,
    result: LessonResult,
) -> None:
    told = {finding.rule for finding in result.findings}
    if told & {"died", "test-runs"} or any(test.tree() is None for test in lesson.of_kind("test")):
        result.judge = "skipped: the lesson does not run"
        return
    try:
        jury = Jury(engine, lesson, student, reports, folder, limits.seeds[0])
        judged = jury.run(plain=not told & {"runs", "untouched"})
    except GradingFailed as error:
        result.judge = "failed"
        what = f"the judge could not be asked: {error}"
        result.findings.append(Finding(lesson.name, "", "judge", what, "Verify it again"))
        return
    result.judge = "ran"
    result.verdicts, result.not_compared = judged.verdicts, judged.not_compared
    result.findings += judged.findings


def _take(done: dict[str, Any], lesson: Lesson, result: LessonResult) -> None:
    for found in done.get("findings", []):
        result.findings.append(Finding(notebook=lesson.name, **found))
    if "died" in done:
        what = f"while {done['doing']}, {done['died']}"
        result.findings.append(
            Finding(lesson.name, done["cell"], "died", what, "Run the cell alone and look")
        )


def _job(
    mode: str, cells: list[dict[str, Any]], folder: Path, limits: Limits, device: str = "cpu"
) -> dict[str, Any]:
    return {
        "mode": mode,
        "cells": cells,
        "folder": str(folder),
        "limits": asdict(limits),
        "device": device,
    }


def _source_cells(lesson: Lesson) -> list[dict[str, Any]]:
    answers = {cell.grade_id: cell for cell in lesson.of_kind("answer")}
    return [_cell(lesson, cell, answers) for cell in lesson.code]


def _cell(lesson: Lesson, cell: Cell, answers: dict[str, Cell]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "label": cell.label,
        "kind": cell.kind,
        "source": cell.source,
        "may_raise": cell.may_raise,
    }
    if cell.kind == "test":
        answer = answers.get(cell.grade_id.removeprefix("test_"))
        tree = answer.tree() if answer else None
        made |= {
            "variable": graded_name(cell.tree()),
            "points": points_of(cell),
            "stub": stub_of(lesson, answer) if answer else "",
            "answer_names": sorted(bound_names(tree)) if tree else [],
        }
    return made


def _student_cells(student: NotebookNode) -> list[dict[str, Any]]:
    cells = []
    for index, node in enumerate(student.cells):
        if node.cell_type == "code":
            graded = node.metadata.get("nbgrader", {})
            is_test = graded.get("grade") and not graded.get("solution")
            kind = "test" if is_test else "answer" if graded.get("solution") else "code"
            one = Cell(index, kind, node)
            cells.append(
                {"label": one.label, "kind": kind, "source": one.source, "may_raise": one.may_raise}
            )
    return cells
