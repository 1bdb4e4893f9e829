"""What a sandbox uses: memory of all its processes, their number, the size of its directory."""

import os
import stat
from collections.abc import Iterable

PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20
SMALLEST = 4096  # bytes that even an empty file or folder is counted for
# Some kernels list no children (CONFIG_PROC_CHILDREN); then all processes are looked through.
LISTED = os.path.exists("/proc/thread-self/children")
BLOCK = 512  # the unit of st_blocks


class TooDeep(Exception):
    """Folders lie in each other so deeply that no path reaches the innermost."""


def descendants(pid: int) -> list[int]:
    """Processes that came from this one and are still its own or its descendants' children."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = _children(waiting.pop())
        found += children
        waiting += children
    return found


def tasks(pids: Iterable[int]) -> int:
    """Processes and their threads."""
    return sum(len(_listed(f"/proc/{pid}/task")) for pid in pids)


def resident_mib(pid: int) -> float:
    """All memory of a process, shared or not; cheap."""
    fields = _read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * PAGE_MIB if fields else 0.0


def private_mib(pid: int) -> float:
    """Memory that a process shares with no other."""
    return _sum(pid, ("Private_Clean", "Private_Dirty", "Private_Hugetlb"))


def proportional_mib(pid: int) -> float:
    """Memory of a process, with each page divided by the number of those that share it, without
    mapped files. Falls back to all of its memory where the kernel does not say."""
    return _sum(pid, ("Pss_Anon", "Pss_Shmem", "SwapPss")) or resident_mib(pid)


def memory_mib(pids: Iterable[int], worth_a_look: float) -> float:
    """Memory of all processes together.

    The exact figure costs milliseconds; the sum of what each has, shared or not, is never less, and
    is good enough as long as it stays below `worth_a_look`.
    """
    pids = tuple(pids)
    most = sum(map(resident_mib, pids))
    return most if most <= worth_a_look else sum(map(proportional_mib, pids))


def disk_mib(directory: str, pids: Iterable[int]) -> float:
    """Size of a directory and of deleted files that processes still hold open.

    Raises:
        TooDeep: part of the directory cannot be reached.
    """
    return (_tree(directory) + sum(_deleted(pids).values())) / 2**20


def _tree(directory: str) -> int:
    size = 0
    waiting = [directory]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    found = entry.stat(follow_symlinks=False)
                    size += max(SMALLEST, found.st_blocks * BLOCK)
                    if stat.S_ISDIR(found.st_mode):
                        waiting.append(entry.path)
        except OSError as error:
            if len(folder) > os.pathconf("/", "PC_PATH_MAX") - 300:
                raise TooDeep from error
            # Otherwise it was removed meanwhile.
    return size


def _deleted(pids: Iterable[int]) -> dict[tuple[int, int], int]:
    sizes: dict[tuple[int, int], int] = {}
    for pid in pids:
        for name in _listed(f"/proc/{pid}/fd"):
            try:
                found = os.stat(f"/proc/{pid}/fd/{name}")
            except OSError:
                continue
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 0:
                sizes[found.st_dev, found.st_ino] = found.st_blocks * BLOCK
    return sizes


def _children(pid: int) -> list[int]:
    if not LISTED:
        parents = ((int(name), _read(f"/proc/{name}/stat")) for name in _listed("/proc")
                   if name.isdigit())  # fmt: skip
        # The parent is the second field after the name, which may hold spaces and parentheses.
        return [
            child for child, line in parents if line.rpartition(")")[2].split()[1:2] == [str(pid)]
        ]
    threads = _listed(f"/proc/{pid}/task")
    lines = (_read(f"/proc/{pid}/task/{thread}/children") for thread in threads)
    return [int(child) for line in lines for child in line.split()]


def _sum(pid: int, names: tuple[str, ...]) -> float:
    lines = (line.split() for line in _read(f"/proc/{pid}/smaps_rollup").splitlines()[1:])
    return sum(int(line[1]) for line in lines if line[0].removesuffix(":") in names) / 1024


def _listed(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""
