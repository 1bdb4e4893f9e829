"""The learner's process as a plain Jupyter kernel, where there is no fork (Windows, macOS)."""

import base64
import contextlib
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from torchgrade.engine.learner import GRACE, LearnerEnded
from torchgrade.engine.outputs import Outputs
from torchgrade.engine.shell import Ran

START_SECONDS = 60.0
POLL_SECONDS = 0.2  # how soon the death of a kernel is noticed
# What a kernel needs to find its interpreter's libraries and nothing that is secret.
KEPT_NAMES = (
    "PATH",
    "LANG",
    "LC_ALL",
    "SYSTEMROOT",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "OMP_NUM_THREADS",
)
# One expression, so that nothing is added to the notebook's names.
ANSWER = (
    "__import__('base64').b64encode(__import__('torchgrade.engine.answer', fromlist=['answer'])"
    ".answer_in_kernel(__import__('base64').b64decode({frame!r}))).decode()"
)
OUTPUT_KINDS = ("display_data", "execute_result", "error", "update_display_data", "clear_output")


class CellFailed(Exception):
    """A cell in a kernel raised; the message is the name of what it raised."""


class KernelLearner:
    """A learner's kernel in a folder of its own, with no sandbox but its own process.

    Args:
        environment: variables that the kernel gets besides the few that it needs.
        output_kib: what the outputs of one cell may take.

    Raises:
        LearnerEnded: the kernel does not start.
    """

    def __init__(self, environment: Mapping[str, str] | None = None, output_kib: int = 512) -> None:
        self.ended = ""
        self._outputs = Outputs(output_kib)
        self._folder = Path(tempfile.mkdtemp(prefix="torchgrade-"))
        for name in ("work", "home", "runtime"):
            (self._folder / name).mkdir()
        kept = {name: os.environ[name] for name in KEPT_NAMES if name in os.environ}
        private = {
            "HOME": str(self._folder / "home"),
            "USERPROFILE": str(self._folder / "home"),
            "IPYTHONDIR": str(self._folder / "home" / "ipython"),
            "TMPDIR": str(self._folder),
            "TEMP": str(self._folder),
        }
        self._manager = KernelManager(
            # No folder of specs: the kernel of this interpreter, whatever the user has installed.
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            connection_file=str(self._folder / "runtime" / "kernel.json"),
            transport="ipc" if os.name == "posix" else "tcp",
        )
        self._client: BlockingKernelClient | None = None
        try:
            self._manager.start_kernel(
                cwd=str(self._folder / "work"),
                env={**kept, **private, **(environment or {})},
                extra_arguments=["--HistoryManager.enabled=False"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            self._client = self._manager.blocking_client()
            self._client.start_channels()
            self._client.wait_for_ready(timeout=START_SECONDS)
        except Exception as error:
            self._end(f"its kernel did not start ({error})")
            raise LearnerEnded(self.ended) from error

    @property
    def folder(self) -> Path:
        """The folder in which the cells run."""
        return self._folder / "work"

    def run(self, source: str, cell_id: str, seconds: float) -> Ran:
        """Run one cell; after `seconds` it is interrupted, which is an error among its outputs.

        The exception itself stays in the kernel: `Ran.error` is a `CellFailed` with its name.

        Raises:
            LearnerEnded: the kernel died, or the cell could not be interrupted.
        """
        started = time.monotonic()
        if not source.strip():
            return Ran([], None, None, 0.0, False)
        reply = self._execute(source, seconds, metadata={"cellId": cell_id})
        outputs, truncated = self._outputs.take()
        error = None if reply["status"] == "ok" else CellFailed(reply.get("ename", "aborted"))
        took = time.monotonic() - started
        return Ran(outputs, reply.get("execution_count"), error, took, truncated)

    def ask(self, frame: bytes, seconds: float) -> bytes:
        """Have `torchgrade.engine.answer.answer_in_kernel` answer a frame inside the kernel.

        Raises:
            LearnerEnded: the kernel died, or gave no answer in time.
        """
        asked = base64.b64encode(frame).decode()
        # An expression that fails says so in the reply; it neither prints nor counts as a cell.
        reply = self._execute(
            "",
            seconds,
            silent=True,
            user_expressions={"answer": ANSWER.format(frame=asked)},
        )
        self._outputs.take()
        answer = reply.get("user_expressions", {}).get("answer", {})
        try:
            return base64.b64decode(answer["data"]["text/plain"].strip("'"), validate=True)
        except (KeyError, ValueError, AttributeError, TypeError):
            said = f"{answer.get('ename', 'no answer')}: {answer.get('evalue', '')}"
            raise self._end(f"its kernel cannot answer ({said[:200]})") from None

    def interrupt(self) -> None:
        """Interrupt what runs, as the stop button does."""
        if not self.ended:
            self._manager.interrupt_kernel()

    def end(self) -> None:
        """End the kernel and all that it started; nothing is left behind."""
        if not self.ended:
            self._end("it was ended")

    def _execute(self, source: str, seconds: float, **options: Any) -> dict[str, Any]:
        if self.ended or self._client is None:
            raise LearnerEnded(self.ended)
        metadata = options.pop("metadata", {})
        client = self._client
        content = {
            "code": source,
            "silent": False,
            "store_history": not options.get("silent", False),
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
            **options,
        }
        message = client.session.msg("execute_request", content, metadata=metadata)
        client.shell_channel.send(message)
        number = message["header"]["msg_id"]
        deadline = time.monotonic() + seconds
        interrupted = False
        while True:
            try:
                return self._until_idle(number, deadline)
            except TimeoutError:
                if interrupted:
                    raise self._end(
                        f"it ran for more than {seconds:g} s and could not be interrupted"
                    ) from None
                self.interrupt()
                interrupted = True
                deadline = time.monotonic() + GRACE

    def _until_idle(self, number: str, deadline: float) -> dict[str, Any]:
        """Collect outputs until the kernel says that the request is done; then its reply."""
        assert self._client is not None
        while True:
            message = self._next(self._client.get_iopub_msg, deadline)
            if message["parent_header"].get("msg_id") != number:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "stream":
                self._outputs.write(content["name"], content["text"].encode("utf-8", "replace"))
            elif kind in OUTPUT_KINDS:
                self._outputs.receive(kind, content)
        while True:
            message = self._next(self._client.get_shell_msg, deadline)
            if message["parent_header"].get("msg_id") == number:
                reply: dict[str, Any] = message["content"]
                return reply

    def _next(self, receive: Callable[..., Any], deadline: float) -> dict[str, Any]:
        while time.monotonic() < deadline:
            try:
                message: dict[str, Any] = receive(timeout=POLL_SECONDS)
                return message
            except queue.Empty:
                if not self._manager.is_alive():
                    raise self._end("its kernel died") from None
        raise TimeoutError

    def _end(self, reason: str) -> LearnerEnded:
        self.ended = reason
        if self._client is not None:
            self._client.stop_channels()
            self._client = None
        provisioner: Any = self._manager.provisioner
        started = _children(getattr(provisioner, "pid", None))
        group = getattr(provisioner, "pgid", None)
        with contextlib.suppress(RuntimeError):  # it never started
            self._manager.shutdown_kernel(now=True)
        for process in started:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if group and hasattr(os, "killpg"):  # also those whose own parent has gone
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)
        return LearnerEnded(reason)


def _children(pid: int | None) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True) if pid else []
    except psutil.Error:
        return []
