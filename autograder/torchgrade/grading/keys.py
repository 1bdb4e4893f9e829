"""What a result depends on, as hashes: when they are the same, so is the result."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbgrader.api import Notebook

from torchgrade.engine.task import Limits
from torchgrade.nbgrader.sanitize import given_cells

MISSING = "missing"
CHUNK = 1 << 20


@dataclass(frozen=True)
class Key:
    """Of one notebook of one submission.

    Attributes:
        submitted: its bytes and those of the submission's other files; "missing" without a file.
        tests: the gradebook's cells, the instructor's own, and the assignment's other files.
        environment: versions of torch and torchgrade, device, limits, judge.
    """

    submitted: str
    tests: str
    environment: str

    def json(self) -> dict[str, str]:
        """The key as plain JSON."""
        return asdict(self)


def digest(*parts: bytes | str) -> str:
    """Return one hash of several parts, each with its length."""
    seen = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        seen.update(len(data).to_bytes(8, "big") + data)
    return seen.hexdigest()


def of_file(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_files(folder: Path, paths: Iterable[str]) -> str:
    """Return the hash of files' names and bytes."""
    names = sorted((Path(path).relative_to(folder).as_posix(), path) for path in paths)
    return digest(*(part for name, path in names for part in (name, of_file(Path(path)))))


def of_tests(entry: Notebook, given: dict[str, Any], data: str) -> str:
    """Return the hash of what judges a notebook.

    Args:
        entry: the gradebook's.
        given: the instructor's own notebook; its code counts, its prose and outputs do not.
        data: the hash of the assignment's other files.
    """
    cells = [asdict(cell) for cell in given_cells(entry)]
    code = [cell["source"] for cell in given["cells"] if cell["cell_type"] == "code"]
    return digest(json.dumps([cells, code, data], sort_keys=True))


def of_environment(device: str, judge: bool, limits: Limits) -> str:
    """Return the hash of where and how notebooks run."""
    how = json.dumps([device, judge, asdict(limits)], sort_keys=True)
    return digest(version("torch"), version("torchgrade"), how)
