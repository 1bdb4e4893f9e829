"""Judging: checks held against a subject, points added up, mistakes recognised by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torchgrade.check.expect import Check, alike
from torchgrade.check.known import Known
from torchgrade.check.observe import Call, Observation, Raised, SubjectLost, observe
from torchgrade.check.report import Outcome, Report, Status

# So many failing calls are looked at to tell one mistake from another.
WITNESSES = 3


class Missing:
    """Stands for a name that does not exist yet."""


def judge(
    name: str,
    checks: Sequence[Check],
    mistakes: Mapping[str, Any],
    subject: Any,
    known: Known | None = None,
) -> Report:
    """Hold `subject`, the exercise's `name`, against the checks, open examples first.

    What is `known` of mistakes that are not here themselves names them, and changes nothing else. A
    failed open example, a stub, or code that ends its own process ends it: the rest is not run.
    """
    if isinstance(subject, Missing):
        lines = (
            f"there is no {name} yet; run the cell that defines it first",
            "If that cell shows an error (or spells the name another way), mend that first.",
        )
        return _added_up(name, checks, [Outcome(name, "unfinished", message=lines)])
    outcomes: list[Outcome] = []
    for number, check in sorted(enumerate(checks), key=lambda each: each[1].points > 0):
        try:
            outcome = _outcome(check, _Names(number, mistakes, known), subject)
        except SubjectLost as lost:
            # Like an open example that fails: whatever was earned before is forfeit.
            outcome = Outcome(check.title, "failed", message=(str(lost),))
        outcomes.append(outcome)
        if outcome.status == "unfinished" or (outcome.status == "failed" and not check.points):
            break
    return _added_up(name, checks, outcomes)


def _added_up(name: str, checks: Sequence[Check], outcomes: list[Outcome]) -> Report:
    """The points of the checks that passed; none if an open example failed."""
    total = sum(check.points for check in checks) or None
    earned = sum(outcome.points for outcome in outcomes)
    failed = [outcome for outcome in outcomes if outcome.status != "passed"]
    if any(not outcome.max_points for outcome in failed):
        earned = 0.0
    status: Status = "partial" if earned else "failed"
    if not failed:
        status = "passed"
    elif failed[0].status == "unfinished":
        status, earned = "unfinished", 0.0
    return Report(name, status, tuple(outcomes), earned if total else None, total)


@dataclass(frozen=True)
class _Names:
    """What the mistakes of an exercise are called, for its check of this number."""

    number: int
    mistakes: Mapping[str, Any]
    known: Known | None

    def of(self, check: Check, failing: Mapping[int, Observation]) -> str | None:
        """The named mistake that fails every failing call looked at, and in the same way."""
        for sentence, value in check.symptoms.items():
            seen = next(iter(failing.values()))
            if not seen.error and not check.tolerance.difference(value, seen.result):
                return sentence
        for sentence, wrong in self.mistakes.items():
            if all(_fails_alike(check, wrong, check.calls[at], failing[at]) for at in failing):
                return sentence
        return self.known.named(self.number, failing) if self.known else None


def _outcome(check: Check, names: _Names, subject: Any) -> Outcome:
    failing: dict[int, Observation] = {}
    message: tuple[str, ...] = ()
    for at, call in enumerate(check.calls):
        seen = observe(subject, call, check.watch)
        if seen.error and _is_stub(seen.error):
            lines = [
                "not done yet",
                "`raise NotImplementedError()` still runs; your code replaces it",
            ]
            return Outcome(check.title, "unfinished", max_points=check.points, message=tuple(lines))
        lines = check.expect(call, seen)
        if lines and not failing:
            on = f"on {call.title}: " if call.title != check.title else ""
            message = (on + lines[0], *lines[1:])
        if lines:
            failing[at] = seen
        if len(failing) == WITNESSES:
            break
    if not failing:
        return Outcome(check.title, "passed", check.points, check.points)
    return Outcome(check.title, "failed", 0.0, check.points, message, names.of(check, failing))


def _fails_alike(check: Check, wrong: Any, call: Call, seen: Observation) -> bool:
    """Whether a mistake explains a failure: it fails this call too, and looks the same."""
    other = observe(wrong, call, check.watch)
    return alike(seen, other, check.tolerance) and bool(check.expect(call, other))


def _is_stub(error: Raised) -> bool:
    """Whether this is the stub's bare `raise NotImplementedError()`; torch's own have a message."""
    return error.name == "NotImplementedError" and not error.message.strip()
