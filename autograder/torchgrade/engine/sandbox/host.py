"""What this host allows, found out by doing it once in a process that is then thrown away."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

from torchgrade.engine.sandbox import credentials, landlock, namespaces, places, root, seccomp
from torchgrade.engine.sandbox.policy import Policy


@dataclass(frozen=True)
class Host:
    """Why each layer is not to be had here; "" where it is."""

    namespaces: str
    landlock: str
    seccomp: str
    credentials: str


@cache
def host() -> Host:
    """Look once; the answer does not change while the server runs."""
    return Host(
        namespaces=_try_namespaces(),
        landlock="" if landlock.version() else "the kernel has no Landlock, or it is switched off",
        seccomp="" if seccomp.available() else "no table of system calls for this processor",
        credentials=credentials.missing(),
    )


def _try_namespaces() -> str:
    with tempfile.TemporaryDirectory() as folder:
        policy = Policy(Path(folder).resolve(), 64, 1, 1, 1, 1)
        shown = places.view()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            _report(writing, lambda: _enter(policy, shown, writing))
        os.close(writing)
        with open(reading) as pipe:
            reason = pipe.read()
        os.waitpid(pid, 0)
    if reason and os.geteuid() == 0:
        return f"{reason} (root needs the capability SYS_ADMIN for it)"
    return reason and f"{reason} (this host lets no user make user namespaces)"


def _enter(policy: Policy, shown: places.View, writing: int) -> None:
    namespaces.open_for_child(user=os.geteuid() != 0)
    pid = os.fork()
    if pid == 0:

        def build() -> None:
            namespaces.enter()
            root.build(policy, shown)

        _report(writing, build)
    os.waitpid(pid, 0)


def _report(writing: int, attempt: Callable[[], None]) -> NoReturn:
    try:
        attempt()
    except OSError as error:
        os.write(writing, str(error.strerror).encode())
    finally:
        os._exit(0)
