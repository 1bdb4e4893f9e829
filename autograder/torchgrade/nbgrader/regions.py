"""The delimited regions of a cell, read by nbgrader's own rule: a marker anywhere in a line.

nbgrader looks for `BEGIN SOLUTION`, `END SOLUTION`, `BEGIN HIDDEN TESTS` and `END HIDDEN TESTS`;
the `###` before them is a habit, not a rule. So that nothing slips between two readings, the same
test (substring of a line) is used here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

SOLUTION = "SOLUTION"
HIDDEN_TESTS = "HIDDEN TESTS"
KINDS = (SOLUTION, HIDDEN_TESTS)


@dataclass(frozen=True)
class Marker:
    """One delimiter line: its kind, whether it opens the region, and its line index from 0."""

    kind: str
    opens: bool
    line: int


def markers(source: str) -> Iterator[Marker]:
    """Yield the delimiter lines of a cell's source, top to bottom."""
    for number, line in enumerate(source.split("\n")):
        for kind in KINDS:
            if f"BEGIN {kind}" in line:
                yield Marker(kind, True, number)
            elif f"END {kind}" in line:
                yield Marker(kind, False, number)


def faults(source: str) -> list[str]:
    """Say what is wrong with the delimiters of a cell, one sentence each."""
    found = []
    open_marker: Marker | None = None
    for marker in markers(source):
        line = marker.line + 1
        if marker.opens:
            if open_marker is not None:
                found.append(f"BEGIN {marker.kind} in line {line} is inside another region")
            open_marker = marker
        elif open_marker is None or open_marker.kind != marker.kind:
            found.append(f"END {marker.kind} in line {line} closes nothing")
        else:
            open_marker = None
    if open_marker is not None:
        found.append(f"BEGIN {open_marker.kind} in line {open_marker.line + 1} is never closed")
    return found


def has_region(source: str, kind: str) -> bool:
    """Tell whether a region of this kind begins in the source."""
    return any(marker.opens and marker.kind == kind for marker in markers(source))


def without_region(source: str, kind: str, note: str | None = None) -> str:
    """Return the source without the regions of a kind, markers included.

    `note`, where given, is a line put where each region began.
    """
    return _select(source, kind, inside=False, note=note)


def inside_region(source: str, kind: str) -> str:
    """Return the lines inside the regions of a kind, markers excluded."""
    return _select(source, kind, inside=True)


def without_markers(source: str, kind: str) -> str:
    """Return the source with the marker lines of a kind removed and what they enclose kept."""
    drop = {marker.line for marker in markers(source) if marker.kind == kind}
    return "\n".join(line for n, line in enumerate(source.split("\n")) if n not in drop)


def _select(source: str, kind: str, *, inside: bool, note: str | None = None) -> str:
    at = {marker.line: marker.opens for marker in markers(source) if marker.kind == kind}
    kept = []
    within = False
    for number, line in enumerate(source.split("\n")):
        if number in at:
            within = at[number]
            if within and note is not None:
                kept.append(note)
        elif within == inside:
            kept.append(line)
    return "\n".join(kept)
