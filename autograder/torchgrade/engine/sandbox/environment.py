"""What the learner's process inherits of the server: a short environment, default signals."""

import contextlib
import ctypes
import os
import posix
import signal
import tempfile
from pathlib import Path

from torchgrade.engine.sandbox import kernel
from torchgrade.engine.sandbox.policy import Policy

KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ")
ENV_START, ENV_END = 50, 51  # fields of /proc/self/stat as proc_pid_stat(5) numbers them, from 1


def reduce(policy: Policy) -> None:
    """Replace the environment by what a lesson needs; leave nothing of the old one in memory's
    usual places: `os.environ`, C's `environ`, the interpreter's first copy, `/proc/self/environ`.
    """
    directory = str(policy.directory)
    prefixes = ("TORCHGRADE_", *(("CUDA_",) if policy.accelerator else ()))
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or name.startswith(prefixes)
    }
    kept |= {"HOME": directory, "TMPDIR": directory, "USER": "learner", "LOGNAME": "learner"}
    kept |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NBGRADER_EXECUTION": "autograde"}
    os.environ.clear()
    posix.environ.clear()
    kernel.libc.clearenv()
    _wipe()
    os.environ.update(kept)
    tempfile.tempdir = None  # it remembers where the server's files went


def default_signals() -> None:
    """Undo what the server arranged. SIGINT raises KeyboardInterrupt, as in every interpreter."""
    signal.set_wakeup_fd(-1)
    # Python itself ignores these two, so that a write raises OSError instead.
    ignored = {signal.SIGPIPE, signal.SIGXFSZ}
    for number in signal.valid_signals() - ignored - {signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError):  # the C library keeps some for itself
            signal.signal(number, signal.SIG_DFL)
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _wipe() -> None:
    """Overwrite the block that the kernel shows as /proc/self/environ."""
    # The program's name, in parentheses, may hold spaces.
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = (int(fields[at - 3]) for at in (ENV_START, ENV_END))
    if start:
        ctypes.memset(start, 0, end - start)
