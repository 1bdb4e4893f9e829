"""What a sandbox is asked to do, and how it refuses."""

from dataclasses import dataclass
from pathlib import Path


class NoProcessBoundary(RuntimeError):
    """Nothing here would keep the learner's process from reaching into the grader's."""


class HiddenPlaceExposed(ValueError):
    """A place that must stay hidden would be readable in the sandbox."""


@dataclass(frozen=True)
class Policy:
    """What the learner's process may use and see.

    Attributes:
        directory: the only place where it may write: its working directory, HOME and TMPDIR. It
            belongs to the sandbox while that runs, and to its user where that is another one.
        memory_mib: of all processes together; also the address space of each beyond the server's.
        cpu_seconds: of each process.
        processes: processes and threads at a time.
        file_mib: size of one file.
        disk_mib: size of `directory`.
        hidden: places that must not be readable, such as the course and the gradebook.
        accelerator: leave the devices of an accelerator reachable. Its drivers reserve far more
            address space than they use, so that address space is then not limited.
        unprotected: run even without a process boundary.
    """

    directory: Path
    memory_mib: int
    cpu_seconds: int
    processes: int
    file_mib: int
    disk_mib: int
    hidden: tuple[Path, ...] = ()
    accelerator: bool = False
    unprotected: bool = False
