"""`torchgrade run LESSON`: a learner's own grades, with every test that is at hand."""

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from torchgrade.engine.fork_server import spawn_ahead
from torchgrade.grading.events import Event, Grader
from torchgrade.grading.serve import serve
from torchgrade.grading.terminal import Terminal

INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `torchgrade run`."""
    parser.add_argument("lesson", nargs="?", type=Path, metavar="LESSON", help="a notebook")
    parser.add_argument(
        "--source",
        type=Path,
        metavar="PATH",
        help="the source notebook with the hidden tests, or the folder of all of them "
        "(default: $TORCHGRADE_SOURCE, else source/ of the course around the notebook)",
    )
    parser.add_argument(
        "--device",
        default="cpu",
        help="cpu (default), cuda, or auto: an accelerator if there is one",
    )
    parser.add_argument(
        "--unprotected",
        action="store_true",
        help="grade also where this machine cannot keep code in; for code of your own",
    )
    parser.add_argument(
        "--events", action="store_true", help="print each event as one line of JSON, as it happens"
    )
    parser.add_argument(
        "--serve",
        action="store_true",
        help='grade what standard input names, one {"lesson": path} a line, and print the events',
    )


def run(arguments: argparse.Namespace) -> int:
    """Grade; 0 when every exercise passes, 1 when not, 2 when there are no grades."""
    if (arguments.lesson is None) != arguments.serve:
        print("torchgrade run: name one lesson, such as 06_broadcasting.ipynb", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _leave)
    spawn_ahead()  # it imports torch while we read the notebook
    with Grader(unprotected=arguments.unprotected, device=arguments.device) as grader:
        try:
            if arguments.serve:
                stream = _own_output()
                serve(grader, sys.stdin, lambda event: _write(stream, event), arguments.source)
                return 0
            if arguments.events:
                told = Verdict(_own_output())
                grader.grade(arguments.lesson, told.hear, arguments.source)
                return told.status
            with Terminal() as terminal:
                grader.grade(arguments.lesson, terminal.hear, arguments.source)
            return terminal.show()
        except KeyboardInterrupt:
            print("\nInterrupted; nothing is left running.", file=sys.stderr)
            return INTERRUPTED
        except BrokenPipeError:  # nobody listens any more
            return INTERRUPTED


class Verdict:
    """Writes events to a stream and keeps the exit status that they come to."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.status = 0

    def hear(self, event: Event) -> None:
        """Write one event."""
        if event["event"] == "failed":
            self.status = 2
        elif event["event"] == "test" and event["status"] != "passed":
            self.status = 1
        _write(self._stream, event)


def _write(stream: TextIO, event: Event) -> None:
    stream.write(json.dumps(event) + "\n")
    stream.flush()


def _own_output() -> TextIO:
    """Return standard output, and send what else is printed in this process tree to stderr."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return stream


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """End as an exception does, so that the engine and its processes end too."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)
