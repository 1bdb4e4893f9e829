"""From an exception to its Explanation."""

from __future__ import annotations

import sys
from dataclasses import replace

from ..inspector.survey import loaded_torch
from ..translation import _
from .failed import Failed, failed
from .families import FAMILIES
from .finding import Finding, listed
from .model import Explanation, Operand
from .shadow import on_shapes

# torch raises these for the failures explained here; KeyError, NameError and others are Python's.
TORCHS = (RuntimeError, ValueError, IndexError, TypeError, AssertionError)
LONGEST_MESSAGE = 2000
FACTS = ("dtype", "device")


def explain(error: BaseException) -> Explanation | None:
    """Why the operation that raised `error` failed; None where there is nothing sure to say.

    Runs no line of the learner's, reads no element of a tensor, and keeps nothing alive.
    """
    torch = loaded_torch()
    # Exactly these: a learner's own kind of error has its own reasons.
    if torch is None or type(error) not in (*TORCHS, NotImplementedError):
        return None
    with on_shapes(torch):
        operation = failed(torch, error)
        if operation is None:
            return None
        try:
            for name, pattern, family in FAMILIES:
                match = pattern.search(operation.message)
                finding = family(operation, match) if match else None
                if finding is not None:
                    return _explanation(error, name, operation, finding)
        finally:
            # Its parts hold it, and it holds frames: apart, they go at once.
            vars(operation).clear()
    return None


def last_error() -> BaseException | None:
    """The exception that Python last reported; IPython keeps it up to date."""
    found = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    return found if isinstance(found, BaseException) else None


def _explanation(
    error: BaseException, family: str, operation: Failed, finding: Finding
) -> Explanation:
    function = operation.step.function
    clash = finding.clash
    if clash is not None and clash.sentence in finding.summary:
        # Nobody wants to read the same twice: the bare facts instead.
        clash = replace(clash, sentence=_facts(clash.rule, finding.operands))
    return Explanation(
        error=type(error).__name__,
        message=operation.message[:LONGEST_MESSAGE],
        family=family,
        summary=finding.summary,
        expression=operation.expression,
        place=operation.source.place(operation.node),
        function=None if function == "<module>" else function,
        layer=operation.layer,
        operands=finding.operands,
        clash=clash,
        fixes=finding.fixes,
    )


def _facts(rule: str, operands: tuple[Operand, ...]) -> str:
    facts = [
        _(
            "{name} is {fact}",
            name=operand.text,
            fact=getattr(operand, rule) if rule in FACTS else listed(operand.shape),
        )
        for operand in operands
    ]
    return ", ".join(facts) + "." if facts else ""
