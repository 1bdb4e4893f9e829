"""Holds one exercise against everything that must pass and everything that must fail."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from torchgrade.check.exercise import Exercise
from torchgrade.check.expect import Check
from torchgrade.check.judge import Missing
from torchgrade.check.observe import Observation
from torchgrade.check.report import Report, Score
from torchgrade.verify.limits import Limits
from torchgrade.verify.session import Ran, Session

Fault = Callable[[str, str, str], None]  # rule, what, mend
Step = Callable[[str], None]  # what is done next, should it never end


@dataclass
class ExerciseFacts:
    """What the report says of an exercise."""

    exercise: str
    points: float = 0.0
    checks: int = 0
    alternatives: int = 0
    mistakes: int = 0
    killed: int = 0
    recognised: int = 0
    combinations: int = 0
    examples: int = 0
    unfinished: bool = False

    def json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class TestCell:
    """A test cell with what belongs to it: its source, its exercise's name, stub and points."""

    __test__ = False  # no pytest class

    source: str
    variable: str
    points: float
    stub: str
    answer_names: tuple[str, ...] = field(default_factory=tuple)


@contextmanager
def combination(seed: int, threads: int, dtype: str) -> Iterator[None]:
    """Draw cases from this seed in this dtype, and compute on so many threads."""
    before = torch.get_num_threads()
    os.environ["TORCHGRADE_SEED"] = str(seed)
    os.environ["TORCHGRADE_DTYPE"] = dtype
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        del os.environ["TORCHGRADE_SEED"], os.environ["TORCHGRADE_DTYPE"]


class Proof:
    """The proof of one exercise, right after its test cell ran in `session`."""

    def __init__(
        self, session: Session, cell: TestCell, limits: Limits, fault: Fault, step: Step
    ) -> None:
        self.session = session
        self.cell = cell
        self.limits = limits
        self.fault = fault
        self.step = step
        self.facts = ExerciseFacts("")
        # What one process says with the first seed, by kind (reference, stub, alternative,
        # mistake) and then by its name or sentence, as JSON.
        self.reports: dict[str, dict[str, Any]] = {}
        self._survived: set[str] = set()

    def run(self) -> ExerciseFacts:
        """Prove it; faults are told one by one."""
        test = self._exercise(self.session.run(self.cell.source))
        if test is None:
            return self.facts
        self.facts.exercise = test.name
        self._declared(test)
        self._right_ones_pass()
        for seed in self.limits.seeds:
            with combination(seed, 1, self.limits.dtypes[0]):
                test = self._exercise(self.session.run(self.cell.source))
                if test is not None:
                    self._mistakes_fail(test, seed)
        if test is not None:
            self._stub_is_unfinished(test)
        return self.facts

    def _exercise(self, ran: Ran) -> Exercise | None:
        if ran.error is not None:
            self.fault("test-runs", f"the test cell raised {ran.error_line}", "Mend the test cell")
            return None
        found = self.session.names.get(self.cell.variable)
        if not isinstance(found, Exercise):
            what = f"{self.cell.variable} is no exercise after the test cell ran"
            self.fault("test-runs", what, f'Begin it with {self.cell.variable} = exercise("name")')
            return None
        return found

    def _declared(self, test: Exercise) -> None:
        facts, limits = self.facts, self.limits
        facts.points = test.max_points or 0.0
        facts.checks = sum(map(weight, test.checks))
        facts.alternatives = len(test.correct)
        facts.mistakes = len(test.named_mistakes)
        facts.examples = sum(not check.points for check in test.checks)
        if facts.points != self.cell.points:
            what = (
                f"its checks are worth {facts.points:g} points, nbgrader gives {self.cell.points:g}"
            )
            self.fault("points", what, "Make the two agree")
        if facts.checks < limits.checks:
            what = f"it checks {facts.checks} things, not at least {limits.checks}"
            self.fault("checks", what, "Add cases, edges, gradients or bans")
        if facts.mistakes < limits.mistakes:
            what = f"it names {facts.mistakes} mistakes, not at least {limits.mistakes}"
            self.fault("mistakes", what, "Name the wrong solutions that learners write")
        if facts.alternatives < limits.alternatives:
            what = f"it has {facts.alternatives} alternatives, not at least {limits.alternatives}"
            self.fault("alternatives", what, "Write the right solution in another way too")
        least, most = limits.open_examples
        if not least <= facts.examples <= most:
            what = f"it has {facts.examples} open examples, not {least} to {most}"
            self.fault(
                "examples", what, "Examples are checks without points, before the hidden ones"
            )
        for check in test.checks:
            for sentence, value in check.symptoms.items():
                if not check.expect(check.calls[0], Observation(result=value)):
                    what = f"the wrong value for {sentence!r} is right in {check.title}"
                    self.fault("symptom", what, "Choose an example that tells the two apart")

    def _right_ones_pass(self) -> None:
        limits = self.limits
        told: set[str] = set()
        for seed, threads, dtype in itertools.product(limits.seeds, limits.threads, limits.dtypes):
            where = f"with seed {seed}, {threads} thread{'s' * (threads > 1)} and {dtype}"
            with combination(seed, threads, dtype):
                ran = self.session.run(self.cell.source)
                test = self._exercise(ran)
                if test is None:
                    return
                self.facts.combinations += 1
                subjects: list[tuple[str, str, Any]]
                subjects = [("reference", "", _report(ran, test))]
                subjects += [("alternative", name, right) for name, right in test.correct.items()]
                for rule, name, subject in subjects:
                    called = f"the alternative {name!r}" if name else "the reference solution"
                    self.step(f"running {called} {where}")
                    report = subject if isinstance(subject, Report) else self._held(test, subject)
                    self._keep(rule, name, report)
                    if called not in told and (why := _shortfall(report)):
                        told.add(called)
                        what = f"{called} does not pass {where}: {why}"
                        self.fault(rule, what, "Mend it, or the check")

    def _keep(self, kind: str, name: str, report: Report | str) -> None:
        if isinstance(report, Report):
            self.reports.setdefault(kind, {}).setdefault(name, report.json())

    def _held(self, test: Exercise, subject: Any) -> Report | str:
        try:
            return test.run(subject)
        except Exception as error:
            # A predicate of the author's failed on a result it did not expect.
            return f"the check itself raised {type(error).__name__}: {error}"

    def _mistakes_fail(self, test: Exercise, seed: int) -> None:
        first = seed == self.limits.seeds[0]
        survivors = 0
        named = test.named_mistakes
        if not first:
            test.named_mistakes = {}  # only whether it fails is asked again, not by which name
        for sentence, wrong in named.items():
            self.step(f"running the mistake {sentence!r}")
            report = self._held(test, wrong)
            self._keep("mistake", sentence, report)
            if isinstance(report, str):
                self.fault("mistake", f"with the mistake {sentence!r} {report}", "Mend the check")
                continue
            if report.passed or report.status == "unfinished":
                if sentence in self._survived:
                    continue
                self._survived.add(sentence)
                what = f"the mistake {sentence!r} is {report.status} with seed {seed}"
                self.fault("mistake", what, "Add a check that rejects it")
                continue
            if not first:
                continue
            self.facts.killed += 1
            gates = [outcome for outcome in report.checks if not outcome.max_points]
            survivors += all(outcome.status == "passed" for outcome in gates)
            if report.mistake == sentence:
                self.facts.recognised += 1
            else:
                told = f"is told as {report.mistake!r}" if report.mistake else "is not recognised"
                what = f"the mistake {sentence!r} {told} ({_why(report)})"
                mend = "Make it behave differently from the others where it fails"
                self.fault("recognised", what, mend)
        if first and named and not survivors:
            what = "every named mistake fails an open example already"
            self.fault("mistake", what, "Name one that only the hidden tests catch")

    def _stub_is_unfinished(self, test: Exercise) -> None:
        self.step("running the stub")
        names = self.session.names
        before = dict(names)
        for name in (*self.cell.answer_names, test.name):
            names.pop(name, None)
        self.session.run(self.cell.stub)
        report = self._held(test, names.get(test.name, Missing()))
        self._keep("stub", "", report)
        names.clear()
        names.update(before)
        if isinstance(report, str) or report.status != "unfinished" or report.points:
            said = report if isinstance(report, str) else f"is {report.status}: {_why(report)}"
            what = f"the untouched stub {said}"
            self.fault("stub", what, "The stub must raise NotImplementedError when it is used")
        else:
            self.facts.unfinished = True


def weight(check: Check) -> int:
    """How many things a check looks at: each call, and each rule that all calls must keep."""
    return len(check.calls) + len(check.keeps)


def _report(ran: Ran, test: Exercise) -> Any:
    """The report that the test cell's own `grade()` made, or one like it."""
    return ran.value.report if isinstance(ran.value, Score) else test.run(_reference(test))


def _shortfall(report: Report | str) -> str:
    """Why a right solution does not get full marks; empty when it does."""
    if isinstance(report, str):
        return report
    return "" if report.passed else _why(report)


def _reference(test: Exercise) -> Any:
    return test._namespace.get(test.name, Missing())


def _why(report: Report) -> str:
    first = report.first_failure
    return "; ".join([first.title, *first.message]) if first else report.summary
