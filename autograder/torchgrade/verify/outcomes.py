"""What a worker does for a student version: run each named mistake on the open examples.

A test cell runs here as it does in front of the judge: with the names it takes from the cells
above, and nothing else of the notebook. So no demonstration is run, and nobody is graded.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from torchgrade.check.exercise import Exercise
from torchgrade.check.expect import Check
from torchgrade.check.fingerprint import firm, forms
from torchgrade.check.known import Known
from torchgrade.check.observe import Call, Observation, observe
from torchgrade.verify.session import Session

Send = Callable[[dict[str, Any]], None]
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")


class CannotRun(Exception):
    """A test cell does not come to an exercise; the message says why."""


def run_mistakes(job: dict[str, Any], send: Send) -> None:
    """Send `{"known": {grade id: metadata}, "failed": {label: why}}`.

    Each of the job's cells has a `label`, a `grade_id`, a `salt`, the `variable` of its exercise,
    and as source what it takes from cells above (`given`), its open part (`shown`) and all of it
    (`whole`).
    """
    os.environ["TORCHGRADE_DEVICE"] = job["device"]
    os.chdir(job["folder"])
    sys.path.insert(0, "")
    session = Session()
    before = dict(session.names)
    result: dict[str, Any] = {"event": "result", "known": {}, "failed": {}}
    for cell in job["cells"]:
        send({"event": "step", "cell": cell["label"], "doing": "running its named mistakes"})
        session.names.clear()
        session.names.update(before)
        try:
            session.run(cell["given"])
            shown, whole = (_exercise(session, cell, part) for part in ("shown", "whole"))
        except CannotRun as error:
            result["failed"][cell["label"]] = str(error)
            continue
        right = session.names.get(shown.name)  # the cells above hold the solution
        known = known_of(shown.checks, whole.named_mistakes, cell["salt"], right)
        if known.outcomes:
            result["known"][cell["grade_id"]] = known.metadata()
    send(result)


def _exercise(session: Session, cell: Mapping[str, Any], part: str) -> Exercise:
    ran = session.run(cell[part])
    found = session.names.get(cell["variable"])
    if ran.error is not None or not isinstance(found, Exercise):
        raise CannotRun(ran.error_line or f"{cell['variable']} is no exercise")
    return found


def known_of(
    checks: list[Check], mistakes: Mapping[str, Any], salt: str, right: Any = None
) -> Known:
    """What mistakes come to on the calls of checks.

    Left out is what says nothing: an outcome that is right, that the check names itself, that an
    earlier mistake has as well, or that is another one each time; and one so close to what `right`,
    the solution, comes to that another answer's rounding would be taken for it.
    """
    known = Known(salt)
    for number, check in enumerate(checks):
        for at, call in enumerate(check.calls):
            near = forms(observe(right, call, check.watch)) if right is not None else []
            for order, (sentence, wrong) in enumerate(mistakes.items()):
                seen = observe(wrong, call, check.watch)
                told = len(check.calls) == 1 and known.named(number, {at: seen}) is not None
                if (
                    not told
                    and _says_something(check, call, seen)
                    and not {form.text for form in near} & {form.text for form in firm(seen)}
                    and _stays(seen, wrong, call, check)
                ):
                    known.learn(number, at, seen, order, sentence)
    return known


def _says_something(check: Check, call: Call, seen: Observation) -> bool:
    try:
        if not check.expect(call, seen):
            return False
    except Exception:  # the author's predicate, on a result that it did not expect
        return False
    return seen.error is not None or all(
        check.tolerance.difference(value, seen.result) for value in check.symptoms.values()
    )


def _stays(seen: Observation, wrong: Any, call: Call, check: Check) -> bool:
    """Whether the mistake comes to the same each time, here and elsewhere."""
    if seen.error is not None and ADDRESS.search(seen.error.message):
        return False
    again = observe(wrong, call, check.watch)
    return firm(seen) == firm(again)
