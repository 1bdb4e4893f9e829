"""The learner's process as a plain Jupyter kernel, where there is no fork (Windows, macOS)."""

import base64
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from torchgrade.engine.channel import Closed, Malformed, Message, TooSlow
from torchgrade.engine.outputs import Outputs
from torchgrade.engine.processes import end_tree
from torchgrade.engine.task import Layer, Limits
from torchgrade.engine.wire import pack, unpack_frame

START_SECONDS = 60.0
POLL_SECONDS = 0.2  # how soon the death of a kernel is noticed, and too much memory
# What a kernel needs to find its interpreter's libraries and nothing that is secret.
KEPT = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL", "LC_CTYPE", "TZ")
KEPT_ON_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMFILES")
QUIET = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "NBGRADER_EXECUTION": "autograde",
}
LAYERS = (
    Layer("process", True, "a kernel of its own"),
    Layer("sandbox", False, "only Linux has what it needs"),
)
# One expression, so that nothing is added to the notebook's names.
ANSWER = (
    "__import__('base64').b64encode(__import__('torchgrade.engine.in_kernel', fromlist=['_'])"
    ".answer_in_kernel(__import__('base64').b64decode({frame!r}))).decode()"
)
OUTPUT_KINDS = ("display_data", "execute_result", "error", "update_display_data", "clear_output")


class KernelLearner:
    """A learner's kernel (a `Link`): a process of its own, and no sandbox around it.

    Args:
        directory: where the cells run, and their HOME; it is removed at the end.
        environment: variables that the kernel gets besides the few that it needs.
        limits: `memory_mib` and `output_kib` hold here; a `Learner` holds it to its seconds.
        deadline: a time of `time.monotonic()` at which it must be up.

    Raises:
        RuntimeError: the kernel does not start.
    """

    def __init__(
        self, directory: Path, environment: Mapping[str, str], limits: Limits, deadline: float
    ) -> None:
        self.layers = list(LAYERS)
        self._limits = limits
        self._outputs = Outputs(limits.output_kib)
        self._directory = directory
        # Beside the directory, so that no listing shows it. The name of a socket must be short.
        self._own = Path(tempfile.mkdtemp(prefix="k", dir=directory.parent))
        self._manager = KernelManager(
            # No folder of specs: the kernel of this interpreter, whatever the user has installed.
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            connection_file=str(self._own / "k.json"),
            transport="ipc" if os.name == "posix" else "tcp",
        )
        self._client: Any = None
        self._process: Any = None
        self._poller = zmq.Poller()
        self._number = 0
        self._peak_mib = 0.0
        self._excess = ""
        try:
            self._start(environment, min(deadline, time.monotonic() + START_SECONDS))
        except Exception as error:
            how, _ = self.end()
            raise RuntimeError(
                f"the learner's kernel did not start: it {how} ({type(error).__name__}: {error})"
            ) from error

    def _start(self, environment: Mapping[str, str], deadline: float) -> None:
        private = dict.fromkeys(
            ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), str(self._directory)
        ) | {"IPYTHONDIR": str(self._own), "USER": "learner", "USERNAME": "learner"}
        kept = {name: os.environ[name] for name in (*KEPT, *KEPT_ON_WINDOWS) if name in os.environ}
        self._manager.start_kernel(
            cwd=str(self._directory),
            env={**kept, **QUIET, **private, **environment},
            extra_arguments=["--HistoryManager.enabled=False"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        provisioner: Any = self._manager.provisioner
        self._process = provisioner.process
        self._client = self._manager.blocking_client()
        self._client.start_channels(hb=False)  # we look at the process ourselves
        self._client.wait_for_ready(timeout=max(0.0, deadline - time.monotonic()))
        self._channels = {
            channel.socket: channel
            for channel in (
                self._client.iopub_channel,
                self._client.shell_channel,
                self._client.stdin_channel,
            )
        }
        for socket in self._channels:
            self._poller.register(socket, zmq.POLLIN)
        # Imports torch and the answers now, and not in the time of a cell.
        self.send({"do": "has", "name": ""}, deadline)
        self.receive(deadline)

    def send(self, message: Message, deadline: float) -> None:
        """See `Link`."""
        if "do" not in message:
            self._client.input(_text(pack(message)))
            return
        self._number += 1
        self._runs = message["do"] == "run"
        self._started = time.monotonic()
        self._reply: dict[str, Any] | None = None
        self._idle = False
        if self._runs and not message["source"].strip():  # a kernel does not count it either
            self._reply, self._idle = {"status": "ok"}, True
            return
        content = {
            "code": message["source"] if self._runs else "",
            "silent": not self._runs,
            "store_history": self._runs,
            "user_expressions": {},
            "allow_stdin": not self._runs,
            "stop_on_error": False,
        }
        if not self._runs:
            # An expression that fails says so in the reply; it neither prints nor counts as a cell.
            frame = _text(pack(message | {"number": self._number}))
            content["user_expressions"] = {"answer": ANSWER.format(frame=frame)}
        metadata = {**message["metadata"], "cellId": message["cell"]} if self._runs else {}
        asked = self._client.session.msg("execute_request", content, metadata=metadata)
        self._asked = asked["header"]["msg_id"]
        self._client.shell_channel.send(asked)

    def receive(self, deadline: float) -> Message:
        """See `Link`."""
        try:
            while not (self._idle and self._reply is not None):
                for kind, content in self._arrived(deadline):
                    if kind == "input_request":
                        return self._frame(content["prompt"])
                    self._take(kind, content)
            self._look_at_memory()
            return self._ran(self._reply) if self._runs else self._answer(self._reply)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Malformed(f"{type(error).__name__}: {error}") from error

    def interrupt(self) -> None:
        """Interrupt what runs, as the stop button does."""
        if self._process.poll() is None:
            self._manager.interrupt_kernel()

    def end(self) -> tuple[str, float]:
        """See `Link`; nothing is left behind."""
        code = None if self._process is None else self._process.poll()
        if self._client is not None:
            self._client.stop_channels()
        if self._process is not None:
            end_tree(self._process.pid)
            self._manager.shutdown_kernel(now=True)
        for folder in (self._own, self._directory):
            shutil.rmtree(folder, ignore_errors=True)
        return self._excess or _how(code), self._peak_mib

    def _arrived(self, deadline: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """What comes next about the request, if anything does."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise TooSlow
        ready = self._poller.poll(round(1000 * min(left, POLL_SECONDS)))
        if not ready:
            self._look_at_memory()
            if self._process.poll() is not None:
                raise Closed("the kernel has ended")
        for socket, _ in ready:
            message = self._channels[socket].get_msg(timeout=0)
            if message["parent_header"].get("msg_id") == self._asked:
                yield message["msg_type"], message["content"]

    def _take(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "execute_reply":
            self._reply = content
        elif kind == "status":
            self._idle = content["execution_state"] == "idle"
        elif kind == "stream":
            self._outputs.write(content["name"], content["text"].encode("utf-8", "replace"))
        elif kind in OUTPUT_KINDS:
            self._outputs.receive(kind, content)

    def _ran(self, reply: dict[str, Any]) -> Message:
        outputs, truncated = self._outputs.take()
        return {
            "outputs": outputs,
            "count": reply.get("execution_count"),
            "seconds": time.monotonic() - self._started,
            "failed": reply["status"] != "ok",
            "truncated": truncated,
        }

    def _answer(self, reply: dict[str, Any]) -> Message:
        self._outputs.take()  # what an answer prints is no output of a cell
        answer = reply["user_expressions"]["answer"]
        if answer["status"] == "ok":
            return self._frame(answer["data"]["text/plain"].strip("'"))
        if answer["ename"] == "KeyboardInterrupt":
            return {"stopped": True}
        raise Malformed(f"no answer but {answer['ename']}: {str(answer['evalue'])[:200]}")

    def _frame(self, text: str) -> Message:
        message = unpack_frame(base64.b64decode(text, validate=True))
        if message.pop("number", None) != self._number:
            raise Malformed("an answer to another question")
        return message

    def _look_at_memory(self) -> None:
        with contextlib.suppress(psutil.Error):
            used = psutil.Process(self._process.pid).memory_info().rss / 2**20
            self._peak_mib = max(self._peak_mib, used)
            if used > self._limits.memory_mib:
                self._excess = f"used more than {self._limits.memory_mib} MiB of memory"
                raise Closed(self._excess)


def _text(frame: bytes) -> str:
    return base64.b64encode(frame).decode()


def _how(code: int | None) -> str:
    if code is None:
        return "was stopped"
    return f"exited with {code}" if code >= 0 else f"was killed ({signal.Signals(-code).name})"
