"""What a verification came to, for people (tables) and for programs (JSON)."""

from typing import Any

from torchgrade.verify.findings import errors
from torchgrade.verify.verify import LessonResult

FIGURES = ("points", "checks", "alternatives", "mistakes", "killed", "recognised")
RUNS = ("source s", "student s", "MiB", "verdicts", "accelerator", "errors", "warnings")
LESSON_HEAD = ("lesson", "exercises", *FIGURES, *RUNS)
EXERCISE_HEAD = ("exercise", "examples", *FIGURES, "combinations", "stub")


def table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    """Columns as wide as they need; the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [list(head), *rows]) for i in range(len(head))]
    lines = [
        "  ".join(
            text.ljust(width) if i == 0 else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [list(head), ["-" * width for width in widths], *rows]
    ]
    return "\n".join(lines)


def lesson_row(result: LessonResult) -> list[str]:
    """One lesson's figures; a dash where it never came so far."""

    def total(key: str) -> str:
        return f"{sum(one[key] for one in result.exercises):g}" if result.exercises else "-"

    faults = len(errors(result.findings))
    return [
        result.notebook,
        str(len(result.exercises)),
        *map(total, FIGURES),
        _figure(result.source_seconds),
        _figure(result.student_seconds),
        "-" if result.memory_mib is None else str(result.memory_mib),
        "-" if result.verdicts is None else str(result.verdicts),
        result.accelerator.split(":")[0],
        str(faults),
        str(len(result.findings) - faults),
    ]


def exercise_rows(result: LessonResult) -> list[list[str]]:
    """One line for each exercise of a lesson."""
    keys = EXERCISE_HEAD[1:-1]
    return [
        [f"{result.notebook.removesuffix('.ipynb')} {one['exercise']}"]
        + [f"{one[key]:g}" for key in keys]
        + ["unfinished" if one["unfinished"] else "NOT"]
        for one in result.exercises
    ]


def as_text(results: list[LessonResult], seconds: float) -> str:
    """The tables, the findings, and a last line with the verdict and the time it all took."""
    parts = []
    rows = [row for result in results for row in exercise_rows(result)]
    if rows:
        parts.append(table(EXERCISE_HEAD, rows))
    parts.append(table(LESSON_HEAD, [lesson_row(result) for result in results]))
    findings = sorted(
        (finding for result in results for finding in result.findings),
        key=lambda finding: finding.severity != "error",
    )
    if findings:
        parts.append("\n".join(map(str, findings)))
    unheard = [f"{result.notebook}, {one}" for result in results for one in result.not_compared]
    if unheard:
        parts.append("Not compared with the judge's verdict:\n" + "\n".join(unheard))
    failed = [result for result in results if not result.passed]
    many = f"{len(results)} lesson{'s' * (len(results) != 1)}"
    verdict = f"{len(failed)} of {many} failed" if failed else f"{many} proved"
    notes = [verdict + f" in {seconds:.1f} s."]
    for name in ("judge", "accelerator"):
        skipped = [one for r in results if (one := getattr(r, name)).startswith("skipped")]
        notes += [f"{name.capitalize()} {skipped[0]}."] if skipped else []
    return "\n\n".join([*parts, " ".join(notes)])


def as_json(results: list[LessonResult]) -> dict[str, Any]:
    """Everything, version 1."""
    return {
        "version": 1,
        "passed": all(result.passed for result in results),
        "lessons": [result.json() for result in results],
    }


def _figure(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}"
