"""Standard output and error while a cell runs: Python's own, and what goes past it."""

import contextlib
import ctypes
import io
import os
import stat
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

NAMES = ("stdout", "stderr")
# One read takes no more than this of what a program has written to a file descriptor at once.
CHUNK = 64 * 1024

Write = Callable[[str, bytes], None]


class Streams:
    """Takes the place of `sys.stdout` and `sys.stderr` while cells run.

    What is written past them, by C code or by a child process, is found if file descriptors 1
    and 2 are files (a memfd will do): it is read when the cell ends.

    Args:
        write: called with a stream's name and the bytes written to it.
        most_bytes: of each descriptor and cell that are read; the rest is passed over, and
            `write` is told of one byte more.
    """

    def __init__(self, write: Write, most_bytes: int) -> None:
        self._write = write
        self._most = most_bytes
        self._open()
        alive = weakref.ref(self)

        def before_fork() -> None:
            streams = alive()
            if streams is not None:  # else parent and child would both write what is buffered
                streams.flush()

        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=before_fork)

    def _open(self) -> None:
        # Written in C down to the sink: a cell that prints ten million lines is not slowed down.
        sinks: list[Any] = [_Sink(name, fd, self._write) for fd, name in enumerate(NAMES, start=1)]
        self._wrappers = [
            io.TextIOWrapper(
                io.BufferedWriter(sink), encoding="utf-8", errors="backslashreplace", newline="\n"
            )
            for sink in sinks
        ]

    @contextlib.contextmanager
    def captured(self) -> Iterator[None]:
        """Everything written inside goes to `write`."""
        if not self._usable():
            self._open()
        before = [_written(1), _written(2)]
        outer = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self._wrappers
        try:
            yield
        finally:
            sys.stdout, sys.stderr = outer
            self.flush()
            self._read_descriptors(before)

    def _usable(self) -> bool:
        try:
            return not any(wrapper.closed for wrapper in self._wrappers)
        except ValueError:  # an earlier cell has detached the buffer
            return False

    def flush(self) -> None:
        """Hand on what is buffered."""
        for wrapper in self._wrappers:
            with contextlib.suppress(ValueError, OSError):  # closed or taken apart by the cell
                wrapper.flush()

    def _read_descriptors(self, before: list[int | None]) -> None:
        for stream in (sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(ValueError, OSError, AttributeError):
                stream.flush()  # type: ignore[union-attr]  # None is among what is suppressed
        if hasattr(os, "pread"):
            ctypes.CDLL(None).fflush(None)
        for fd, name, start in zip((1, 2), NAMES, before, strict=True):
            end = _written(fd)
            if start is None or end is None or end <= start or (fd == 2 and _same_file()):
                continue
            for offset in range(start, min(end, start + self._most + 1), CHUNK):
                self._write(name, os.pread(fd, min(CHUNK, end - offset), offset))


class _Sink(io.RawIOBase):
    """The bottom of a stream. A forked child writes to the file descriptor instead."""

    def __init__(self, name: str, fd: int, write: Write) -> None:
        self.name = name
        self._fd = fd
        self._write = write
        self._process = os.getpid()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        data = bytes(data)
        if os.getpid() != self._process:
            return os.write(self._fd, data)
        self._write(self.name, data)
        return len(data)


def _written(fd: int) -> int | None:
    """Where the next byte goes in the file behind a descriptor; None if it cannot be read.

    Not the file's size: a sandbox may give a file whose size is fixed beforehand.
    """
    try:
        found = os.fstat(fd)
        if stat.S_ISREG(found.st_mode) and hasattr(os, "pread"):
            os.pread(fd, 0, 0)
            return os.lseek(fd, 0, os.SEEK_CUR)
    except OSError:
        pass
    return None


def _same_file() -> bool:
    one, other = os.fstat(1), os.fstat(2)
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
