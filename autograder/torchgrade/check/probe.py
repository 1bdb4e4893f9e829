"""Probes: small functions of a test cell that run beside the learner's code.

A probe is given the learner's object and inputs, never an expected value, and returns plain data.
It expresses what a single call with tensors cannot: a spy, a callback, a pretended device, a
module that is built, loaded, called and asked for its parameters.
"""

import builtins
import dis
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def itself(subject: Any) -> Any:
    """The probe that looks at a value rather than calls it."""
    return subject


class ImpureProbe(ValueError):
    """A probe that reaches for something the learner's side does not have."""


def _globals_read(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_read(constant)


def probe(function: F) -> F:
    """Mark `function(subject, *inputs)` as a probe and prove that it stands alone.

    It may use builtins, imported modules and what it imports itself; no other name of the
    notebook, no enclosing variable: at grading time it runs in another process, where the test
    cell's names do not exist. torchgrade's own probes can be imported there and stand as they are.

    Raises:
        ImpureProbe: it uses a name that would not be there; the message names it.
    """
    if not isinstance(function, FunctionType):
        raise ImpureProbe(f"a probe is a function written with def or lambda, not {function!r}.")
    home = function.__module__ or ""  # None in a cell that was run by `exec` alone
    if home.partition(".")[0] == __name__.partition(".")[0]:
        return function  # Ours: importable on the learner's side as it is.
    name = function.__name__
    if function.__code__.co_freevars:
        free = ", ".join(function.__code__.co_freevars)
        raise ImpureProbe(f"probe {name} uses the enclosing {free}; pass it as an input.")
    for used in _globals_read(function.__code__):
        if hasattr(builtins, used):
            continue
        if used in function.__globals__ and isinstance(function.__globals__[used], ModuleType):
            continue
        raise ImpureProbe(
            f"probe {name} uses the notebook's {used}; pass it as an input or import it inside."
        )
    return function
