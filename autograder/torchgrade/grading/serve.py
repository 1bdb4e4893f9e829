"""Grading on request, for a server that keeps the engine warm between two presses of a button."""

import json
import os
import signal
import threading
from collections.abc import Iterable
from pathlib import Path
from queue import SimpleQueue

from torchgrade.grading.events import Grader, Hear


def serve(grader: Grader, requests: Iterable[str], hear: Hear, source: Path | None = None) -> None:
    """Grade each requested lesson (a line of JSON: `{"lesson": path}`) until this process ends.

    The end of `requests` ends the process, also in the middle of a lesson: whoever asked has gone.
    """
    waiting: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_read, args=(requests, waiting), daemon=True).start()
    while True:
        lesson = Path(json.loads(waiting.get())["lesson"])
        grader.grade(lesson, hear, source)


def _read(requests: Iterable[str], waiting: "SimpleQueue[str]") -> None:
    for line in requests:
        waiting.put(line)
    if hasattr(signal, "pthread_kill"):
        # To the main thread itself, which may be waiting for the engine.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    else:
        os.kill(os.getpid(), signal.SIGTERM)
