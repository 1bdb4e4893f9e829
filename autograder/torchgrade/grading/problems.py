"""Errors of grading: each message says what is wrong, where, and what to do."""

import errno
import shutil

from torchgrade.nbgrader.problems import PlainError

AGAIN = "then run the same command again; what was computed is kept."


class GradingStopped(PlainError):
    """Grading cannot go on; nothing is lost, and the message says how to go on."""


class WrongUse(PlainError):
    """The command line asks for something that is not there."""


class NotGraded(PlainError):
    """One submission cannot be graded; the others go on."""


def stopped_by(error: BaseException) -> GradingStopped | None:
    """Say why no submission can be graded after this error; None when it concerns only one."""
    if isinstance(error, GradingStopped):
        return error
    reason = str(error)
    if isinstance(error, shutil.Error) and isinstance(error.args[0], list):
        reason = error.args[0][0][2]  # copying a folder tells of each file: (from, to, why)
    full = [f"[Errno {number}]" for number in (errno.ENOSPC, errno.EDQUOT)]
    if isinstance(error, OSError) and reason.startswith(tuple(full)):
        return GradingStopped(f"The disk is full ({reason}). Make room, {AGAIN}")
    if "disk is full" in reason:  # SQLite's words
        return GradingStopped(f"The gradebook's disk is full. Make room, {AGAIN}")
    if isinstance(error, OSError) and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return GradingStopped(
            f"A file or folder may not be used: {reason}. Mend its rights, {AGAIN}"
        )
    return None
