"""The folder in which a lesson runs."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST = 64  # files beside a lesson that its run may need; a lesson has a few


@contextmanager
def folder_like(beside: Path, text: str) -> Iterator[Path]:
    """A copy of what lies in `beside` and a lesson's text names: a run leaves no trace there."""
    with tempfile.TemporaryDirectory(prefix="torchgrade-") as name:
        for item in sorted(beside.iterdir())[:MOST]:
            if item.name not in text or item.suffix == ".ipynb":
                continue
            if item.is_dir():
                shutil.copytree(item, Path(name) / item.name)
            else:
                shutil.copy(item, name)
        yield Path(name)
