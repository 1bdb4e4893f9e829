"""System calls for which Python has no name."""

import ctypes
import os
import platform

MACHINE = platform.machine()
# Numbers of system calls: x86_64, and the generic table that aarch64 uses.
COLUMN = {"x86_64": 0, "aarch64": 1}.get(MACHINE)

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def checked(result: int, doing: str) -> int:
    """The result of a C function; raises OSError with errno's text if it is -1."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{doing}: {os.strerror(number)}")
    return result


def syscall(number: int, doing: str, *arguments: object) -> int:
    """Call by number. Plain ints are passed as 64 bits: the kernel reads whole registers."""
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return checked(libc.syscall(ctypes.c_long(number), *wide), doing)


def prctl(option: int, *arguments: object) -> int:
    """Change an attribute of this process."""
    wide = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    wide += [ctypes.c_ulong(0)] * (4 - len(wide))
    return checked(libc.prctl(ctypes.c_int(option), *wide), f"prctl {option}")


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    checked(libc.unshare(ctypes.c_int(flags)), "unshare")
