"""What stands around a grading: secrets to find, places to write to, sockets that listen.

Everything is below one folder. What an attack did is read from here, not from what it says.
"""

import hashlib
import os
import socket
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

# Each of these stands in one place only; where else it turns up, that place was read.
CANARIES = {
    "hidden tests": "canary-of-the-hidden-tests",
    "reference": "canary-of-the-reference",
    "another submission": "canary-of-the-neighbour",
    "home": "canary-of-the-home",
    "environment": "canary-of-the-environment",
    "somebody's file": "canary-of-the-others",
}
MARK = "torchgrade-attack"
DEEPEST = 60


@dataclass
class Listeners:
    """Sockets of four kinds; `contacts` names those that were reached."""

    path: Path
    contacts: list[str] = field(default_factory=list)
    tcp: int = 0
    udp: int = 0
    abstract: str = ""

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self.abstract = f"torchgrade-{os.getpid()}-{id(self)}"
        stream = self._open("TCP", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        packet = self._open("UDP", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self.tcp, self.udp = stream.getsockname()[1], packet.getsockname()[1]
        self._open("a Unix socket", socket.AF_UNIX, socket.SOCK_STREAM, str(self.path))
        self._open("an abstract socket", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.abstract}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _open(
        self, name: str, family: int, kind: int, address: str | tuple[str, int]
    ) -> socket.socket:
        opened = socket.socket(family, kind)
        opened.bind(address)
        if kind == socket.SOCK_STREAM:
            opened.listen()
        watcher = threading.Thread(target=self._watch, args=(name, opened, kind), daemon=True)
        watcher.start()
        self._stack.callback(watcher.join, 5)
        self._stack.callback(opened.close)
        self._stack.callback(_wake, opened)
        return opened

    def _watch(self, name: str, opened: socket.socket, kind: int) -> None:
        while True:
            try:
                if kind == socket.SOCK_DGRAM:
                    if not opened.recv(4096):  # the empty packet that ends the watch
                        return
                else:
                    opened.accept()[0].close()
            except OSError:
                return
            self.contacts.append(name)


def _wake(opened: socket.socket) -> None:
    """End a thread that waits at a socket; closing it alone would leave the thread there."""
    if opened.type == socket.SOCK_DGRAM:
        opened.sendto(b"", opened.getsockname())
    else:
        opened.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class World:
    """The folder of one grading: `course/`, `home/`, `library/` (on Python's path), `others/`."""

    root: Path

    @property
    def course(self) -> Path:
        return self.root / "course"

    @property
    def home(self) -> Path:
        return self.root / "home"

    def furnish(self) -> None:
        """Plant the secrets (the course is made elsewhere)."""
        for name in ("home/.ssh", "home/.config", "library", "others"):
            (self.root / name).mkdir(parents=True)
        home = CANARIES["home"]
        (self.home / ".ssh" / "id_ed25519").write_text(home)
        (self.home / ".config" / "token").write_text(home)
        (self.home / ".netrc").write_text(home)
        (self.home / ".bashrc").write_text("# mine\n")
        (self.root / "others" / "notes.txt").write_text(CANARIES["somebody's file"])

    @property
    def environment(self) -> dict[str, str]:
        """The grader's environment: its home, its library and a secret."""
        return {
            "HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join(
                [str(self.root / "library"), os.environ.get("PYTHONPATH", "")]
            ).rstrip(os.pathsep),
            "GRADER_TOKEN": CANARIES["environment"],
            "GRADER_MARK": self.mark,
        }

    @property
    def mark(self) -> str:
        """Stands in the environment of the grader and of all that it starts."""
        return f"mark-of-{self.root.name}"

    def places(self, listeners: Listeners) -> Mapping[str, str]:
        """What the words in an attack stand for."""
        return {
            "ROOT": str(self.root),
            "COURSE": str(self.course),
            "HOME": str(self.home),
            "LIBRARY": str(self.root / "library"),
            "OTHERS": str(self.root / "others"),
            "TCP": str(listeners.tcp),
            "UDP": str(listeners.udp),
            "UNIX": str(listeners.path),
            "ABSTRACT": listeners.abstract,
            "MARK": self.mark,
            "PIDS": os.readlink("/proc/self/ns/pid"),
        }

    def snapshot(self) -> dict[str, str]:
        """Every file and link by its path, with a digest of what it holds."""
        found: dict[str, str] = {}
        for folder, below, names in os.walk(self.root):
            if folder.count(os.sep) > DEEPEST:  # an attack's; Python's walk is recursive
                below.clear()
            for name in names:
                path = Path(folder, name)
                if path.is_symlink():
                    found[str(path)] = os.readlink(path)
                elif path.is_file():
                    found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The paths that are new, gone or different."""
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )


def read_secrets(text: str) -> list[str]:
    """What a text gives away, by name."""
    return sorted(name for name, canary in CANARIES.items() if canary in text)
