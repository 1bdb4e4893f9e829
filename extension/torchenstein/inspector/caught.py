"""Errors that a check caught in the learner's function: explained while their traceback is there.

The cell of a check does not fail, so Python has no last error to look at; torchgrade tells us.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .survey import current_shell

if TYPE_CHECKING:
    from ..explain import Explanation

# One function, called again and again, mostly fails in one way.
MOST = 4


class Caught:
    """The explanations of the errors that checks caught in the cell that ran last."""

    def __init__(self) -> None:
        self._cell: int | None = None
        self._found: dict[str, Explanation | None] = {}

    def note(self, error: BaseException) -> None:
        """What torchgrade calls for every error; keeps text and numbers alone."""
        shell: Any = current_shell()
        cell = None if shell is None else shell.execution_count
        if cell != self._cell:
            self._cell, self._found = cell, {}
        text = _text(error)
        # Loaded at the first failure: some sessions have none.
        from ..explain import explain

        if text not in self._found and len(self._found) < MOST:
            self._found[text] = explain(error)

    def explanation(self, told: str) -> Explanation | None:
        """Of the error that a report tells in these words, which its class and first line end."""
        return next((found for text, found in self._found.items() if told.endswith(text)), None)


_caught = Caught()


def listen() -> None:
    """Be told from now on, if the kernel has imported torchgrade by now."""
    observe = sys.modules.get("torchgrade.check.observe")
    listeners = getattr(observe, "listeners", None)
    if type(listeners) is list and _caught.note not in listeners:
        listeners.append(_caught.note)


def caught(told: str) -> Explanation | None:
    """The explanation of an error that the last check caught; `told` as its report has it."""
    return _caught.explanation(told)


def _text(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    name = type(error).__name__
    return f"{name}: {lines[0]}" if lines else name
