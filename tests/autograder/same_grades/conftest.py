"""A table at the end: how many verdicts three graders agree on."""

import pytest

AGREED = "verdicts"  # a test's property: its lesson, and how many verdicts by kind of submission


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show it; properties come here from other processes, too."""
    rows = {
        lesson: counted
        for report in terminalreporter.getreports("passed")
        for name, (lesson, counted) in report.user_properties
        if name == AGREED
    }
    if not rows:
        return
    kinds = list(dict.fromkeys(kind for counted in rows.values() for kind in counted))
    terminalreporter.section("verdicts that three graders agree on")
    terminalreporter.write_line(f"{'':<36}" + "".join(f"{kind:>14}" for kind in kinds))
    for lesson in sorted(rows):
        counts = "".join(f"{rows[lesson].get(kind, 0):>14}" for kind in kinds)
        terminalreporter.write_line(f"{lesson:<36}{counts}")
    total = sum(sum(counted.values()) for counted in rows.values())
    terminalreporter.write_line(f"{total} in all")
