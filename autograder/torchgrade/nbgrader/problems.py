"""Errors for people: what is wrong, where, and how to mend it, without a wall of frames."""

import logging
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One fault of a notebook: the file, the cell (empty for the file as a whole), and the mend."""

    notebook: str
    cell: str
    what: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.notebook}, {self.cell}" if self.cell else self.notebook
        return f"{place}: {self.what}. {self.mend}."


class PlainError(Exception):
    """An error whose message is complete: nobody is helped by the frames that led to it.

    Other packages may mark their own exceptions with a true `plain_message`; they are shown the
    same way.
    """

    plain_message = True


class NotebookProblems(PlainError):
    """A notebook breaks rules; `problems` lists each, `str()` shows one a line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class PlainErrors(logging.Filter):
    """Replaces the traceback that nbgrader logs for a `PlainError` by the error's own message."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = sys.exc_info()[1]
        if (
            error is not None
            and getattr(error, "plain_message", False)
            and record.getMessage().startswith("Traceback ")
        ):
            record.msg, record.args = str(error), ()
        return True
