"""What was graded, kept in `.torchgrade/`: receipts of what is entered, results that wait to be.

A receipt says that a submission's results are in the gradebook and its files in `autograded/`;
it is written last, so that it is never wrong. A result that was computed and not entered waits in
`results/`. Both are files that appear whole or not at all.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torchgrade.engine.task import Graded
from torchgrade.grading.keys import Key

VERSION = 1


@dataclass(frozen=True)
class Entry:
    """One notebook that was graded and entered.

    Attributes:
        scores: the gradebook's automatic score of each graded cell; None waits for a person.
        result: `Graded.json()` without the notebook; None for one that was not handed in.
    """

    key: Key
    scores: dict[str, float | None]
    result: dict[str, Any] | None

    def json(self) -> dict[str, Any]:
        """The entry as plain JSON."""
        return {"key": self.key.json(), "scores": self.scores, "result": self.result}


@dataclass(frozen=True)
class Receipt:
    """What was entered for one student, by notebook."""

    assignment: str
    student: str
    notebooks: dict[str, Entry] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """The receipt as plain JSON."""
        entries = {name: entry.json() for name, entry in self.notebooks.items()}
        who = {"assignment": self.assignment, "student": self.student}
        return {"version": VERSION, **who, "notebooks": entries}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Receipt":
        """Read what `json()` wrote.

        Raises:
            ValueError: it was written by another version.
        """
        if data["version"] != VERSION:
            raise ValueError(f"version {data['version']}")
        entries = {
            name: Entry(Key(**entry["key"]), entry["scores"], entry["result"])
            for name, entry in data["notebooks"].items()
        }
        return cls(data["assignment"], data["student"], entries)


class Receipts:
    """The receipts and waiting results of one assignment, below `root` (`.torchgrade`)."""

    def __init__(self, root: Path, assignment: str) -> None:
        self.assignment = assignment
        self._receipts = root / "receipts" / assignment
        self._results = root / "results" / assignment

    def __iter__(self) -> Iterator[Receipt]:
        for path in sorted(self._receipts.glob("*.json")):
            if (receipt := self.read(path.stem)) is not None:
                yield receipt

    def read(self, student: str) -> Receipt | None:
        """Return a student's receipt; None without one, or when it is damaged."""
        try:
            text = (self._receipts / f"{student}.json").read_text(encoding="utf-8")
            return Receipt.from_json(json.loads(text))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def write(self, receipt: Receipt) -> None:
        """Keep a receipt for good, also through a power cut, and drop the results it tells of."""
        path = self._receipts / f"{receipt.student}.json"
        write_whole(path, json.dumps(receipt.json()), sure=True)
        self.drop(receipt.student)

    def drop(self, student: str) -> None:
        """Let go of results that wait for nothing any more."""
        shutil.rmtree(self._results / student, ignore_errors=True)

    def keep(self, student: str, notebook: str, key: Key, graded: Graded) -> None:
        """Keep a result until it is entered."""
        text = json.dumps({"key": key.json(), "graded": graded.json()})
        write_whole(self._results / student / f"{notebook}.json", text)

    def waiting(self, student: str, notebook: str, key: Key) -> Graded | None:
        """Return the result that waits to be entered; None if there is none for this key."""
        path = self._results / student / f"{notebook}.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return Graded.from_json(found["graded"]) if found["key"] == key.json() else None
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None


def write_whole(path: Path, text: str, sure: bool = False) -> None:
    """Write a file that appears whole or not at all; `sure`: it outlives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            if sure:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        # A write that fails does not say itself what it wrote.
        raise OSError(error.errno, error.strerror, str(path)) from error
    if sure:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder outlive a power cut, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
