"""The fork server: `python -P -m torchgrade.engine.server FD FOLDER`.

It imports what every notebook needs, once, and then only forks: a judge when the driver asks, a
learner when a judge asks. It has one thread, computes nothing in parallel and never touches an
accelerator, because children of a process that did would hang or fail; and it never reads a
notebook, because whatever it knew its children would know too.

The driver speaks over the socket FD: its settings as JSON, then a request for each judge, with the
file descriptor that goes with it (`SCM_RIGHTS`). When that socket closes, the server ends. It works
in a folder of its own, which it makes, and removes at the end.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import torch

from torchgrade.engine.channel import Channel
from torchgrade.engine.environment import remove
from torchgrade.engine.forked import judge_forked
from torchgrade.engine.inside import live
from torchgrade.engine.sandbox import HiddenPlaceExposed, NoProcessBoundary, Policy, spawn
from torchgrade.engine.sandbox.host import host
from torchgrade.engine.shell import prepare
from torchgrade.engine.wire import pack, unpack

# The first optimiser, and the first operation on the device meta, import the compiler: a second or
# more for each notebook that has one.
WARM = ("torch._dynamo", "torch.optim", "comm", "numpy.ctypeslib")
MOST = 65536


def main() -> int:
    """Serve until the driver hangs up."""
    driver, folder = socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])
    try:
        folder.mkdir()
    except OSError as error:
        driver.recv(MOST)  # a socket that is closed with something unread takes back its last word
        driver.send(json.dumps({"failed": str(error)}).encode())
        return 1
    try:
        folder.chmod(0o711)  # learners' processes have other user ids, where they may
        os.chdir(folder)
        _serve(driver, folder)
    except BrokenPipeError:
        pass  # the driver is gone
    finally:
        remove(folder)
    return 0


def _serve(driver: socket.socket, folder: Path) -> None:
    torch.set_num_threads(1)
    _import(WARM)
    host()  # tries what this machine allows, in children that it waits for
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets ended children by itself
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to act on
    prepare()
    pack({"warm": torch.zeros(1)})  # the first tensor that is packed imports a part of NumPy
    if text := driver.recv(MOST):
        settings = json.loads(text)
        _import(settings["preload"])
        gc.collect()
        gc.freeze()  # collecting would touch, and so copy, every page that children share
        Server(driver, settings, folder).serve()


def _import(names: Sequence[str]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            continue  # a notebook that needs it says so itself


class Server:
    """Forks judges for the driver and learners for judges."""

    def __init__(self, driver: socket.socket, settings: dict[str, Any], folder: Path) -> None:
        self._driver = driver
        self._settings = settings
        self._folder = folder
        self._asked, self._ask = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def serve(self) -> None:
        """Answer requests until the driver's socket closes."""
        self._driver.send(json.dumps({"ready": True}).encode())
        while True:
            ready, _, _ = select.select([self._driver, self._asked], [], [])
            for source in ready:
                text, fds, _, _ = socket.recv_fds(source, MOST, 8)
                if not text and source is self._driver:
                    return
                fork = self._judge if source is self._driver else self._learner
                try:
                    fork(json.loads(text), fds)
                finally:
                    for fd in fds:
                        os.close(fd)

    def _judge(self, request: dict[str, Any], fds: list[int]) -> None:
        (fd,) = fds
        pid = os.fork()
        if pid:
            self._driver.send(json.dumps({"judge": pid}).encode())
            return
        status = 1
        try:
            self._driver.close()
            self._asked.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            link = socket.socket(fileno=os.dup(fd))
            judge_forked(link, self._ask, self._folder)
            status = 0
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _learner(self, request: dict[str, Any], fds: list[int]) -> None:
        link, lifeline, status = fds
        policy = Policy(
            directory=Path(request["directory"]),
            hidden=tuple(Path(path) for path in self._settings["hidden"]),
            unprotected=self._settings["unprotected"],
            **request["policy"],
        )

        def main(layers: list[Any]) -> None:
            os.environ.update(request["environment"])
            sys.path.insert(0, "")
            sys.argv = [""]
            judge = Channel(socket.socket(fileno=link), guarded=False, unpack=unpack)
            live(judge, layers, request["output_kib"])

        try:
            spawn(policy, main, [link], lifeline, status)
        except (NoProcessBoundary, HiddenPlaceExposed) as error:
            os.write(status, json.dumps({"refused": str(error)}).encode() + b"\n")


def _end() -> NoReturn:
    # Straight out: a library's exit handlers are of no use to a server that owns nothing.
    os._exit(main())


if __name__ == "__main__":
    _end()
