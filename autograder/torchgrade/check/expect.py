"""The judge's side of a check: expectations, held against observations."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from torchgrade.check.compare import ACCELERATOR_SLACK, difference, kind, shown
from torchgrade.check.device import device
from torchgrade.check.observe import Call, Observation, Raised, Watch, observe
from torchgrade.check.watch import function_name

# An expectation takes the call and what was seen of it, and returns the lines that say what is
# wrong; no lines means that it holds.
Expectation = Callable[[Call, Observation], list[str]]


@dataclass(frozen=True)
class Tolerance:
    """Overrides of the default tolerances; None keeps the dtype's own."""

    rtol: float | None = None
    atol: float | None = None

    def difference(self, expected: Any, got: Any) -> list[str]:
        slack = 1.0 if device().type == "cpu" else ACCELERATOR_SLACK
        return difference(expected, got, rtol=self.rtol, atol=self.atol, slack=slack)


@dataclass(frozen=True)
class Check:
    """One check of an exercise: calls, what to watch, what to expect, what it is worth.

    `symptoms` are wrong results with the sentence that explains each (for open examples);
    `keeps` names the rules that every call must keep besides its own outcome.
    """

    title: str
    calls: tuple[Call, ...]
    expect: Expectation
    watch: Watch = field(default_factory=Watch)
    points: float = 0.0
    symptoms: Mapping[str, Any] = field(default_factory=dict)
    tolerance: Tolerance = field(default_factory=Tolerance)
    keeps: tuple[str, ...] = ()


def told(error: Raised) -> list[str]:
    """An exception as lines for the learner."""
    if error.name == "NotPlain":
        if error.message.endswith("Error"):
            return [error.message + "; an exception is raised, not returned"]
        return [error.message + "; a tensor or plain Python value was expected"]
    first = error.message.strip().splitlines()[0] if error.message.strip() else ""
    lines = [f"it raised {error.name}: {first}" if first else f"it raised {error.name}"]
    if error.line:
        lines.append(f"in your line: {error.line}")
    return lines


def gives(expected: Any, tolerance: Tolerance) -> Expectation:
    """The call returns `expected`."""

    def judge(call: Call, seen: Observation) -> list[str]:
        if seen.error:
            return told(seen.error)
        return tolerance.difference(_settled(expected), seen.result)

    return judge


def raises(error_type: type[BaseException], match: str) -> Expectation:
    """The call raises `error_type`, with `match` somewhere in its message."""

    def judge(call: Call, seen: Observation) -> list[str]:
        if seen.error is None:
            return [f"expected {error_type.__name__}, got {shown(seen.result)}"]
        if error_type.__name__ not in seen.error.types:
            return [f"expected {error_type.__name__}", *told(seen.error)]
        if match.lower() not in seen.error.message.lower():
            return [f"the message of the {error_type.__name__} should mention {match!r}"]
        return []

    return judge


def satisfies(predicate: Callable[[Any], bool], says: str) -> Expectation:
    """The result fulfils a predicate of the judge; `says` tells what should hold."""

    def judge(call: Call, seen: Observation) -> list[str]:
        if seen.error:
            return told(seen.error)
        try:
            holds = bool(predicate(seen.result))
        except Exception:
            # The predicate expects a result of another kind; what came is told below.
            holds = False
        return [] if holds else [says, f"got {shown(seen.result)}"]

    return judge


def matches(
    reference: Any,
    watch: Watch,
    tolerance: Tolerance,
    *,
    mutates: bool,
    shares: bool | None,
    max_operations: int | None,
) -> Expectation:
    """The call behaves as `reference` does on the same inputs, and keeps the rules given."""

    def judge(call: Call, seen: Observation) -> list[str]:
        wanted = observe(reference, call, Watch(gradients=watch.gradients))
        if wanted.error:
            return _same_error(wanted.error, seen)
        if seen.error:
            return told(seen.error)
        lines = tolerance.difference(wanted.result, seen.result)
        lines = lines or ([seen.distrust] if seen.distrust else [])
        lines = lines or _same_devices(wanted, seen)
        if not lines and not mutates and seen.mutated:
            lines = [f"it changed {seen.mutated[0]}; the input must stay as it was"]
        if not lines and shares is False and seen.shares:
            lines = [f"the result shares memory with {seen.shares[0]}; it must be its own"]
        if not lines and shares is True and not seen.shares:
            lines = ["the result must be a view of its input; it is a copy"]
        # A function that is not allowed explains a missing gradient better than the gradient does.
        lines = lines or _kept_rules(seen, max_operations)
        if not lines and watch.gradients:
            lines = _same_gradients(wanted, seen)
        return lines

    return judge


def _kept_rules(seen: Observation, max_operations: int | None) -> list[str]:
    if seen.banned:
        return [f"this exercise is to be solved without {', '.join(seen.banned)}"]
    if max_operations is not None and (seen.operations or 0) > max_operations:
        return [
            f"it took {seen.operations} tensor operations; {max_operations} are enough "
            "(is there a Python loop over elements?)"
        ]
    return []


def _same_error(wanted: Raised, seen: Observation) -> list[str]:
    if seen.error is None:
        return [f"expected {wanted.name}, got {kind(seen.result)}"]
    if wanted.name not in seen.error.types:
        return [f"expected {wanted.name}", *told(seen.error)]
    return []


def _same_devices(wanted: Observation, seen: Observation) -> list[str]:
    for path, facts in wanted.facts.items():
        got = seen.facts.get(path)
        if got is not None and got.device != facts.device:
            return [f"expected a tensor on {facts.device}, got one on {got.device}"]
    return []


def _same_gradients(wanted: Observation, seen: Observation) -> list[str]:
    for name, slope in (wanted.gradients or {}).items():
        got = (seen.gradients or {}).get(name)
        if slope is None:
            continue
        if got is None and seen.no_gradient:
            what, *where = told(seen.no_gradient)
            return [f"called with float64 inputs to find its gradient, {what}", *where]
        if got is None:
            return [f"no gradient reaches {name} (is the result detached?)"]
        lines = difference(slope, got, rtol=1e-6, atol=1e-8)
        if lines:
            if not difference(slope, got, rtol=1e-4, atol=1e-6):
                lines.append(
                    "so small a difference is float32's: does the dtype change on the way?"
                )
            return [f"the values agree, but the gradient of {name} does not", *lines]
    return []


def alike(one: Observation, other: Observation, tolerance: Tolerance) -> bool:
    """Whether two observations could come from the same code: how a named mistake is known."""
    if (one.error is None) != (other.error is None):
        return False
    if one.error and other.error:
        return _same_cause(one.error, other.error)
    if tolerance.difference(one.result, other.result):
        return False
    if (one.mutated, one.banned) != (other.mutated, other.banned):
        return False
    if bool(one.shares) != bool(other.shares):
        return False
    mine, theirs = one.gradients or {}, other.gradients or {}
    return all(
        (slope is None) == (theirs.get(name) is None)
        and (slope is None or not difference(slope, theirs[name], rtol=1e-6, atol=1e-8))
        for name, slope in mine.items()
    )


# Alone in its line, or behind the colon of a short `if`.
_RAISE = re.compile(r"(^|: *)raise ")


def _same_cause(one: Raised, other: Raised) -> bool:
    """Two errors of one type may have nothing in common but that; a `raise` was worded by hand."""
    if one.name != other.name:
        return False
    return one.message == other.message or (raised_by_hand(one) and raised_by_hand(other))


def raised_by_hand(error: Raised) -> bool:
    """Whether the line that it came from is a `raise`, so that its words are the author's own."""
    return _RAISE.search(error.line) is not None


def banned_names(bans: tuple[Any, ...]) -> tuple[str, ...]:
    """Functions or names, as the bare names that are watched for."""
    return tuple(function_name(ban) for ban in bans)


def _settled(value: Any) -> Any:
    return value.detach().cpu() if isinstance(value, torch.Tensor) else value
