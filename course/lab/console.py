"""What the command says: numbered steps with their seconds, one clear message when one fails."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Problem(Exception):
    """Something that the person at the keyboard can mend.

    `message` says in one sentence what is wrong, `mend` what to do about it.
    """

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return "\n     ".join(f"lab: {self.message}\n{self.mend}".rstrip().splitlines())


def say(line: str = "") -> None:
    """Print one line at once, also when the output goes to a file."""
    print(line, flush=True)


def seconds(duration: float) -> str:
    """Write a duration in seconds the way that people read it: "0.4 s", "12 s", "3 min 05 s"."""
    if duration < 9.95:
        return f"{duration:.1f} s"
    if duration < 119.5:
        return f"{duration:.0f} s"
    return f"{int(duration + 0.5) // 60} min {int(duration + 0.5) % 60:02d} s"


@contextmanager
def step(number: int, total: int, title: str) -> Iterator[None]:
    """Announce a step, count its seconds on a terminal, and close its line when it is done."""
    label = f"[{number}/{total}] {title}"
    start = time.monotonic()
    live = sys.stdout.isatty()
    done = threading.Event()

    def tick() -> None:
        while not done.wait(1):
            print(f"\r{label} ... {seconds(time.monotonic() - start)}  ", end="", flush=True)

    print(f"{label} ...", end="", flush=True)
    ticker = threading.Thread(target=tick, daemon=True)
    if live:
        ticker.start()
    outcome = "stopped"
    try:
        yield
        outcome = "done"
    finally:
        done.set()
        if live:
            ticker.join()
            print(f"\r{label} ...", end="")
        print(f" {outcome}, {seconds(time.monotonic() - start)}   ", flush=True)
