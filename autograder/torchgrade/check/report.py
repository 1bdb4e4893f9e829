"""The outcome of an exercise: one object that prints as text, as HTML and as JSON."""

from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Literal

MIME = "application/vnd.torchgrade.report+json"
Status = Literal["passed", "partial", "failed", "unfinished", "skipped"]

_MARK = {"passed": "✓", "partial": "◐", "failed": "✗", "unfinished": "…", "skipped": "–"}
_COLOUR = {
    "passed": "var(--jp-success-color1, #1b6e3c)",
    "partial": "var(--jp-warn-color1, #8a5a00)",
    "failed": "var(--jp-error-color1, #b3261e)",
    "unfinished": "var(--jp-content-font-color2, #5d556b)",
    "skipped": "var(--jp-content-font-color2, #5d556b)",
}
_MUTED = "var(--jp-content-font-color2, #5d556b)"


@dataclass(frozen=True)
class Outcome:
    """The outcome of one check. `message` never holds a reference, only what differs."""

    title: str
    status: Status
    points: float = 0.0
    max_points: float = 0.0
    message: tuple[str, ...] = ()
    mistake: str | None = None


@dataclass(frozen=True)
class Report:
    """The outcome of an exercise.

    `points` and `max_points` are None when only open examples were there (a student version).
    """

    exercise: str
    status: Status
    checks: tuple[Outcome, ...]
    points: float | None = None
    max_points: float | None = None

    @property
    def passed(self) -> bool:
        return self.status == "passed"

    @property
    def mistake(self) -> str | None:
        """The first named mistake that was recognised."""
        return next((check.mistake for check in self.checks if check.mistake), None)

    @property
    def first_failure(self) -> Outcome | None:
        return next((c for c in self.checks if c.status in ("failed", "unfinished")), None)

    @property
    def summary(self) -> str:
        """One line: the exercise, the verdict, the points where there are any."""
        if self.status == "unfinished" and self.first_failure and self.first_failure.message:
            return f"{self.exercise}: {self.first_failure.message[0]}"
        verdict = {"passed": "passed", "partial": "partly there", "failed": "not yet"}[self.status]
        if self.max_points:
            return f"{self.exercise}: {verdict}, {self.points:g} of {self.max_points:g} points"
        if self.passed:
            many = "example holds" if len(self.checks) == 1 else "examples hold"
            return f"{self.exercise}: {len(self.checks)} open {many}"
        return f"{self.exercise}: {verdict}"

    def json(self) -> dict[str, Any]:
        """The report as plain JSON (version 1 of `MIME`)."""
        return {
            "version": 1,
            "exercise": self.exercise,
            "status": self.status,
            "points": self.points,
            "max_points": self.max_points,
            "mistake": self.mistake,
            "summary": self.summary,
            "checks": [asdict(c) | {"message": list(c.message)} for c in self.checks],
        }

    def text(self) -> str:
        """The report for terminals, screen readers and tracebacks."""
        lines = [f"{_MARK[self.status]} {self.summary}"]
        if self.status == "passed":
            return lines[0]
        shown = self.first_failure
        if self.status == "unfinished":
            return "\n".join([*lines, *(f"  {line}" for line in self._unfinished())])
        for check in self.checks:
            lines.append(f"  {_MARK[check.status]} {check.title}")
            if check is shown:
                lines += [f"      {line}" for line in _explained(check)]
        return "\n".join(lines)

    def html(self) -> str:
        """The report as one small card, without scripts, classes or style sheets."""
        colour = _COLOUR[self.status]
        mark = f'<span style="color:{colour}" aria-hidden="true">{_MARK[self.status]}</span>'
        head = f'<div style="font-weight:600">{mark} {escape(self.summary)}</div>'
        body = ""
        if self.status == "unfinished":
            body = "".join(map(_line, self._unfinished()))
        elif not self.passed:
            body = "".join(self._row(check, check is self.first_failure) for check in self.checks)
        return (
            f'<div role="status" style="border-left:3px solid {colour};padding:4px 0 4px 12px;'
            f'margin:2px 0;line-height:1.55;max-width:72ch">{head}{body}</div>'
        )

    def _unfinished(self) -> tuple[str, ...]:
        """What is said of an unfinished exercise below its summary."""
        return self.first_failure.message[1:] if self.first_failure else ()

    @staticmethod
    def _row(check: Outcome, explained: bool) -> str:
        colour = _COLOUR[check.status]
        row = (
            f'<div style="margin-top:3px"><span style="color:{colour}" aria-hidden="true">'
            f"{_MARK[check.status]}</span> {escape(check.title)}"
            f'<span style="color:{_MUTED}"> · {check.status}</span></div>'
        )
        if not explained:
            return row
        return row + "".join(map(_line, _explained(check)))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": self.text(), "text/html": self.html(), MIME: self.json()}


def _line(text: str) -> str:
    return f'<div style="margin-left:1.4em">{escape(text)}</div>'


def _explained(check: Outcome) -> list[str]:
    named = [f"This is what you get when {check.mistake}."] if check.mistake else []
    return [*check.message, *named]


class Score(float):
    """The value of a graded test cell: as text the number that nbgrader reads, else the report."""

    report: Report

    def __new__(cls, report: Report) -> "Score":
        score = super().__new__(cls, report.points or 0.0)
        score.report = report
        return score

    def __repr__(self) -> str:
        return f"{float(self):g}" if float(self) != int(self) else f"{float(self):.1f}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.report._repr_mimebundle_() | {"text/plain": repr(self)}
