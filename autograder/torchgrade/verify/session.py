"""Runs cells the way a notebook does, in an IPython shell of this process."""

import re
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output
from traitlets.config import Config

from torchgrade.check.report import MIME


@dataclass(frozen=True)
class Ran:
    """What running one cell came to."""

    seconds: float
    value: Any = None
    error: BaseException | None = None
    stderr: str = ""
    reports: list[dict[str, Any]] = field(default_factory=list)

    @property
    def error_line(self) -> str:
        """The error in one line, empty when there was none."""
        if self.error is None:
            return ""
        first = (str(self.error).strip().splitlines() or [""])[0]
        return f"{type(self.error).__name__}: {first}" if first else type(self.error).__name__


class QuietShell(InteractiveShell):
    """A shell that keeps errors in its results; nobody reads a traceback here."""

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Show nothing."""

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """Show nothing."""


class Session:
    """A notebook's namespace and the shell that runs its cells. One in a process."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "NoColor"
        self.shell = QuietShell.instance(config=config)

    @property
    def names(self) -> dict[str, Any]:
        """The notebook's global names."""
        namespace: dict[str, Any] = self.shell.user_ns
        return namespace

    def run(self, source: str) -> Ran:
        """Run one cell; its output is captured, its error returned."""
        with capture_output() as captured:
            values: list[Any] = []
            self.shell.display_trap.hook = lambda value: values.append(self._formatted(value))
            start = time.perf_counter()
            done = self.shell.run_cell(source, store_history=False)
            seconds = time.perf_counter() - start
        shown = [output for output in captured.outputs if isinstance(output, RichOutput)]
        return Ran(
            seconds=seconds,
            value=next((value for value in reversed(values) if value is not None), None),
            error=done.error_before_exec or done.error_in_exec,
            stderr=captured.stderr,
            reports=[output.data[MIME] for output in shown if MIME in (output.data or {})],
        )

    def _formatted(self, value: Any) -> Any:
        # As the page would: an object's own display method is part of what the cell runs.
        if self.shell.display_formatter is not None:
            self.shell.display_formatter.format(value)
        return value


class Network:
    """Refuses and records every attempt to reach the network, for the rest of the process."""

    EVENTS = frozenset(
        {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
         "socket.gethostbyaddr", "urllib.Request", "webbrowser.open"}
    )  # fmt: skip

    def __init__(self) -> None:
        self.attempts: list[str] = []
        sys.addaudithook(self._audit)

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event not in self.EVENTS:
            return
        target = args[1] if event in {"socket.connect", "socket.sendto"} else args[0]
        if event == "socket.connect" and isinstance(target, (str, bytes)):
            return  # a socket in the file system is no network
        self.attempts.append(f"{event} {target}")
        raise PermissionError("a lesson works without the network")


def peak_memory_mib() -> float | None:
    """The most memory this process has held at once; None where the system does not say."""
    with suppress(OSError):  # Linux: getrusage would count what the parent held at the start, too
        status = Path("/proc/self/status").read_text("ascii")
        if found := re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE):
            return int(found[1]) / 1024
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
