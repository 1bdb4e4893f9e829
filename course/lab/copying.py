"""Putting files into the workbench whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from course.lab.console import Problem

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
STALE_AFTER = 3600.0


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def room_in(workbench: Path) -> Iterator[None]:
    """Turn a full disk, a file in the way and a forbidden folder into a Problem."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise Problem(
                f"The disk that holds {workbench} is full.",
                "Nothing of yours was changed, and what is already there is complete.\n"
                "Free some space (50 MB will do) and run the command again: it goes on from there.",
            ) from error
        if isinstance(error, FileExistsError | NotADirectoryError):
            raise Problem(
                f"{error.filename or workbench} is in the way: the course needs a folder there.",
                "Nothing of yours was changed. Move that file, then run the command again.",
            ) from error
        if isinstance(error, PermissionError):
            raise Problem(
                f"{error.filename or workbench} cannot be written: permission denied.",
                "Nothing of yours was changed. See that the folder is yours, then run it again.",
            ) from error
        raise


def add(content: bytes, target: Path, scratch: Path) -> bool:
    """Put `content` at `target` unless something is there; return whether it was put.

    The content is complete in `scratch` (same file system) before it gets its name, and a file
    that appears at `target` in the meantime stays. Raises OSError.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(content, scratch)
    try:
        try:
            os.link(draft, target)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno in FULL:
                raise
            # No hard links here (FAT, some network disks): check and rename are then two steps.
            if os.path.lexists(target):
                return False
            os.rename(draft, target)
        return True
    finally:
        draft.unlink(missing_ok=True)


def renew(content: bytes, target: Path, scratch: Path, expected: str) -> bool:
    """Replace `target` if its hash is still `expected`; return whether it was. Raises OSError."""
    draft = _draft(content, scratch)
    try:
        if content_hash(target) != expected:
            return False
        os.replace(draft, target)
        return True
    finally:
        draft.unlink(missing_ok=True)


def replace(content: bytes, target: Path, scratch: Path) -> None:
    """Put `content` at `target`, a file of ours, whatever is there. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(content, scratch)
    try:
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def sweep(scratch: Path) -> None:
    """Remove drafts that an interrupted run left; younger ones may belong to a run at work."""
    for draft in scratch.glob("draft-*"):
        if time.time() - draft.stat().st_mtime > STALE_AFTER:
            draft.unlink(missing_ok=True)


def _draft(content: bytes, scratch: Path) -> Path:
    """Write `content` to a new file in `scratch`, down to the disk; or leave nothing."""
    scratch.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="draft-", dir=scratch)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes files private; a lesson is as readable as any other new file.
        os.chmod(draft, 0o666 & ~_umask())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
