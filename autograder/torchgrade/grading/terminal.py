"""What `torchgrade run` shows in a terminal: progress, a table, the first thing to look at."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from torchgrade.grading.events import Event

OPEN_ONLY = "Only the open examples are here; your instructor's tests stay with them."
WORDS = {
    "passed": ("✓", "green", "passed"),
    "partial": ("◐", "yellow", "partly there"),
    "failed": ("✗", "red", "not yet"),
    "unfinished": ("…", "dim", "not done yet"),
}


class Terminal:
    """Shows the events of one lesson; the context is the time of the progress bar."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self._console,
            transient=True,
        )
        self._bar = self._progress.add_task("Reading the lesson", total=None)
        self._start: Event = {"exercises": [], "hidden": True}
        self._tests: dict[str, Event] = {}
        self._last: Event = {"event": "failed", "message": "The grader ended too early."}

    def __enter__(self) -> Terminal:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def hear(self, event: Event) -> None:
        """Take in one event."""
        match event["event"]:
            case "start":
                self._start = event
                self._advance("Starting the grader")
            case "cell" if event["index"] == 1 or event["id"] in self._answers():
                self._advance(f"Checking {self._next()}")
            case "test":
                self._tests[event["grade_id"]] = event
                self._advance(f"Checking {self._next()}")
            case "end" | "failed":
                self._last = event

    def _answers(self) -> set[str | None]:
        return {each["cell_id"] for each in self._start["exercises"]}

    def _next(self) -> str:
        missing = (e for e in self._start["exercises"] if e["grade_id"] not in self._tests)
        return escape(next((e["title"] for e in missing), "the rest"))

    def _advance(self, text: str) -> None:
        total = len(self._start["exercises"])
        self._progress.update(self._bar, description=text, total=total, completed=len(self._tests))

    def show(self) -> int:
        """Print what came of it; return 0 if everything passes, 1 if not, 2 without grades."""
        if self._last["event"] == "failed":
            print(f"torchgrade run: {self._last['message']}", file=sys.stderr)
            return 2
        self._console.print(self._table())
        if not self._start["hidden"]:
            self._console.print(OPEN_ONLY)
        for problem in self._last["problems"]:
            self._console.print(f"Note: {problem}", markup=False)
        failing = [e for e in self._start["exercises"] if self._status(e) != "passed"]
        for exercise in failing[:1]:
            self._explain(exercise)
        return 1 if failing else 0

    def _table(self) -> Table:
        table = Table("Exercise", "Verdict", pad_edge=False, box=None)
        table.add_column("Points", justify="right")
        for each in self._start["exercises"]:
            sign, colour, word = WORDS[self._status(each)]
            score = self._tests.get(each["grade_id"], {}).get("score")
            points = "" if score is None else f"{score:g} of {each['points']:g}"
            table.add_row(escape(each["title"]), f"[{colour}]{sign} {word}[/]", points)
        if self._last["points"] is not None:
            total = f"{self._last['points']:g} of {self._last['max_points']:g}"
            table.add_row("[bold]Together", "", f"[bold]{total}")
        return table

    def _status(self, exercise: dict[str, Any]) -> str:
        return str(self._tests.get(exercise["grade_id"], {}).get("status", "failed"))

    def _explain(self, exercise: dict[str, Any]) -> None:
        test = self._tests.get(exercise["grade_id"], {})
        self._console.print(f"\n[bold]{escape(exercise['title'])}")
        for line in explanation(test) or ["Its test did not run."]:
            self._console.print(f"  {line}", markup=False)


def explanation(test: Event) -> list[str]:
    """Return the lines that say what is wrong: of the first check that failed, else the ending."""
    report = test.get("report") or {}
    checks = report.get("checks", [])
    failing = next((c for c in checks if c["status"] in ("failed", "unfinished")), None)
    ended = [test["ended"]] if test.get("ended") else []
    if failing is None:
        return ended
    named = failing.get("mistake") or report.get("mistake")
    mistake = [f"This is what you get when {named}."] if named else []
    return [failing["title"], *failing["message"], *mistake, *ended]
