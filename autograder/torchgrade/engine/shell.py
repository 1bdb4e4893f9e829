"""Runs cells in an IPython shell as a Jupyter kernel does, without a kernel."""

import ast
import asyncio
import atexit
import builtins
import contextlib
import getpass
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ipykernel import zmqshell
from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQShellDisplayHook
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import ExecutionResult
from IPython.core.profiledir import ProfileDir
from jupyter_client.session import Session
from traitlets import Type
from traitlets.config import Config

from torchgrade.engine.outputs import Outputs, limited
from torchgrade.engine.streams import Streams

__all__ = ["NotebookShell", "Ran", "limited", "prepare"]

# A step of a background task, the timer that wakes it and what it wakes each take a turn.
TURNS = 5

Receive = Callable[[str, dict[str, Any]], None]


def prepare() -> None:
    """Import, before a fork, what the first cell and the first error would import after it."""
    shell = NotebookShell()
    for source in ("1 / 0", "import asyncio\nawait asyncio.sleep(0)"):
        shell.run(source, "prepare")
    shell.close()


@dataclass(frozen=True)
class Ran:
    """What running one cell came to.

    Attributes:
        outputs: as in an nbformat 4 notebook, plain JSON.
        execution_count: the number in the cell's prompt; None for an empty cell.
        error: what the cell raised, for callers in this process.
        seconds: wall-clock time.
        truncated: whether outputs were cut.
    """

    outputs: list[dict[str, Any]]
    execution_count: int | None
    error: BaseException | None
    seconds: float
    truncated: bool


class NotebookShell:
    """The one notebook of this process: runs its cells and keeps their outputs.

    Cells see what they see in Jupyter: magics, rich output, `await`, a running event loop,
    `__main__`. It belongs to the process that made it; what may be done before a fork is
    `prepare()`, after which making a shell takes 10 to 20 milliseconds.

    Args:
        output_kib: what the outputs of one cell may take; the rest is cut, and a note says so.
        namespace: the dictionary in which cells run, a subclass if need be; None: a new one.
    """

    def __init__(self, output_kib: int = 512, namespace: dict[str, Any] | None = None) -> None:
        self._outputs = Outputs(output_kib)
        self._streams = Streams(self._outputs.write, max(1, output_kib) * 1024)
        self._loop: asyncio.AbstractEventLoop | None = None
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        self._shell = _make_shell(self._receive, namespace)

    @property
    def namespace(self) -> dict[str, Any]:
        """What the cells have defined, and IPython's own names."""
        names: dict[str, Any] = self._shell.user_ns
        return names

    def run(self, source: str, cell_id: str, metadata: Mapping[str, Any] | None = None) -> Ran:
        """Run one cell to its end. Whatever it raises, SystemExit too, is an output.

        Args:
            metadata: the cell's, as JupyterLab sends them with its request.
        """
        started = time.perf_counter()
        self._shell.parent_header = {"metadata": dict(metadata or {})}
        if not source.strip():
            return Ran([], None, None, time.perf_counter() - started, False)
        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        with self._streams.captured(), _interruptible(), _without_input():
            task = self._loop.create_task(self._execute(source, cell_id))
            while not task.done():
                try:
                    self._loop.run_until_complete(task)
                except BaseException:
                    # A background task ended the loop (SystemExit), or an interrupt came between.
                    self._shell.showtraceback()
        outputs, truncated = self._outputs.take()
        result = task.result()
        return Ran(
            outputs,
            result.execution_count,
            result.error_before_exec or result.error_in_exec,
            time.perf_counter() - started,
            truncated,
        )

    def close(self) -> None:
        """Give back what the shell took over: `__main__`, `get_ipython()`, the event loop."""
        self._shell.restore_sys_module_state()
        atexit.unregister(self._shell.atexit_operations)
        type(self._shell).clear_instance()
        asyncio.set_event_loop(None)
        if self._loop is not None:
            self._loop.close()

    def _receive(self, kind: str, content: dict[str, Any]) -> None:
        self._streams.flush()
        self._outputs.receive(kind, content)

    async def _execute(self, source: str, cell_id: str) -> ExecutionResult:
        """As ipykernel's `do_execute`: a cell that awaits is a task of the loop."""
        shell, process = self._shell, os.getpid()
        await _turns()  # in a kernel, background tasks go on between two cells
        shell.forget()
        problem = None
        try:
            transformed = shell.transform_cell(source)
        except Exception:
            transformed, problem = source, sys.exc_info()
        waits = shell.should_run_async(
            source, transformed_cell=transformed, preprocessing_exc_tuple=problem
        )
        if waits:
            task = asyncio.ensure_future(
                shell.run_cell_async(
                    source,
                    store_history=True,
                    transformed_cell=transformed,
                    preprocessing_exc_tuple=problem,
                    cell_id=cell_id,
                )
            )
            result = None
            with _cancelled_by_interrupt(task):
                try:
                    result = await task
                finally:
                    shell.events.trigger("post_execute")
                    shell.events.trigger("post_run_cell", result)
        else:
            result = shell.run_cell(source, store_history=True, cell_id=cell_id)
        if os.getpid() != process:
            # A child that the cell forked and did not end; it must not go on as the notebook.
            self._streams.flush()
            os._exit(0)
        await _turns()
        shell.payload_manager.clear_payload()
        return result


class _DisplayHook(ZMQShellDisplayHook):
    """Shows a cell's value, unless the cell ends in a semicolon."""

    def quiet(self) -> bool:
        # IPython reads the cell token by token, which takes longer than many a test.
        shell: Any = self.shell
        cells = shell.history_manager.input_hist_parsed
        return ";" in cells[-1] and bool(super().quiet())


class ZMQInteractiveShell(zmqshell.ZMQInteractiveShell):
    """ipykernel's shell, under the name by which libraries know a notebook."""

    displayhook_class = Type(_DisplayHook)
    _known: tuple[str, str] = ("", "")
    _waits: tuple[str, bool] = ("", False)

    def forget(self) -> None:
        """Before a cell: what is remembered of the last one, which IPython asks for twice."""
        self._known, self._waits = ("", ""), ("", False)

    def transform_cell(self, raw_cell: str) -> str:
        if self._known[0] != raw_cell:
            self._known = raw_cell, self._transformed(raw_cell)
        return self._known[1]

    def should_run_async(self, raw_cell: str, **how: Any) -> bool:
        if self._waits[0] != raw_cell:
            self._waits = raw_cell, bool(super().should_run_async(raw_cell, **how))
        return self._waits[1]

    def _transformed(self, raw_cell: str) -> str:
        """Turn a cell with magics into Python; one that is Python already stays as it is.

        IPython does so token by token. Single lines are left to it: there the name of a magic is
        one without a percent sign, too.
        """
        if "\n" in raw_cell.rstrip() and not raw_cell[0].isspace() and self._is_unchanged():
            with contextlib.suppress(SyntaxError, ValueError, RecursionError):
                ast.parse(raw_cell)
                return raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
        return str(super().transform_cell(raw_cell))

    def _is_unchanged(self) -> bool:
        """Whether no cell has put a transformer of its own between source and Python."""
        ours, stock = self.input_transformer_manager, TransformerManager()
        kinds = ("cleanup_transforms", "line_transforms", "token_transformers")
        return not self.input_transformers_post and all(
            getattr(ours, kind) == getattr(stock, kind) for kind in kinds
        )

    def ask_exit(self) -> None:
        """`exit()` and `quit()` ask a front end to end the kernel; the grader goes on."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Only figures in the notebook; there is no screen for a window."""
        if gui not in (None, "inline", "asyncio"):
            raise UsageError(f"There is no screen for a {gui} window here: use %matplotlib inline")

    @contextlib.contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """Nothing: IPython would keep every word a cell prints, for `%notebook` to export."""
        yield

    def system_piped(self, cmd: str) -> None:
        """Run a shell command; through a pipe where there is no pseudo-terminal for it."""
        try:
            # Windows has no pseudo-terminals, and IPython uses a pipe there.
            for fd in os.openpty() if hasattr(os, "openpty") else ():
                os.close(fd)
        except OSError:
            # Read by the cell's end, with what else is written to file descriptor 1.
            self.system_raw(cmd)
        else:
            super().system_piped(cmd)

    system = system_piped


def _make_shell(receive: Receive, namespace: dict[str, Any] | None) -> Any:
    config = Config()
    config.HistoryManager.enabled = False  # no database, no thread that saves to it
    config.IPKernelApp.connection_file = ""  # by this name libraries know a notebook
    shell: Any = ZMQInteractiveShell.instance(
        config=config,
        ipython_dir="",  # nothing of the user's is read, nothing written
        profile_dir=ProfileDir(),
        user_ns=namespace,
        compiler_class=XCachingCompiler,
    )
    shell.db = {}
    session = _Session()
    session.receive = receive
    for publisher in (shell.displayhook, shell.display_pub):
        publisher.session = session
    shell.extension_manager.load_extension("storemagic")
    return shell


class _Session(Session):
    """Where a kernel would send messages to its front ends, we receive them."""

    receive: Receive

    def send(
        self, stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any
    ) -> dict[str, Any] | None:
        message = msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, content)
        self.receive(message["msg_type"], message["content"])
        return message


async def _turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """SIGINT is a KeyboardInterrupt inside, whatever it was before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _cancelled_by_interrupt(task: asyncio.Task[Any]) -> Iterator[None]:
    """SIGINT cancels the task: raised in the event loop, it would not reach a cell that awaits."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(task.cancel))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _without_input() -> Iterator[None]:
    before = builtins.input, getpass.getpass
    builtins.input, getpass.getpass = _no_input("raw_input"), _no_input("getpass")
    try:
        yield
    finally:
        builtins.input, getpass.getpass = before


def _no_input(name: str) -> Callable[..., NoReturn]:
    def refuse(prompt: object = "", *_: Any, **__: Any) -> NoReturn:
        raise StdinNotImplementedError(
            f"{name} was called, but this frontend does not support input requests."
        )

    return refuse
