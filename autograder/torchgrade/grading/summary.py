"""What a person sees at the end: scores, problems, and what is left to do."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from torchgrade.grading.outcome import Outcome

ROWS = 40
NAMES = 10


def show(console: Console, outcome: Outcome, totals: Mapping[str, tuple[float, float]]) -> None:
    """Print a table of scores, then a line for everything that needs a person.

    Args:
        totals: (score, maximum) by student, from the gradebook.
    """
    if outcome.graded and totals:
        console.print(_table(outcome, totals))
    lines = [
        f"{student}: {problem}"
        for student, problems in sorted(outcome.problems.items())
        for problem in problems
    ]
    lines += [f"{who} was NOT graded. {why}" for who, why in sorted(outcome.failed.items())]
    if outcome.outdated:
        what = ", ".join(f"{name} ({count})" for name, count in sorted(outcome.outdated.items()))
        lines.append(
            f"Graded with older tests, settings or versions, and left so: {what}. "
            "--regrade grades these notebooks again."
        )
    if outcome.foreign:
        lines.append(
            f"{len(outcome.foreign)} were graded by other means and left so: "
            f"{named(outcome.foreign)}. --regrade includes them."
        )
    lines.append(_closing(outcome))
    for line in lines:
        console.print(line, markup=False, highlight=False)


def named(names: list[str]) -> str:
    """List names; of many, the first, and how many more."""
    shown = ", ".join(sorted(names)[:NAMES])
    return shown if len(names) <= NAMES else f"{shown} and {len(names) - NAMES} more"


def _table(outcome: Outcome, totals: Mapping[str, tuple[float, float]]) -> Table:
    table = Table("student", "score", "problems")
    students = sorted(outcome.graded)
    for student in students[:ROWS]:
        score, maximum = totals.get(student, (0.0, 0.0))
        found = len(outcome.problems.get(student, ()))
        table.add_row(Text(student), f"{score:g}/{maximum:g}", str(found or ""))
    if len(students) > ROWS:
        table.add_row(f"and {len(students) - ROWS} more", "", "")
    return table


def _closing(outcome: Outcome) -> str:
    done = (
        f"{len(outcome.graded)} graded, {len(outcome.done)} were done, {len(outcome.failed)} failed"
    )
    left = f"{outcome.unfinished} are left"
    if outcome.stopped:
        return f"{done}, {left}. {outcome.stopped}"
    if outcome.interrupted:
        return f"Interrupted: {done}, {left}. Run the same command again to go on."
    return f"{done}."
