"""Fork servers as different people run them.

`root` may do everything. `closed` may not make namespaces, and its interpreter may lie where other
users cannot read. `docker` has what docker leaves to root. `user` makes user namespaces,
`restricted` is a user on a host that forbids them.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SERVER = "tests.autograder.engine.sandbox.server"
REPOSITORY = Path(__file__).parents[4]
USER = 1000
CLOSED = "-sys_admin,-sys_ptrace"
# What docker leaves to root.
DOCKER = (
    "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,"
    "+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap"
)


@dataclass(frozen=True)
class Situation:
    """Who runs the server, and which layers are missing there."""

    name: str
    command: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    needs_root: bool = False


def _shown(then: str) -> tuple[str, ...]:
    """Run a program with an interpreter that others may read, even if it is in root's home."""
    prefix = sys.base_prefix
    closed = [each for each in Path(prefix).parents if not each.stat().st_mode & 1]
    if not closed:
        return ("sh", "-c", f'exec {then} "$@"', "sh")
    show = (
        f"mount --bind {prefix} /mnt && mount -t tmpfs -o mode=755 none {closed[-1]} && "
        f'mkdir -p {prefix} && mount --bind /mnt {prefix} && exec {then} "$@"'
    )
    return ("unshare", "--mount", "sh", "-c", show, "sh")


ROOT = os.geteuid() == 0
BECOME_USER = f"setpriv --reuid={USER} --regid={USER} --clear-groups --"
AS_USER = _shown(BECOME_USER) if ROOT else ()
SITUATIONS = (
    Situation("root", needs_root=True),
    Situation("closed", ("setpriv", f"--bounding-set={CLOSED}", "--"), needs_root=True),
    Situation("docker", _shown(f"setpriv --bounding-set={DOCKER} --"), needs_root=True),
    Situation("user", AS_USER),
    Situation("restricted", AS_USER, ("namespaces",)),
)


@dataclass
class Result:
    """What a sandbox came to; see `server.serve`."""

    layers: list[tuple[str, bool, str]] = field(default_factory=list)
    value: Any = None
    status: dict[str, Any] | None = None
    gone: bool = False
    in_time: bool = False
    signals: int = 0
    milliseconds: float = 0.0
    refused: str = ""
    message: str = ""

    @property
    def ended(self) -> str:
        return str(self.status["ended"]) if self.status else ""


class Server:
    """Runs attacks in sandboxes, each in a directory of its own."""

    def __init__(self, situation: Situation, folder: Path) -> None:
        self.situation, self.folder, self._count = situation, folder, 0
        self._process = subprocess.Popen(
            [*situation.command, sys.executable, "-m", SERVER],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "SECRET_TOKEN": "hunter2", "OMP_NUM_THREADS": "1"},
        )
        self.pid = self._answer()["pid"]

    def directory(self) -> Path:
        self._count += 1
        path = self.folder / f"learner-{self._count}"
        path.mkdir()
        if ROOT and self.situation.name in ("user", "restricted"):
            os.chown(path, USER, USER)
        return path

    def run(
        self,
        attack: str,
        *,
        then: str = "",
        without: tuple[str, ...] = (),
        policy: dict[str, Any] | None = None,
        **arguments: Any,
    ) -> Result:
        usual = {"memory_mib": 1024, "cpu_seconds": 20, "processes": 40, "file_mib": 16}
        given = {**usual, "disk_mib": 32, **(policy or {})}
        given.setdefault("directory", str(self.directory()))
        request = {
            "attack": attack,
            "arguments": arguments,
            "then": then,
            "without": [*self.situation.without, *without],
            "policy": given,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Result(**self._answer())

    def close(self) -> None:
        self._process.communicate(timeout=60)

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the server died"
        answer: dict[str, Any] = json.loads(line)
        return answer


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[[Situation], Server]]:
    if sys.platform != "linux" or not shutil.which("setpriv"):
        pytest.skip("sandboxes are Linux's")
    servers: dict[str, Server] = {}

    def started(situation: Situation) -> Server:
        if situation.needs_root and not ROOT:
            pytest.skip("needs root")
        if situation.name not in servers:
            # pytest's own folders are closed to other users.
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folder.chmod(0o755)
            servers[situation.name] = Server(situation, folder)
        return servers[situation.name]

    with contextlib.ExitStack() as stack:
        yield started
        for server in servers.values():
            server.close()


@pytest.fixture(params=SITUATIONS, ids=lambda situation: situation.name)
def server(request: pytest.FixtureRequest, start: Callable[[Situation], Server]) -> Server:
    return start(request.param)
