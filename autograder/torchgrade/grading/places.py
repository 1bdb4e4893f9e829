"""The folders of one grading, and how a submission gets into `autograded/`: whole."""

import os
import shutil
from pathlib import Path

from nbgrader.utils import rmtree

from torchgrade.grading.receipts import sync_folder

HERE = ".torchgrade"


def aside(home: Path) -> Path:
    """Return where an older result is while the new one takes its place; hidden from nbgrader."""
    return home.with_name(f".{home.name}.aside")


def incoming(home: Path) -> Path:
    """Return where a new result waits that comes from another file system."""
    return home.with_name(f".{home.name}.incoming")


def recover(home: Path) -> None:
    """Undo what a grader that was killed left half done: the older result is back."""
    remove(incoming(home))
    if aside(home).exists():
        if home.exists():
            remove(aside(home))
        else:
            aside(home).rename(home)


def put_in_place(stage: Path, home: Path) -> None:
    """Move a finished submission to where nbgrader looks for it, in place of an older one."""
    home.parent.mkdir(parents=True, exist_ok=True)
    if os.stat(stage).st_dev != os.stat(home.parent).st_dev:
        remove(incoming(home))
        shutil.copytree(stage, incoming(home))
        stage = incoming(home)
    _sync(stage)
    if home.exists():
        remove(aside(home))
        home.rename(aside(home))
    try:
        stage.rename(home)
    except OSError:
        recover(home)
        raise
    sync_folder(home.parent)
    remove(aside(home))


def remove(folder: Path) -> None:
    """Remove a folder with what is in it, if it is there; nbgrader's files are read-only."""
    if folder.exists():
        rmtree(str(folder))


def _sync(folder: Path) -> None:
    """A receipt outlives a power cut; so must the notebooks that it tells of."""
    for path in folder.glob("*.ipynb") if os.name == "posix" else ():
        with path.open("rb") as file:
            os.fsync(file.fileno())
