"""Showing a report where the learner is: in a notebook, in a terminal, under pytest."""

import os
import sys
from typing import Any

from torchgrade.check.report import Report, Score


class CheckFailed(AssertionError):
    """An exercise or check that does not pass, outside of a notebook."""


def present(report: Report) -> Score | None:
    """Show the report of a test cell and return the cell's value: None, or points that show it.

    Raises:
        CheckFailed: outside of IPython, when the exercise does not pass.
    """
    if report.passed and report.max_points is None:
        show(report)
        return None
    if not _in_notebook():
        show(report)
    elif "NBGRADER_VALIDATING" in os.environ:
        # nbgrader's Validate shows what came on stderr, and of a value only that it is low.
        print(report.text(), file=sys.stderr)
    return Score(report)


def _shell() -> Any:
    """The IPython shell we run in, or None."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _in_notebook() -> bool:
    """Whether a front end shows rich output: a Jupyter kernel, and no terminal."""
    shell = _shell()
    return shell is not None and type(shell).__name__ != "TerminalInteractiveShell"


def show(report: Report) -> None:
    """In a notebook, display; elsewhere print, and under no shell at all raise if it fails."""
    if _in_notebook():
        from IPython.display import display

        display(report)
        return
    print(report.text())
    if not report.passed and _shell() is None:
        raise CheckFailed(report.text())
