"""Who the learner's process is: another user than the server, without privileges.

credentials(7), capabilities(7). A user for each sandbox, so that the limit on processes counts only
the sandbox's own and one learner's process cannot signal another's.
"""

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from torchgrade.engine.sandbox import kernel

# systemd's list of users (UIDS-GIDS) calls 1879048192 and above unused; containers often have only
# 65536 of them.
FIRST, COUNT = 1879048192, 2**27
FIRST_OF_FEW, COUNT_OF_FEW = 40000, 20000
CAP_DAC_READ_SEARCH = 2
NEEDED = {0: "CHOWN", 5: "KILL", 6: "SETGID", 7: "SETUID"}
CAPABILITY_VERSION_3 = 0x20080522
PR_CAP_AMBIENT_RAISE, PR_CAP_AMBIENT_CLEAR_ALL = 2, 4


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Set(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def missing() -> str:
    """Why this process cannot become another user; "" if it can."""
    if os.geteuid() != 0:
        return "only root can become another user"
    lacking = [name for bit, name in NEEDED.items() if bit not in _effective()]
    if lacking:
        return f"lacks the capability {' and '.join(lacking)}"
    if _users() is None:
        return "no other user exists in this user namespace"
    return ""


def may_read_everything() -> bool:
    """Whether there is a capability that `drop` could keep for `reads_everything`."""
    return CAP_DAC_READ_SEARCH in _effective()


def reserve() -> tuple[int, socket.socket]:
    """A user that no other sandbox has, for as long as the socket is open."""
    users = _users()
    if users is None:
        raise OSError("no other user exists in this user namespace")
    for uid in users:
        lock = socket.socket(socket.AF_UNIX)
        with suppress(OSError):
            lock.bind(f"\0torchgrade-user-{uid}")
            return uid, lock
        lock.close()
    raise OSError("every user kept for sandboxes is in use")


def give(directory: Path, uid: int) -> None:
    """Make a user the owner of a directory and what is in it, following no link."""
    for _, folders, files, handle in os.fwalk(directory):
        os.chown(handle, uid, uid)
        for name in (*folders, *files):
            os.chown(name, uid, uid, dir_fd=handle, follow_symlinks=False)


def drop(uid: int | None, reads_everything: bool) -> None:
    """Become the user (None: remain who we are) and give up every capability.

    Args:
        reads_everything: keep the one that opens directories closed to others, for an interpreter
            under root's home where there is no mount namespace. Only where Landlock says what may
            be read.
    """
    kept = 1 << CAP_DAC_READ_SEARCH if reads_everything else 0
    kernel.prctl(kernel.PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        # Fails beyond the last one, and without the right: then no exec gives anything back.
        with suppress(OSError):
            if not kept >> capability & 1:
                kernel.prctl(kernel.PR_CAPBSET_DROP, capability)
    if uid is not None:
        kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        kernel.prctl(kernel.PR_SET_KEEPCAPS, 0)
    _set_capabilities(kept, inheritable=kept)
    if kept:
        kernel.prctl(kernel.PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH)


def look_like(uid: int) -> None:
    """Open files as this user does, yet keep all rights: what the warden needs to measure it."""
    with open("/proc/self/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    permitted = int(fields["CapPrm"], 16)
    kernel.libc.setfsgid(uid)
    kernel.libc.setfsuid(uid)
    _set_capabilities(permitted, inheritable=0)


def kill_all_of(uid: int) -> None:
    """End every process of a sandbox's user at once, so that none can fork away.

    The killer's effective user is the sandbox's and its real user is one that nobody is: so it may
    signal the sandbox and nobody else, and the sandbox may not signal it.
    """
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid + 1, uid, uid + 1)
            os.kill(-1, 9)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def _set_capabilities(kept: int, inheritable: int) -> None:
    halves = ((bits & 0xFFFFFFFF, bits >> 32) for bits in (kept, inheritable))
    (low, high), (low_inheritable, high_inheritable) = halves
    sets = (_Set * 2)(_Set(low, low, low_inheritable), _Set(high, high, high_inheritable))
    header = _Header(CAPABILITY_VERSION_3, 0)
    kernel.checked(kernel.libc.capset(ctypes.byref(header), ctypes.byref(sets)), "capset")


def _effective() -> set[int]:
    with open("/proc/self/status") as status:
        mask = next(int(line.split()[1], 16) for line in status if line.startswith("CapEff"))
    return {bit for bit in range(64) if mask >> bit & 1}


def _users() -> Iterator[int] | None:
    """Candidates, each with a neighbour left free for `kill_all_of`; None if there are none."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        inside, _, length = map(int, line.split())
        for first, count in ((FIRST, COUNT), (FIRST_OF_FEW, COUNT_OF_FEW)):
            if inside <= first and first + count <= inside + length:
                start = 2 * os.getpid() % count
                return (first + (start + step) % count for step in range(0, count, 2))
    return None
