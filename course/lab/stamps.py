"""Knowing what is done: a step's inputs are hashed, the hash is written when it has finished."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

MADE = {"__pycache__", "node_modules", "lib", "labextension", "dist", "coverage", "_version.py"}


def sources(folder: Path) -> Iterator[Path]:
    """Yield the files under `folder` that people write, in order, not what is made from them."""
    for path in sorted(folder.iterdir()):
        # Of the hidden files only yarn's settings change what is built.
        if path.name in MADE or (path.name.startswith(".") and path.name != ".yarnrc.yml"):
            continue
        if path.suffix in {".log", ".tsbuildinfo", ".pyc"}:
            continue
        if path.is_dir():
            yield from sources(path)
        else:
            yield path


def digest(root: Path, paths: Iterable[Path], *facts: str) -> str:
    """Hash the names and contents of `paths` (relative to `root`) together with other `facts`."""
    total = hashlib.sha256()
    for fact in facts:
        total.update(fact.encode() + b"\0")
    for path in paths:
        total.update(path.relative_to(root).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_fresh(stamp: Path, value: str) -> bool:
    """Tell whether the step that writes `stamp` finished with these inputs."""
    return stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == value


def write(stamp: Path, value: str) -> None:
    """Record that a step has finished; called last, so that an interrupted step runs again."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value + "\n", encoding="utf-8")
