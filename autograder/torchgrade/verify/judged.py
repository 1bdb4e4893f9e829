"""Proves that the judge agrees: every verdict of one process, once more through the engine.

What one process says of an exercise is known from its proof. Here the reference, the stub, each
alternative and each named mistake are handed in as a learner would do it, and graded by the judge.
"""

import re
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from torchgrade.engine.engine import Engine
from torchgrade.engine.given import Given, answered
from torchgrade.engine.names import free_names
from torchgrade.engine.notebook import code_cells, grade_id, is_answer, is_test
from torchgrade.engine.statements import cell_statements
from torchgrade.engine.task import Graded, Limits, Task
from torchgrade.nbgrader.tasks import packed
from torchgrade.verify.columns import Column, Columns, Report, Reports, Subject
from torchgrade.verify.findings import Finding
from torchgrade.verify.lesson import Lesson, bound_names

COMPARED = ("title", "status", "points", "mistake")  # of checks; the report's own follow from them
PROBE = "Write what looks at the learner's object as a probe: test.via(probe).on(...)"
OWN = "Define it in this cell, or in one before it that is no test"
ALONE = "Import or define it in the test cell"
BANNED = "is to be solved without"
UNSAID = (
    "The judge reads bans in the source, too: leave the function out of it, unused parts as well"
)
PRIVATE = "A submission is graded in a folder of its own, without the network; keep to that"


@dataclass
class Judged:
    """How many verdicts were compared, what could not be, and what differed."""

    verdicts: int = 0
    not_compared: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class Jury:
    """Compares the judge's verdicts on one lesson with those of one process.

    Args:
        student: the student version of the lesson.
        reports: what one process says.
        folder: holds what lies beside the lesson.
        seed: of the inputs in `reports`.
    """

    def __init__(
        self,
        engine: Engine,
        lesson: Lesson,
        student: NotebookNode,
        reports: Reports,
        folder: Path,
        seed: int,
    ) -> None:
        self._engine = engine
        self._lesson = lesson
        self._columns = Columns(lesson, student, reports)
        source = self._columns.source
        files = packed(folder, Limits().disk_mib)
        self._task = Task(lesson.name, source, source, files, seed=seed)
        self._cells = {cell.node.id: cell for cell in lesson.cells}
        self._tests = {cell.grade_id: cell for cell in lesson.of_kind("test")}
        self._found = Judged()
        self._told: set[str] = set()

    def run(self, *, plain: bool) -> Judged:
        """Grade every column and compare.

        Args:
            plain: whether to tell of plain cells that raise here; they do not in one process.

        Raises:
            GradingFailed: the engine itself failed.
        """
        self._names()
        for column in self._columns:
            graded = self._graded(column)
            if plain and column.kind in ("reference", "stub"):
                self._plain_cells_run(column, graded)
            self._compare(column, graded)
        self._found.not_compared += self._columns.not_compared
        return self._found

    def _graded(self, column: Column, judge: bool = True) -> Graded:
        return self._engine.grade(replace(self._task, notebook=column.notebook, judge=judge))

    def _fault(self, cell: str, what: str, mend: str) -> None:
        """Tell of a cell once: what one notebook shows, the others show too."""
        if cell not in self._told:
            self._told.add(cell)
            self._found.findings.append(Finding(self._lesson.name, cell, "judge", what, mend))

    def _names(self) -> None:
        """A test takes nothing from the notebook that the judge does not have."""
        source = self._columns.source
        given, theirs = Given.read(source), answered(source)
        for name, test in self._tests.items():
            has = {one for each in cell_statements(given.names[name]) for one in each.binds}
            for lacking in sorted(free_names(test.source) - has - theirs):
                what = f"it takes {lacking} from the notebook, and the judge does not have it"
                self._fault(test.label, what, ALONE)

    def _plain_cells_run(self, column: Column, graded: Graded) -> None:
        of_tests = {
            name: test.label
            for test in self._tests.values()
            if (tree := test.tree()) is not None
            for name in bound_names(tree)
        }
        for _, node in code_cells(graded.notebook):
            error = _error(node)
            if error is None or is_test(node) or (column.kind == "stub" and is_answer(node)):
                continue
            cell = self._cells[node["id"]]
            if cell.may_raise:
                continue
            missing = re.search(r"name '(\w+)' is not defined", error)
            if missing and missing[1] in of_tests:
                what = f"it needs {missing[1]}, which only the test cell defines; graded, it raises"
                self._fault(cell.label, f"{what} {error}", OWN)
            else:
                self._fault(cell.label, f"graded as a submission it raises {error}", PRIVATE)

    def _compare(self, column: Column, graded: Graded) -> None:
        tests = {test.grade_id: test.report for test in graded.tests}
        together: Graded | None = None
        for name, subject in column.subjects.items():
            self._found.verdicts += 1
            if not _difference(tests[name], subject.expected):
                continue
            # Handed in, it may be something else than in the test cell, in one process too.
            together = together or self._graded(column, judge=False)
            expected = next(test.report for test in together.tests if test.grade_id == name)
            self._judge_differs(name, subject, graded, tests[name], expected)

    def _judge_differs(
        self, name: str, subject: Subject, graded: Graded, report: Report | None, one: Report | None
    ) -> None:
        label = self._tests[name].label
        difference = _difference(report, one)
        if not difference:
            self._found.verdicts -= 1
            other = f"in the test cell it is {_verdict(subject.expected)}"
            why = f"handed in, it is {_verdict(report)}, in one process too; {other}"
            self._found.not_compared.append(f"{label}, {subject.called}: {why}")
            return
        node = next(cell for cell in graded.notebook["cells"] if grade_id(cell) == name)
        error = _error(node)
        if error is not None:
            self._fault(label, f"the test cell raises {error} where the judge runs it", PROBE)
            return
        doubts = "".join(f"; {problem}" for problem in graded.problems)
        what = f"{subject.called} gets another verdict from the judge: {difference}{doubts}"
        self._fault(label, what, UNSAID if BANNED in str(report) else PROBE)


def _error(node: dict[str, Any]) -> str | None:
    """The error that a cell ended with, in one line."""
    for output in node.get("outputs", []):
        if output["output_type"] == "error":
            first = (output["evalue"].strip().splitlines() or [""])[0]
            return f"{output['ename']}: {first}" if first else str(output["ename"])
    return None


def _difference(judged: Report | None, one: Report | None) -> str:
    """Where two reports of an exercise differ, in words; "" where they do not."""
    if judged is None or one is None:
        return "" if judged is one else f"{_verdict(judged)}, and {_verdict(one)} in one process"
    for mine, other in zip_longest(judged["checks"], one["checks"]):
        if mine is None or other is None or any(mine[key] != other[key] for key in COMPARED):
            said = f"{_verdict(judged)}, and {_verdict(one)} in one process"
            return f"{said}; {_check(mine)}, and in one process {_check(other)}"
    return ""


def _verdict(report: Report | None) -> str:
    if report is None:
        return "without a report"
    points = "" if report["points"] is None else f" with {report['points']:g} points"
    return f"{report['status']}{points}"


def _check(check: dict[str, Any] | None) -> str:
    if check is None:
        return "the next check is not run"
    mistake = f" as {check['mistake']!r}" if check["mistake"] else ""
    why = f" ({check['message'][0]})" if check["message"] else ""
    return f"{check['title']!r} is {check['status']}{mistake}{why}"
