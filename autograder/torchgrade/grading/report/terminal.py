"""The report as tables in a terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from torchgrade.grading.report.figures import ClassReport
from torchgrade.grading.report.lessons import CheckUse
from torchgrade.grading.report.scores import STANDINGS, Standing
from torchgrade.grading.report.words import many, number, percent, seconds

MOST = 10
"""Rows of the longer tables; the page has more."""
SHORT: dict[Standing, str] = {
    "full": "full",
    "partial": "partial",
    "failed": "none",
    "unfinished": "unfinished",
    "waiting": "by hand",
    "absent": "absent",
}


def show(report: ClassReport, console: Console) -> None:
    """Print the report, the parts with nothing to say left out."""
    console.print(Text(f"{report.assignment}: the class", style="bold"))
    for line in overview(report):
        console.print(Text(line))
    _teach_next(report, console)
    _exercises(report, console)
    _mistakes(report, console)
    _checks(report, console)
    _times(report, console)
    _list(console, "Problems", [f"{p.student}, {p.notebook}: {p.what}" for p in report.problems])
    _list(console, "Receipts that cannot be read", [f"{d.file}: {d.why}" for d in report.damaged])


def overview(report: ClassReport) -> list[str]:
    """The class in a few sentences."""
    lines = [f"{many(len(report.totals), 'student')} graded."]
    for who, what in [
        (report.missing, "handed in nothing"),
        (report.ungraded, "handed in, not graded yet: run torchgrade autograde again"),
        (report.not_entered, "not in the gradebook yet: run torchgrade autograde again"),
        (report.waiting, "waiting for points given by hand"),
        (report.troubled, "with problems"),
    ]:
        if who:
            lines.append(f"{len(who)} {what}.")
    if report.spread:
        lines.append(
            f"Points of {number(report.max_points)}: mean {number(report.spread.mean)}, "
            f"median {number(report.spread.median)}, the middle half from "
            f"{number(report.spread.lower_quartile)} to {number(report.spread.upper_quartile)}."
        )
    return [*lines, *report.notes]


def _table(console: Console, title: str, head: Iterable[str], rows: Iterable[list[str]]) -> None:
    """A table whose last columns, all but the first two, are numbers."""
    table = Table(title=Text(title, style="bold"), title_justify="left", box=None, pad_edge=False)
    for index, name in enumerate(head):
        table.add_column(name, justify="left" if index < 2 else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    if table.row_count:
        console.print()
        console.print(table)


def _list(console: Console, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print()
    console.print(Text(f"{title} ({len(lines)})", style="bold"))
    for line in lines[:MOST]:
        console.print(Text(f"  {line}"))
    if len(lines) > MOST:
        console.print(Text(f"  and {len(lines) - MOST} more; --html FILE shows them all"))


def _teach_next(report: ClassReport, console: Console) -> None:
    _table(
        console,
        "Where to teach next: most points lost",
        ("exercise", "most common mistake", "points lost", "class's share"),
        [
            [
                f"{one.notebook} {one.name}",
                f"{one.mistakes[0].sentence} ({many(len(one.mistakes[0].students), 'student')})"
                if one.mistakes
                else "",
                number(one.lost),
                percent(one.mean_share),
            ]
            for one in report.teach_next
        ],
    )


def _exercises(report: ClassReport, console: Console) -> None:
    shown = [key for key in STANDINGS if any(one.counts[key] for one in report.exercises)]
    _table(
        console,
        "Exercises: students by points (by hand: waits for a person; absent: lesson not handed in)",
        ("lesson", "exercise", "points", "mean", *(SHORT[key] for key in shown)),
        [
            [
                one.notebook,
                one.name,
                number(one.max_points),
                percent(one.mean_share),
                *(str(one.counts[key]) for key in shown),
            ]
            for one in report.exercises
        ],
    )


def _mistakes(report: ClassReport, console: Console) -> None:
    made = [(one.name, mistake) for one in report.exercises for mistake in one.mistakes]
    made.sort(key=lambda pair: -len(pair[1].students))
    _table(
        console,
        "Mistakes that were recognised" + (f": the {MOST} most common" if len(made) > MOST else ""),
        ("exercise", "mistake", "students", "share"),
        [
            [name, mistake.sentence, str(len(mistake.students)), percent(mistake.share)]
            for name, mistake in made[:MOST]
        ],
    )


def _checks(report: ClassReport, console: Console) -> None:
    def rows(checks: Iterable[CheckUse]) -> list[list[str]]:
        return [[one.exercise, one.title, str(one.judged), percent(one.share)] for one in checks]

    head = ("exercise", "test", "judged", "failed")
    _table(
        console,
        "Tests that nearly everybody fails: too hard, or wrong",
        head,
        rows(one for one in report.checks if one.nearly_always_failed),
    )
    _table(
        console,
        "Tests that never failed anybody: too weak, or superfluous",
        head,
        rows(one for one in report.checks if one.never_failed),
    )


def _times(report: ClassReport, console: Console) -> None:
    _table(
        console,
        "Slowest cells",
        ("lesson", "cell", "median", "max"),
        [
            [one.notebook, one.cell, seconds(one.median), seconds(one.max)]
            for one in report.slow_cells[:MOST]
        ],
    )
    _table(
        console,
        "Slowest submissions",
        ("student", "slowest cell", "cell", "all"),
        [
            [
                one.student,
                f"{one.notebook} {one.cell}",
                seconds(one.cell_seconds),
                seconds(one.seconds),
            ]
            for one in report.slow_submissions[:MOST]
        ],
    )
    _table(
        console,
        "Time per stage",
        ("stage", "share", "all", "median", "max"),
        [
            [
                one.name,
                percent(one.share),
                seconds(one.total),
                seconds(one.median),
                seconds(one.max),
            ]
            for one in report.stages
        ],
    )
    _table(
        console,
        "Sandbox",
        ("layer", "why not everywhere", "active", "notebooks"),
        [
            [one.name, "; ".join(one.missing_because), str(one.active), str(one.notebooks)]
            for one in report.layers
        ],
    )
