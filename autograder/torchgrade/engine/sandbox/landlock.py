"""Landlock: what files, ports and processes may be reached, whoever asks. landlock(7)."""

import ctypes
import os
import stat
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from torchgrade.engine.sandbox import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
TRUNCATE, IOCTL_DEVICE = 1 << 14, 1 << 15
READ = EXECUTE | READ_FILE | READ_DIR
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
# The rights that each version of the interface knows; a newer kernel knows the older ones too.
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
TCP_SINCE, SCOPES_SINCE = 4, 6
BIND_AND_CONNECT_TCP = 3
ABSTRACT_SOCKETS_AND_SIGNALS = 3


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("ports", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


@cache
def version() -> int:
    """The version of the kernel's Landlock interface; 0 if there is none."""
    return max(
        0, int(kernel.libc.syscall(ctypes.c_long(CREATE_RULESET), None, ctypes.c_long(0), 1))
    )


def restrict(readable: Iterable[Path], writable: Iterable[Path], unlisted: Iterable[Path]) -> None:
    """Leave these places; everything that is not named is refused. Needs no_new_privs.

    Args:
        readable: may be read and executed.
        writable: may also be changed in every way.
        unlisted: files may be made, opened by name and removed there, but not listed.
    """
    known = RIGHTS[max(since for since in RIGHTS if since <= version())]
    ruleset = _Ruleset(
        files=known,
        ports=BIND_AND_CONNECT_TCP if version() >= TCP_SINCE else 0,
        scoped=ABSTRACT_SOCKETS_AND_SIGNALS if version() >= SCOPES_SINCE else 0,
    )
    # An older kernel refuses a longer structure only if the part that it does not know is not 0.
    handle = kernel.syscall(
        CREATE_RULESET, "make a Landlock ruleset", ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0
    )
    try:
        for places, rights in ((readable, READ), (writable, known), (unlisted, known & ~READ_DIR)):
            for place in places:
                _allow(handle, place, rights & known)
        kernel.syscall(RESTRICT_SELF, "enter Landlock", handle, 0)
    finally:
        os.close(handle)


def _allow(handle: int, place: Path, rights: int) -> None:
    descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= OF_FILES
        rule = _Beneath(allowed=rights, parent=descriptor)
        kernel.syscall(
            ADD_RULE,
            f"allow {place}",
            handle,
            1,
            ctypes.byref(rule),
            0,  # 1: path beneath
        )
    finally:
        os.close(descriptor)
