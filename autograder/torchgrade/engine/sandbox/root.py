"""A root directory that holds what is needed and nothing else.

mount_namespaces(7), pivot_root(2), mount_setattr(2).
"""

import ctypes
import os
from pathlib import Path

from torchgrade.engine.sandbox import kernel
from torchgrade.engine.sandbox.places import View
from torchgrade.engine.sandbox.policy import Policy

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
AT_RECURSIVE = 0x8000
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID = 1, 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR = 442

# What is left of /proc where a fresh one may not be mounted, as in many containers.
PROC = tuple(Path("/proc", name) for name in ("cpuinfo", "meminfo", "stat", "version"))
SHARED_MEMORY_PART = 4  # of the memory, as a tmpfs is not part of any process


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


def build(policy: Policy, view: View) -> None:
    """Make the new root and make it this process's only one. Needs a fresh mount namespace."""
    directory = str(policy.directory)
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    # Any folder serves to hold the new root; after the pivot it is no longer covered.
    _mount("tmpfs", directory, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755")
    os.mkdir(f"{directory}/.old", 0o700)
    kernel.syscall(
        PIVOT_ROOT[kernel.MACHINE],
        "pivot_root",
        ctypes.c_char_p(directory.encode()),
        ctypes.c_char_p(f"{directory}/.old".encode()),
    )
    os.chdir("/")
    for place in view.readable:
        _bind(place)
        _read_only(str(place))
    for alias, real in view.aliases.items():
        _folder(str(alias.parent))
        os.symlink(real, alias)
    for device in view.devices:
        _bind(device)
    _folder("/dev/shm")
    size = policy.memory_mib // SHARED_MEMORY_PART
    _mount(
        "tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, f"size={size}m,mode=1777"
    )
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1")):
        os.symlink(target, f"/dev/{name}")
    os.symlink("fd/2", "/dev/stderr")
    _proc()
    _bind(policy.directory)
    kernel.checked(kernel.libc.umount2(b"/.old", MNT_DETACH), "unmount the old root")
    os.rmdir("/.old")
    _read_only("/", recursive=False)


def _bind(place: Path) -> None:
    old = f"/.old{place}"
    if os.path.isdir(old):
        _folder(str(place))
    else:
        _folder(str(place.parent))
        os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o644))
    _mount(old, str(place), None, MS_BIND | MS_REC)


def _proc() -> None:
    _folder("/proc")
    try:
        _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError:
        for place in PROC:
            _bind(place)


def _folder(path: str) -> None:
    os.makedirs(path, 0o755, exist_ok=True)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    source_, kind_ = (None if text is None else text.encode() for text in (source, kind))
    result = kernel.libc.mount(
        source_, target.encode(), kind_, ctypes.c_ulong(flags), data.encode() or None
    )
    kernel.checked(result, f"mount {target}")


def _read_only(path: str, recursive: bool = True) -> None:
    attributes = _Attributes(set=MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID)
    kernel.syscall(
        MOUNT_SETATTR,
        f"make {path} read-only",
        -100,  # AT_FDCWD
        ctypes.c_char_p(path.encode()),
        AT_RECURSIVE if recursive else 0,
        ctypes.byref(attributes),
        ctypes.sizeof(attributes),
    )
