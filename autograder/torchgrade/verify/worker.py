"""The process in which lessons run: `python -m torchgrade.verify.worker`.

It reads one job a line from standard input and answers with lines of JSON on standard output. With
torch imported once, it forks a child for each job where the system can; elsewhere one process runs
one job (`--once`). It computes on one thread before it forks: a child of a process that has run
parallel operations hangs in its own first one.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from typing import Any, TextIO

import torch

from torchgrade.verify.jobs import run_job

Send = Callable[[dict[str, Any]], None]


def main() -> int:
    """Answer jobs until standard input ends."""
    torch.set_num_threads(1)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    jobs = os.fdopen(os.dup(0), encoding="utf-8")
    with open(os.devnull, "r+b") as nothing:
        # What a lesson prints past Python, or reads, is no part of the protocol.
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
    once = "--once" in sys.argv
    for line in jobs:
        if once:
            _work(json.loads(line), answers)
            return 0
        _in_child(json.loads(line), answers)
    return 0


def _in_child(job: dict[str, Any], answers: TextIO) -> None:
    with tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.dup2(stderr.fileno(), 2)
                _work(job, answers)
                status = 0
            finally:
                # Straight out: the parent's exit handlers are not the child's.
                os._exit(status)
        _, state = os.waitpid(child, 0)
        stderr.seek(0)
        last = stderr.read()[-2000:].decode("utf-8", "replace")
    _say(answers, {"event": "ended", "code": os.waitstatus_to_exitcode(state), "stderr": last})


def _work(job: dict[str, Any], answers: TextIO) -> None:
    _say(answers, {"event": "started", "pid": os.getpid()})
    run_job(job, lambda event: _say(answers, event))


def _say(answers: TextIO, event: dict[str, Any]) -> None:
    answers.write(json.dumps(event) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
