"""Namespaces: no other process, no network, no shared memory of others within reach.

user_namespaces(7), pid_namespaces(7). The warden makes the user and the process namespace, because
only its children are born into the latter; the learner's process makes the rest, because the warden
still needs the old file system and the old `/proc`.
"""

import os
import socket
from pathlib import Path

from torchgrade.engine.sandbox import kernel


def open_for_child(user: bool) -> None:
    """Let this process's next child be the first process of a new process namespace.

    Args:
        user: make a user namespace first, as somebody without privileges must.
    """
    if user:
        uid, gid = os.geteuid(), os.getegid()
        kernel.unshare(kernel.CLONE_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    kernel.unshare(kernel.CLONE_NEWPID)


def enter() -> None:
    """Leave the network, shared memory, host name and mounts behind."""
    kernel.unshare(
        kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    )
    socket.sethostname("lab")
