"""What a person sees meanwhile: a bar in a terminal, now and then a line elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from torchgrade.grading.outcome import Listener

EVERY_SECONDS = 30.0
EVERY_SHARE = 0.1


@contextmanager
def listening(console: Console) -> Iterator[Listener]:
    """Show how grading goes on."""
    if not console.is_terminal:
        yield Lines(console)
        return
    with Progress(
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.0f}/min"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]} failed"),
        console=console,
    ) as progress:
        yield Bar(progress)


class Count:
    """How many submissions are through, how many of them failed, and how fast."""

    def __init__(self) -> None:
        self.all = self.through = self.failures = 0
        self.begun = time.monotonic()

    @property
    def rate(self) -> float:
        """Submissions a minute."""
        return 60 * self.through / max(time.monotonic() - self.begun, 1e-9)


class Bar:
    """A bar with number, rate, time left and failures."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._count = progress, Count()
        self._task = progress.add_task("", total=None, rate=0.0, failed=0)

    def total(self, submissions: int) -> None:
        """Take in how many there are."""
        self._progress.update(self._task, total=submissions)

    def graded(self, student: str) -> None:
        """Take in that one is done."""
        self._count.through += 1
        self._show()

    def failed(self, student: str) -> None:
        """Take in that one is not graded."""
        self._count.through += 1
        self._count.failures += 1
        self._show()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(text, markup=False, highlight=False)

    def _show(self) -> None:
        count = self._count
        self._progress.update(
            self._task, completed=count.through, rate=count.rate, failed=count.failures
        )


class Lines:
    """A line every tenth of the way or every half minute, whichever comes first."""

    def __init__(self, console: Console) -> None:
        self._console, self._count = console, Count()
        self._said_at, self._said_through = time.monotonic(), 0

    def total(self, submissions: int) -> None:
        """Take in how many there are."""
        self._count.all = submissions

    def graded(self, student: str) -> None:
        """Take in that one is done."""
        self._count.through += 1
        self._show()

    def failed(self, student: str) -> None:
        """Take in that one is not graded."""
        self._count.through += 1
        self._count.failures += 1
        self._show()

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, markup=False, highlight=False)

    def _show(self) -> None:
        count, now = self._count, time.monotonic()
        far = count.through - self._said_through >= EVERY_SHARE * count.all
        if far or now - self._said_at >= EVERY_SECONDS or count.through == count.all:
            self._said_at, self._said_through = now, count.through
            self.say(
                f"graded {count.through}/{count.all}, {count.rate:.0f} a minute, "
                f"{count.failures} failed"
            )
