"""What an attack came to, read from the graded notebook and from the world around it."""

import json
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.autograder.attacks.corpus import Attack
from tests.autograder.attacks.world import MARK, read_secrets

# What grading itself writes, and where an attack's own source stands.
OWN_SUFFIXES = (".ipynb", ".log", ".html")
NAME = "torchgrade_attack"  # what every script of an attack calls or sets


def outputs(notebook: Mapping[str, Any]) -> str:
    """All outputs of a notebook as one text."""
    return json.dumps([cell.get("outputs", []) for cell in notebook["cells"]])


def loot(notebook: Mapping[str, Any]) -> list[str]:
    """What an attack says that it got hold of. (A traceback only quotes the attack's source.)"""
    streams = (
        output.get("text", "") for cell in notebook["cells"] for output in cell.get("outputs", [])
    )
    lines = (line for text in streams for line in text.splitlines())
    return sorted({line[line.index("LOOT") :][:80] for line in lines if "LOOT" in line})


def stolen(attack: Attack, scores: Mapping[str, float | None]) -> float:
    """The points beyond those that honest work deserves."""
    due = attack.honest_points
    return sum(max(0.0, (score or 0.0) - due.get(name, 0.0)) for name, score in scores.items())


def lost(attack: Attack, scores: Mapping[str, float | None]) -> float:
    """The points of honest work that were not given."""
    due = attack.honest_points
    return sum(max(0.0, points - (scores.get(name) or 0.0)) for name, points in due.items())


def leaked(paths: Iterable[str]) -> list[str]:
    """The secrets that stand in files written during a grading (the gradebook holds some)."""
    files = [path for path in _foreign(paths) if path.name != "gradebook.db"]
    return sorted({name for path in files for name in read_secrets(_text(path))})


def planted(paths: Iterable[str], student: str) -> list[str]:
    """The files written during a grading that are an attack's, outside of its own folders."""
    return [
        str(path)
        for path in _foreign(paths)
        if f"/{student}/" not in str(path) and (MARK in path.name or MARK in _text(path))
    ]


def live_markup(page: str) -> int:
    """How many scripts of an attack a browser would run in this page, or on a click."""
    reader = _Scripts()
    reader.feed(page)
    return reader.found


class _Scripts(HTMLParser):
    """Counts scripts in elements, in handlers, in links and in frames."""

    found = 0
    _in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        for name, value in attrs:
            runs = name.startswith("on") or name in ("href", "src", "srcdoc")
            self.found += runs and NAME in (value or "")

    def handle_data(self, data: str) -> None:
        self.found += self._in_script and NAME in data

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False


def _foreign(paths: Iterable[str]) -> list[Path]:
    return [path for path in map(Path, paths) if path.suffix not in OWN_SUFFIXES]


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("latin-1")
    except OSError:  # gone, or a link that leads nowhere
        return ""
