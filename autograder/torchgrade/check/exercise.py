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

import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any, Self

from torchgrade.check.cases import Case
from torchgrade.check.compare import shown
from torchgrade.check.expect import (
    Check,
    Expectation,
    Tolerance,
    banned_names,
    gives,
    matches,
    raises,
    satisfies,
)
from torchgrade.check.judge import Missing, judge
from torchgrade.check.known import Known, carried
from torchgrade.check.observe import Call, Observation, Watch, observe
from torchgrade.check.plain import is_plain_tensor
from torchgrade.check.probe import itself, probe
from torchgrade.check.report import Report, Score
from torchgrade.check.show import present, show

# Where the learner's code runs in another process, its namespace holds this name: a function from
# the name of an exercise to a subject that answers `observe`, or to `Missing()`.
SUBJECTS = "__torchgrade_subjects__"


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

    def __init__(self, name: str, namespace: MutableMapping[str, Any]) -> None:
        self.name = name
        self.checks: list[Check] = []
        self.named_mistakes: dict[str, Any] = {}
        self.correct: dict[str, Any] = {}
        self._namespace = namespace
        self._before = dict(namespace)  # the learner's names, before the test cell makes its own
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
        return Statement(self, Call(self.name, via=itself))

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

    @property
    def max_points(self) -> float | None:
        """What the exercise is worth; None with open examples alone."""
        return sum(check.points for check in self.checks) or None

    def add(self, check: Check) -> "Exercise":
        """Append a check."""
        self.checks.append(check)
        return self

    def run(self, subject: Any, known: Known | None = None) -> Report:
        """Hold `subject` against every check and report; nothing is shown."""
        return judge(self.name, self.checks, self.named_mistakes, subject, known)

    def grade(self) -> Score | None:
        """Run the checks on the learner's object, show the report, return the score.

        In a notebook nothing is raised: the score is the cell's value, which shows the report and
        which nbgrader reads as partial credit; None (full marks) when only open examples were
        there and all hold.

        Raises:
            CheckFailed: outside of a notebook, when the exercise does not pass.
        """
        # A student version has no mistakes, and carries what they come to.
        known = None if self.named_mistakes else carried()
        return present(self.run(self._learners(), known))

    def _learners(self) -> Any:
        elsewhere = self._namespace.get(SUBJECTS)
        if elsewhere is not None:
            return elsewhere(self.name)
        names, before = self._namespace, self._before
        self._before = {}  # keeps nothing of the learner's alive
        subject = names.get(self.name, Missing())
        taken = {name: it for name, it in before.items() if names.get(name, it) is not it}
        taken.pop(self.name, None)
        return subject if isinstance(subject, Missing) else _Undisturbed(subject, names, taken)


class _Undisturbed:
    """The learner's object, which finds its own helpers where the test cell has taken their names.

    A hidden test that defines `mean` would otherwise replace the learner's `mean` below a function
    that calls it, and no learner could see why it fails.
    """

    def __init__(self, subject: Any, names: MutableMapping[str, Any], taken: Any) -> None:
        self._subject, self._names, self._taken = subject, names, taken

    def __torchgrade_observe__(self, call: Call, watch: Watch) -> Observation:
        tests = {name: self._names[name] for name in self._taken}
        self._names.update(self._taken)
        try:
            return observe(self._subject, call, watch)
        finally:
            self._names.update(tests)


class _Immediate(Exercise):
    """A check that is run and shown as soon as it is stated."""

    def __init__(self, subject: Any) -> None:
        super().__init__(getattr(subject, "__name__", type(subject).__name__), {})
        self._subject = subject

    def add(self, check: Check) -> Exercise:
        self.checks = [check]
        show(self.run(self._subject))
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


def _signature(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    def brief(value: Any) -> str:
        if is_plain_tensor(value) and value.numel() > 6:
            return f"a tensor of shape {tuple(value.shape)}"
        return shown(value)

    parts = [brief(value) for value in args]
    parts += [f"{name}={brief(value)}" for name, value in kwargs.items()]
    return f"({', '.join(parts)})"
