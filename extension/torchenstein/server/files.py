"""Finding and reading files below a folder, and none outside it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SUFFIX = ".ipynb"
MOST_NOTEBOOKS = 1000
MOST_FOLDERS = 5000


def find_notebooks(root: Path) -> Iterator[Path]:
    """Yield the notebooks below `root`, hidden folders left out, links to folders not followed.

    A course has some hundred notebooks in a dozen folders; the search ends at ten times that,
    so that a server started in a home folder answers too.
    """
    found = 0
    for visited, (folder, folders, files) in enumerate(os.walk(root)):
        if visited >= MOST_FOLDERS:
            return
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(SUFFIX) and not name.startswith("."):
                if found >= MOST_NOTEBOOKS:
                    return
                found += 1
                yield Path(folder, name)


def read_object(root: Path, path: Path, *, limit: int) -> dict[str, Any] | None:
    """Return the JSON object in a file of at most `limit` bytes.

    None where there is no such file or object, and where the path leads out of `root`.
    """
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root.resolve()):
            return None
        status = real.stat()
        # A pipe with a notebook's name would keep us waiting for ever.
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return None
        # Python reads NaN and would write it, but no page can read it.
        content = json.loads(real.read_bytes(), parse_constant=lambda name: None)
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
