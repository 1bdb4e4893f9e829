"""Resource limits: setrlimit(2)."""

import os
import resource
from pathlib import Path

from torchgrade.engine.sandbox.policy import Policy

MIB = 2**20
OPEN_FILES = 512
PENDING_SIGNALS = 512


def apply(policy: Policy, others: int) -> None:
    """Limit this process and those that come from it.

    Args:
        others: processes and threads of the same user that are not the sandbox's own.
    """
    wanted = {
        resource.RLIMIT_CPU: policy.cpu_seconds,
        resource.RLIMIT_FSIZE: policy.file_mib * MIB,
        resource.RLIMIT_NPROC: policy.processes + others,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: PENDING_SIGNALS,
        resource.RLIMIT_RTPRIO: 0,
        resource.RLIMIT_NICE: 0,
    }
    if not policy.accelerator:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        wanted[resource.RLIMIT_AS] = policy.memory_mib * MIB + pages * resource.getpagesize()
        wanted[resource.RLIMIT_MEMLOCK] = 0
    for kind, amount in wanted.items():
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            amount = min(amount, hard)
        # One second between SIGXCPU, which can be caught, and SIGKILL, which cannot.
        highest = amount + 1 if kind == resource.RLIMIT_CPU and amount != hard else amount
        resource.setrlimit(kind, (amount, highest))


def tasks_of(uid: int) -> int:
    """How many processes and threads a user has: all of them count against RLIMIT_NPROC."""
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid == uid:
                    count += len(os.listdir(f"{entry.path}/task"))
            except OSError:
                continue  # it ended meanwhile
    return count
