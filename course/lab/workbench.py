"""The learner's own copy of the course.

Law: a learner's file is never overwritten. The manifest remembers, for each file, the hash of the
release that was last laid into the workbench. A file that still has that hash holds nothing of the
learner's and may be renewed; for any other, a newer release is put beside it as
`<name> (new).ipynb`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from course.lab import copying
from course.lab.console import Problem

OURS = ".torchenstein"
VERSION = 1
SKIPPED = {"__pycache__", ".ipynb_checkpoints"}


@dataclass
class Changes:
    """What a visit to the workbench did, as paths relative to it."""

    added: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    """For each file of the learner's that has a newer release: where that was put."""


def released(release: Path) -> dict[str, Path]:
    """Return the files of `release/` by their path in the workbench, in a fixed order."""
    return {path.relative_to(release).as_posix(): path for path in _files(release)}


def update(workbench: Path, offered: Mapping[str, Path]) -> Changes:
    """Bring what is new in `offered` (path in the workbench -> file) into `workbench`.

    Raises Problem when the disk is full or not writable, or when something is in the way; whatever
    was done until then is complete, and a later call goes on from there.
    """
    if workbench.exists() and not workbench.is_dir():
        raise Problem(
            f"{workbench} is there, but it is a file.",
            "The course is copied into a folder of that name. Move your file and run it again.",
        )
    changes = Changes()
    manifest = Manifest(workbench)
    with copying.room_in(workbench):
        copying.sweep(manifest.scratch)
        try:
            for name, source in offered.items():
                _lay(workbench, name, source.read_bytes(), manifest, changes)
        finally:
            # Also after an error: what was laid is known next time. If even this fails, the next
            # visit takes the files as they are.
            manifest.save()
    return changes


class Manifest:
    """The hashes of the releases that were laid, `workbench/.torchenstein/manifest.json`."""

    def __init__(self, workbench: Path) -> None:
        self.path = workbench / OURS / "manifest.json"
        self.scratch = workbench / OURS / "drafts"
        self.files: dict[str, str] = {}
        self._saved: dict[str, str] = {}
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            self.files = {str(name): str(value) for name, value in stored["files"].items()}
            self._saved = dict(self.files)
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            # Missing or damaged: what is there counts as the learner's, which loses nothing.
            self._saved = {"": "damaged"}

    def save(self) -> None:
        """Write the manifest if it changed. Raises OSError."""
        if self.files == self._saved:
            return
        text = json.dumps({"version": VERSION, "files": self.files}, indent=1, sort_keys=True)
        copying.replace(text.encode() + b"\n", self.path, self.scratch)
        self._saved = dict(self.files)


def _lay(workbench: Path, name: str, content: bytes, manifest: Manifest, changes: Changes) -> None:
    """Offer one released file to the workbench."""
    target = workbench / name
    new = hashlib.sha256(content).hexdigest()
    laid = manifest.files.get(name)
    if copying.add(content, target, manifest.scratch):
        changes.added.append(name)
    elif laid is not None and laid != new:
        here = _hash_of_a_file(target)
        if here == laid and copying.renew(content, target, manifest.scratch, laid):
            changes.renewed.append(name)
        elif here != new:
            changes.beside[name] = _lay_beside(workbench, name, content, manifest)
    manifest.files[name] = new


def _lay_beside(workbench: Path, name: str, content: bytes, manifest: Manifest) -> str:
    """Put a newer release next to the learner's file and return its path in the workbench."""
    new = hashlib.sha256(content).hexdigest()
    for candidate in _names_beside(name):
        target = workbench / candidate
        if copying.add(content, target, manifest.scratch):
            break
        here, laid = _hash_of_a_file(target), manifest.files.get(candidate)
        # An earlier "(new)" that the learner did not touch gives way; one that was worked in stays.
        if here == new:
            break
        if laid and here == laid and copying.renew(content, target, manifest.scratch, laid):
            break
    manifest.files[candidate] = new
    return candidate


def _names_beside(name: str) -> Iterator[str]:
    path = PurePosixPath(name)
    number = 1
    while True:
        label = "(new)" if number == 1 else f"(new {number})"
        yield str(path.with_name(f"{path.stem} {label}{path.suffix}"))
        number += 1


def _hash_of_a_file(path: Path) -> str | None:
    """Return the hash of a file that can be read, else None: then it is not for us to touch."""
    try:
        return copying.content_hash(path)
    except OSError:
        return None


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name in SKIPPED:
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path
