"""One grader for an assignment at a time, on every machine that shares the folder."""

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

PAUSE_SECONDS = 0.2


@contextmanager
def exclusive(path: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file; wait while another process does, and say once who that is.

    The system lets go of the lock when its holder ends, however it ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        told = False
        while not _taken(file):
            if not told:
                tell(f"{_holder(path)} is grading this assignment; waiting for it to finish.")
                told = True
            time.sleep(PAUSE_SECONDS)
        file.truncate(0)
        start = datetime.now().astimezone().isoformat(timespec="seconds")
        me = {"pid": os.getpid(), "host": socket.gethostname(), "start": start}
        file.write(json.dumps(me))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            _release(file)


def _holder(path: Path) -> str:
    try:
        who = json.loads(path.read_text(encoding="utf-8"))
        return f"Process {who['pid']} on {who['host']} (since {who['start']})"
    except (OSError, ValueError, KeyError, TypeError):  # it has just begun or ended
        return "Another process"


if sys.platform == "win32":
    import msvcrt

    PLACE = 1 << 20  # far behind the text, because Windows keeps others from reading what is locked

    def _taken(file: IO[str]) -> bool:
        file.seek(PLACE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(file: IO[str]) -> None:
        file.seek(PLACE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _taken(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
