"""The face of torchgrade: what a test cell writes.

    test = exercise("softmax")
    test.on(torch.zeros(1, 2)).gives(torch.full((1, 2), 0.5))
    ### BEGIN HIDDEN TESTS
    test.matches(reference, cases=cases(x="B C"), points=3)
    test.mistakes({"the softmax runs over the batch": over_the_batch})
    ### END HIDDEN TESTS
    test.grade()

An exercise earns the sum of the points of the checks that pass. Checks without points are open
examples: if one of them fails, the exercise earns nothing and the rest is not run.
"""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any, Self

from torchgrade.check.cases import Case
from torchgrade.check.expect import (
    Check,
    Expectation,
    Tolerance,
    alike,
    banned_names,
    gives,
    matches,
    raises,
    satisfies,
)
from torchgrade.check.observe import Call, Observation, Raised, Watch, observe
from torchgrade.check.probe import probe
from torchgrade.check.report import Outcome, Report, Score, Status

# So many failing calls are looked at to tell one mistake from another.
WITNESSES = 3


class CheckFailed(AssertionError):
    """An exercise or check that does not pass, outside of a notebook."""


class Missing:
    """Stands for a name that does not exist yet."""


class Statement:
    """A call waiting for its expectation."""

    def __init__(self, owner: "Exercise", call: Call) -> None:
        self._owner = owner
        self._call = call

    def gives(
        self,
        expected: Any,
        *,
        points: float = 0.0,
        mistakes: Mapping[str, Any] | None = None,
        rtol: float | None = None,
        atol: float | None = None,
        title: str | None = None,
    ) -> "Exercise":
        """The call returns `expected`; `mistakes` maps a sentence to the wrong value it explains.

        Args:
            expected: a tensor or plain value.
            mistakes: `{"the endpoint is left out": wrong_value}`; the sentence completes "This is
                what you get when ...".
        """
        tolerance = Tolerance(rtol, atol)
        return self._add(gives(expected, tolerance), points, title, mistakes or {}, tolerance)

    def raises(
        self,
        error_type: type[BaseException],
        *,
        match: str = "",
        points: float = 0.0,
        title: str | None = None,
    ) -> "Exercise":
        """The call raises `error_type` (or a subclass), with `match` in its message."""
        title = title or f"{self._call.title} raises {error_type.__name__}"
        return self._add(raises(error_type, match), points, title)

    def satisfies(
        self,
        predicate: Callable[[Any], bool],
        says: str,
        *,
        points: float = 0.0,
        title: str | None = None,
    ) -> "Exercise":
        """The judge's `predicate(result)` is true; `says` tells the learner what should hold."""
        return self._add(satisfies(predicate, says), points, title or says)

    def _add(
        self,
        expect: Expectation,
        points: float,
        title: str | None,
        symptoms: Mapping[str, Any] | None = None,
        tolerance: Tolerance | None = None,
    ) -> "Exercise":
        return self._owner.add(
            Check(
                title=title or self._call.title,
                calls=(self._call,),
                expect=expect,
                watch=Watch(quiet=points > 0),
                points=points,
                symptoms=symptoms or {},
                tolerance=tolerance or Tolerance(),
            )
        )


class Exercise:
    """What an exercise asks, held against any subject: the learner's, a reference, a mistake."""

    def __init__(self, name: str, namespace: Mapping[str, Any]) -> None:
        self.name = name
        self.checks: list[Check] = []
        self.named_mistakes: dict[str, Any] = {}
        self.correct: dict[str, Any] = {}
        self._namespace = namespace
        self._via: Callable[..., Any] | None = None

    def on(self, *args: Any, **kwargs: Any) -> Statement:
        """Call the learner's function on these inputs; say next what it gives or raises."""
        via, self._via = self._via, None
        name = self.name if via is None else via.__name__.replace("_", " ")
        return Statement(self, Call(f"{name}{_signature(args, kwargs)}", args, kwargs, via))

    def via(self, function: Callable[..., Any]) -> Self:
        """Use a probe for the next `on(...)`: `function(subject, *inputs)` runs beside it."""
        self._via = probe(function)
        return self

    def value(self) -> Statement:
        """Look at the learner's value itself rather than call it."""
        return Statement(self, Call(self.name, via=probe(lambda subject: subject)))

    def matches(
        self,
        reference: Any,
        *,
        cases: Iterable[Case],
        points: float = 1.0,
        title: str | None = None,
        via: Callable[..., Any] | None = None,
        gradients: bool = False,
        bans: Iterable[Any] = (),
        max_operations: int | None = None,
        mutates: bool = False,
        shares: bool | None = False,
        rtol: float | None = None,
        atol: float | None = None,
    ) -> "Exercise":
        """The learner's object behaves as `reference` on every case.

        Args:
            reference: a correct function (or class, with `via`), kept on the judge's side.
            cases: from `cases(...)` and `case(...)`.
            points: earned when every case holds; 0 makes it an open example.
            via: a probe `f(subject, *inputs)` applied to the learner's object and the reference.
            gradients: compare the gradients of all floating inputs too, in float64.
            bans: torch functions (or their bare names) that must not be called.
            max_operations: the most tensor operations one call may dispatch.
            mutates: whether the inputs may change.
            shares: False: the result must not share memory with an input; True: it must; None:
                either will do.
        """
        cases = tuple(cases)
        watch = Watch(
            bans=banned_names(tuple(bans)),
            gradients=gradients,
            operations=max_operations is not None,
        )
        tolerance = Tolerance(rtol, atol)
        wrapped = probe(via) if via is not None else None
        kept = {
            "dtype": True,
            "device": True,
            "inputs unchanged": not mutates,
            "memory": shares is not None,
            "gradients": gradients,
            "bans": bool(watch.bans),
            "operations": max_operations is not None,
        }
        return self.add(
            Check(
                title=title or f"{self.name} on {len(cases)} hidden cases",
                calls=tuple(Call(c.title, c.args, c.kwargs, wrapped) for c in cases),
                expect=matches(
                    reference,
                    watch,
                    tolerance,
                    mutates=mutates,
                    shares=shares,
                    max_operations=max_operations,
                ),
                watch=watch,
                points=points,
                tolerance=tolerance,
                keeps=tuple(rule for rule, holds in kept.items() if holds),
            )
        )

    def mistakes(self, named: Mapping[str, Any]) -> "Exercise":
        """Wrong solutions, by a sentence that completes "This is what you get when ..."."""
        self.named_mistakes.update(named)
        return self

    def alternatives(self, named: Mapping[str, Any]) -> "Exercise":
        """Correct solutions written another way; `torchgrade verify` proves that they pass."""
        self.correct.update(named)
        return self

    def add(self, check: Check) -> "Exercise":
        """Append a check."""
        self.checks.append(check)
        return self

    def run(self, subject: Any) -> Report:
        """Hold `subject` against every check and report; nothing is shown."""
        if isinstance(subject, Missing):
            line = f"there is no {self.name} yet; run the cell that defines it first"
            return self._report([Outcome(self.name, "unfinished", message=(line,))])
        outcomes: list[Outcome] = []
        for check in sorted(self.checks, key=lambda check: check.points > 0):
            outcome = self._judge(check, subject)
            outcomes.append(outcome)
            if outcome.status == "unfinished" or (outcome.status == "failed" and not check.points):
                break
        return self._report(outcomes)

    def grade(self) -> Score | None:
        """Run the checks on the learner's object, show the report, return the score.

        In a notebook nothing is raised: the score is the cell's value, which shows the report and
        which nbgrader reads as partial credit; None (full marks) when only open examples were
        there and all hold.

        Raises:
            CheckFailed: outside of a notebook, when the exercise does not pass.
        """
        report = self.run(self._namespace.get(self.name, Missing()))
        if report.passed and report.max_points is None:
            _show(report)
            return None
        if not _in_notebook():
            _show(report)
        elif "NBGRADER_VALIDATING" in os.environ:
            # nbgrader's Validate shows what came on stderr, and of a value only that it is low.
            print(report.text(), file=sys.stderr)
        return Score(report)

    @property
    def max_points(self) -> float | None:
        return sum(check.points for check in self.checks) or None

    def _report(self, outcomes: list[Outcome]) -> Report:
        total = self.max_points
        earned = sum(outcome.points for outcome in outcomes)
        failed = [outcome for outcome in outcomes if outcome.status != "passed"]
        if any(not outcome.max_points for outcome in failed):
            earned = 0.0
        status: Status = "partial" if earned else "failed"
        if not failed:
            status = "passed"
        elif failed[0].status == "unfinished":
            status, earned = "unfinished", 0.0
        return Report(self.name, status, tuple(outcomes), earned if total else None, total)

    def _judge(self, check: Check, subject: Any) -> Outcome:
        failing: list[tuple[Call, Observation]] = []
        message: tuple[str, ...] = ()
        for call in check.calls:
            seen = observe(subject, call, check.watch)
            if seen.error and _is_stub(seen.error):
                line = ("not done yet",)
                return Outcome(check.title, "unfinished", max_points=check.points, message=line)
            lines = check.expect(call, seen)
            if lines and not failing:
                on = f"on {call.title}: " if call.title != check.title else ""
                message = (on + lines[0], *lines[1:])
            if lines:
                failing.append((call, seen))
            if len(failing) == WITNESSES:
                break
        if not failing:
            return Outcome(check.title, "passed", check.points, check.points)
        mistake = self._recognise(check, failing)
        return Outcome(check.title, "failed", 0.0, check.points, message, mistake)

    def _recognise(self, check: Check, failing: list[tuple[Call, Observation]]) -> str | None:
        """The named mistake that fails every failing call looked at, and in the same way."""
        for sentence, value in check.symptoms.items():
            seen = failing[0][1]
            if not seen.error and not check.tolerance.difference(value, seen.result):
                return sentence
        for sentence, wrong in self.named_mistakes.items():
            if all(_fails_alike(check, wrong, call, seen) for call, seen in failing):
                return sentence
        return None


class _Immediate(Exercise):
    """A check that is run and shown as soon as it is stated."""

    def __init__(self, subject: Any) -> None:
        super().__init__(getattr(subject, "__name__", type(subject).__name__), {})
        self._subject = subject

    def add(self, check: Check) -> Exercise:
        self.checks = [check]
        _show(self.run(self._subject))
        return self


def exercise(name: str, namespace: MutableMapping[str, Any] | None = None) -> Exercise:
    """Begin the test cell of the exercise in which the learner defines `name`.

    Args:
        name: a name in the notebook; it is looked up when the exercise is graded.
        namespace: where to look; the caller's global names by default.
    """
    return Exercise(name, sys._getframe(1).f_globals if namespace is None else namespace)


def check(subject: Any) -> Exercise:
    """Check something at hand, at once: `check(softmax).on(x).gives(y)`.

    Raises:
        CheckFailed: outside of a notebook, when it does not hold.
    """
    return _Immediate(subject)


def _fails_alike(check: Check, wrong: Any, call: Call, seen: Observation) -> bool:
    """Whether a mistake explains a failure: it fails this call too, and looks the same."""
    other = observe(wrong, call, check.watch)
    return alike(seen, other, check.tolerance) and bool(check.expect(call, other))


def _is_stub(error: Raised) -> bool:
    """Whether this is the stub's bare `raise NotImplementedError()`; torch's own have a message."""
    return error.name == "NotImplementedError" and not error.message.strip()


def _signature(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    from torchgrade.check.compare import shown
    from torchgrade.check.plain import is_plain_tensor

    def brief(value: Any) -> str:
        if is_plain_tensor(value) and value.numel() > 6:
            return f"a tensor of shape {tuple(value.shape)}"
        return shown(value)

    parts = [brief(value) for value in args]
    parts += [f"{name}={brief(value)}" for name, value in kwargs.items()]
    return f"({', '.join(parts)})"


def _shell() -> Any:
    """The IPython shell we run in, or None."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _in_notebook() -> bool:
    """Whether a front end shows rich output: a Jupyter kernel, and no terminal."""
    shell = _shell()
    return shell is not None and type(shell).__name__ != "TerminalInteractiveShell"


def _show(report: Report) -> None:
    """In a notebook, display; elsewhere print, and under no shell at all raise if it fails."""
    if _in_notebook():
        from IPython.display import display

        display(report)
        return
    print(report.text())
    if not report.passed and _shell() is None:
        raise CheckFailed(report.text())
