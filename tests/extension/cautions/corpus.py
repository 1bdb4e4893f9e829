"""The corpus: snippets that must be warned of, and correct, tricky ones that must not be."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


def entries(kind: str) -> list[Entry]:
    """All entries of `kind` (warn or quiet), each with the file it stands in."""
    found = []
    for path in sorted((Path(__file__).parent / "corpus").glob("*.toml")):
        listed = tomllib.loads(path.read_text(encoding="utf-8")).get(kind, [])
        found += [{**entry, "file": path.stem} for entry in listed]
    return found


def title(entry: Entry) -> str:
    return f"{entry['file']}: {entry['name']}"
