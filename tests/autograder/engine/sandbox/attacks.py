"""What learners' code may try in a sandbox. Each returns plain data, or does not return."""

import asyncio
import ctypes
import multiprocessing
import os
import posix
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

MIB = 2**20


def outcome(attempt: Callable[[], object]) -> str:
    """The name of the exception, or "done"."""
    try:
        attempt()
    except BaseException as error:
        return type(error).__name__
    return "done"


def nothing() -> None:
    pass


def where() -> dict[str, Any]:
    libc = ctypes.CDLL(None)
    shown = Path("/proc/self/environ")
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    return {
        "cwd": os.getcwd(),
        "HOME": os.environ["HOME"],
        "names": sorted(os.environ),
        "first": sorted(map(os.fsdecode, posix.environ)),
        "shown": shown.read_text() if outcome(shown.read_text) == "done" else "",
        "inherited": subprocess.run(["env"], capture_output=True, text=True, check=True).stdout,
        "descriptors": [at for at in range(3, 256) if outcome(partial(os.fstat, at)) == "done"],
        "capabilities": list(sets),
        "no_new_privs": libc.prctl(39, 0, 0, 0, 0),
    }


def read(paths: list[str]) -> list[str]:
    def attempt(path: str) -> object:
        return os.listdir(path) if os.path.isdir(path) else Path(path).read_bytes()

    return [outcome(partial(attempt, path)) for path in paths]


def write(folders: list[str]) -> list[str]:
    return [outcome(partial(Path(folder, "written").write_text, "x")) for folder in folders]


def connect(path: str, abstract: str, port: int) -> list[str]:
    def tcp() -> None:
        socket.create_connection(("127.0.0.1", port), 1)

    def udp() -> None:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port))

    def unix(address: str) -> None:
        socket.socket(socket.AF_UNIX).connect(address)

    unixes = (partial(unix, path), partial(unix, "\0" + abstract))
    return [outcome(attempt) for attempt in (tcp, udp, *unixes)]


def reach(pid: int) -> dict[str, str]:
    """Signal, trace, read and slow down the server's process."""
    libc = ctypes.CDLL(None, use_errno=True)

    def checked(result: int) -> None:
        if result == -1:
            raise OSError(ctypes.get_errno(), "refused")

    room = ctypes.create_string_buffer(8)

    class Vector(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    ours, theirs = Vector(ctypes.addressof(room), 8), Vector(id(None), 8)
    return {
        "kill": outcome(lambda: os.kill(pid, signal.SIGUSR1)),
        "kill parent": outcome(lambda: os.kill(os.getppid() or pid, signal.SIGUSR1)),
        "ptrace": outcome(lambda: checked(libc.ptrace(16, pid, 0, 0))),
        "memory": outcome(
            lambda: checked(
                libc.process_vm_readv(pid, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)
            )
        ),
        "/proc/mem": outcome(lambda: open(f"/proc/{pid}/mem", "rb")),
        "/proc/environ": outcome(lambda: Path(f"/proc/{pid}/environ").read_bytes()),
        "limits": outcome(lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3))),
    }


def kill_everything() -> str:
    return outcome(lambda: os.kill(-1, signal.SIGUSR1))


def change_the_kernel_s_mind() -> dict[str, str]:
    libc = ctypes.CDLL(None, use_errno=True)

    def call(number: int, *arguments: int) -> str:
        return "done" if libc.syscall(number, *arguments) >= 0 else os.strerror(ctypes.get_errno())

    new_user, new_pid = 0x10000000, 0x20000000
    return {
        "unshare": call(272, new_user),
        "clone": call(56, new_pid | signal.SIGCHLD, 0, 0, 0, 0),
        "mount": call(165, 0, 0, 0, 0, 0),
        "io_uring": call(425, 1, 0),
        "bpf": call(321, 0, 0, 0),
        "parent's death": call(157, 1, 0, 0, 0, 0),
        "second table": call(0x40000000 + 39),
    }


def fork_bomb() -> None:
    while True:
        try:
            if os.fork() == 0:
                continue
        except OSError:
            time.sleep(0.01)


def count_forks() -> int:
    started = 0
    try:
        for _ in range(200):
            if os.fork() == 0:
                time.sleep(60)
            started += 1
    except OSError:
        pass
    return started


def hop() -> None:
    """A process that is forever somebody else: each one forks and goes."""
    if os.fork() == 0:
        os.setsid()
        while os.fork() == 0:
            pass
        os._exit(0)


def daemon() -> None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            threading.Thread(target=time.sleep, args=(60,)).start()
            subprocess.Popen(["sleep", "60"], start_new_session=True)
            time.sleep(60)
        os._exit(0)
    time.sleep(0.2)


def hold_memory(mib: int, processes: int) -> str:
    """Fill memory, evenly in some processes, slowly enough to be seen."""
    for _ in range(processes - 1):
        if os.fork() == 0:
            break
    kept = []

    def fill() -> None:
        for _ in range(mib // processes // 16):
            kept.append(b"x" * (16 * MIB))
            time.sleep(0.02)

    became = outcome(fill)
    time.sleep(0.5)
    return became


def fill_disk(mib: int, deleted: bool) -> str:
    kept = []

    def fill() -> None:
        for number in range(mib // 4):
            file = open(f"{number}", "wb")  # noqa: SIM115
            file.write(b"x" * (4 * MIB))
            file.flush()
            if deleted:
                os.unlink(file.name)
            kept.append(file)
            time.sleep(0.01)

    became = outcome(fill)
    time.sleep(0.5)
    return became


def large_file(mib: int) -> str:
    return outcome(lambda: Path("large").write_bytes(b"x" * (mib * MIB)))


def use_processor() -> None:
    while True:
        pass


def print_without_end() -> str:
    return outcome(lambda: [os.write(1, b"x" * MIB) for _ in range(4)])


def sleep(seconds: float) -> str:
    return outcome(lambda: time.sleep(seconds))


def sleep_with_children(seconds: float) -> None:
    if os.fork() == 0:
        os.setsid()
    time.sleep(seconds)


def leave(code: int) -> None:
    os._exit(code)


def crash() -> None:
    ctypes.string_at(0)


class Squares(torch.utils.data.Dataset[torch.Tensor]):
    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.tensor([float(index**2)])


def _double(value: int, queue: Any) -> None:
    queue.put(2 * value)


def honest() -> dict[str, Any]:
    """What a lesson may do."""
    loader = torch.utils.data.DataLoader(Squares(), batch_size=4, num_workers=2)
    queue: Any = multiprocessing.Queue()
    process = multiprocessing.Process(target=_double, args=(21, queue))
    process.start()
    doubled = queue.get(timeout=20)
    process.join()

    async def soon() -> str:
        await asyncio.sleep(0.001)
        program = await asyncio.create_subprocess_exec("true")
        return f"exit {await program.wait()}"

    fresh = [name for name in ("wave", "tabnanny") if name not in sys.modules]
    for name in (*fresh, "jsonschema"):
        __import__(name)
    Path("kept.txt").write_text("kept")
    torch.save(torch.ones(2), "tensor.pt")
    return {
        "batches": [batch.flatten().tolist() for batch in loader],
        "doubled": doubled,
        "asyncio": asyncio.run(soon()),
        "ls": subprocess.run(["ls"], capture_output=True, text=True, check=True).stdout.split(),
        "python": subprocess.run(
            [sys.executable, "-c", "import numpy; print(6 * 7)"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout,
        "matmul": (torch.ones(64, 64) @ torch.ones(64, 64)).sum().item(),
        "loaded": torch.load("tensor.pt").tolist(),
        "fresh": fresh,
    }
