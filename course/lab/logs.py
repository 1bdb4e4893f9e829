"""Running noisy programs quietly: their output goes to a log, whose end is shown when they fail."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from course.lab.console import Problem

TAIL = 15
WIDTH = 160
PROMPT = "\n$ "
AGAIN = "Run the command again: it goes on where it stopped."
MEND_FULL = f"Free 3 GB or more. {AGAIN}"

MENDS = (
    (
        r"No space left on device|ENOSPC|not enough space",
        f"The disk is full. {MEND_FULL}",
    ),
    (
        r"name resolution|getaddrinfo|NewConnectionError|ENOTFOUND|ETIMEDOUT|ECONNREFUSED|timed out"
        r"|ProxyError|SSLError|No address associated",
        f"The network did not answer, and the first start downloads packages. {AGAIN}",
    ),
    (r"Permission denied|EACCES", "Make sure that you own this folder and everything in it."),
)


def run_logged(
    command: Sequence[str], log: Path, cwd: Path, variables: Mapping[str, str] | None
) -> None:
    """Run `command` with its output appended to `log`.

    Raises Problem, with the last lines and the likely mend, when the exit status is not zero or
    the program cannot be started.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8", errors="replace") as output:
        output.write(f"{PROMPT}{' '.join(command)}\n")
        output.flush()
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=None if variables is None else dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise Problem(f"{command[0]} could not be started: {error}.") from error
        try:
            status = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if status:
        raise failure(command, status, log)


def failure(command: Sequence[str], status: int, log: Path) -> Problem:
    """Describe a failed command by the end of its log."""
    lines = tail(log)
    text = "\n".join(lines)
    mend = next((mend for pattern, mend in MENDS if re.search(pattern, text)), "")
    if not mend and "No matching distribution" in text and sys.version_info >= (3, 15):
        mend = "This Python may be too new for the pinned packages: 3.11 to 3.14 are known to work."
    shown = "\n".join(f"  | {line}" for line in lines)
    name = " ".join([Path(command[0]).name, *command[1:4]])
    if command[1:2] == ["-c"]:
        # What a program text imports says more to the reader than the text.
        imported = re.search(r"from (?:\w+\.)*(\w+) import", command[2])
        name = " ".join([imported[1] if imported else "python", *command[3:6]])
    return Problem(
        f"`{name} ...` failed (exit status {status}). The end of {log}:",
        f"{shown}\n{mend or AGAIN}",
    )


def tail(log: Path, count: int = TAIL) -> list[str]:
    """Return the last `count` lines, cut to WIDTH, that the last command in `log` wrote."""
    text = log.read_text(encoding="utf-8", errors="replace")
    lines = text.rpartition(PROMPT)[2].splitlines()[1:]
    return [line.rstrip()[:WIDTH] for line in lines if line.strip()][-count:]
