"""The judge's hold on the learner's process: runs cells in it, asks it, and starts it again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from torchgrade.check.observe import SubjectLost
from torchgrade.engine.channel import Closed, Malformed, Message, TooSlow
from torchgrade.engine.task import Layer, Limits

GRACE = 2.0  # seconds that an interrupted cell has to come to its end


# In a sandbox with processes of its own the learner's cannot kill itself so, nor its warden at all.
KILLED, GONE = "was killed (SIGKILL)", "ended with its warden"


class LearnerEnded(SubjectLost):
    """The learner's process has ended, or was stopped; the message says why."""


class Link(Protocol):
    """A running learner's process."""

    layers: list[Layer]

    def send(self, message: Message, deadline: float) -> None:
        """Send a request (it has `do`), or the answer to a call back."""

    def receive(self, deadline: float) -> Message:
        """What comes back; raises `Closed`, `TooSlow` or `Malformed`."""

    def interrupt(self) -> None: ...

    def end(self) -> tuple[str, float]:
        """End it and all that it started; how it had ended, and its peak memory in MiB."""


@dataclass(frozen=True)
class Cell:
    """A learner's cell that ran."""

    source: str
    name: str
    metadata: Message = field(default_factory=dict)

    def request(self) -> Message:
        """What the learner's process is asked to do."""
        told = {"source": self.source, "cell": self.name, "metadata": self.metadata}
        return {"do": "run", **told}


class Learner:
    """The learner's process through its ends and beginnings.

    When it ends, the next request starts it again: cells that had run are run again, except those
    in which it ended.
    """

    def __init__(
        self,
        start: Callable[[float], Link],
        limits: Limits,
        callbacks: dict[int, Callable[..., Any]],
    ) -> None:
        self._start = start
        self._limits = limits
        self._callbacks = callbacks
        self._link: Link | None = None
        self._ran: list[Cell] = []
        self._given_up = ""
        self._last = time.monotonic() + limits.notebook_seconds
        self._deadline = self._last
        self._deaths = 0
        self.interfered = ""
        """How somebody else ended the process or its warden, if that happened."""
        self.endings: list[str] = []
        """How the process ended, or why a request was stopped, in order."""
        self.layers: list[Layer] = []
        self.peak_mib = 0.0

    def start(self) -> None:
        """Start the process before anything is asked of it."""
        self.begin()
        self._alive()

    def begin(self) -> None:
        """Give what comes next the time of one cell."""
        self._deadline = min(time.monotonic() + self._limits.cell_seconds, self._last)

    def run(self, cell: Cell) -> Message:
        """Run a cell; its reply has `outputs`, `failed`, `seconds`.

        Raises:
            LearnerEnded: in this cell, or nothing runs any more.
        """
        self.begin()
        self._alive()
        reply = self._asked(cell.request())
        self._ran.append(cell)
        return reply

    def ask(self, request: Message) -> Message:
        """Ask something of the learner's names.

        Raises:
            LearnerEnded: it ended, or does not answer in time.
        """
        self._alive()
        reply = self._asked(request)
        if "stopped" in reply:
            self.endings.append(self._too_long())
            raise LearnerEnded(self._too_long())
        return reply

    def end(self) -> None:
        """End the process for good."""
        if self._link is not None:
            _, peak = self._link.end()
            self.peak_mib = max(self.peak_mib, peak)
            self._link = None

    def _alive(self) -> None:
        if time.monotonic() >= self._last and not self._given_up:
            seconds = self._limits.notebook_seconds
            self._given_up = f"the notebook ran for more than {seconds:g} s; the rest was not run"
            self.end()
        if self._given_up:
            raise LearnerEnded(self._given_up)
        if self._link is not None:
            return
        self._link = self._start(self._last)
        self.layers = self._link.layers
        deadline = self._deadline
        for cell in list(self._ran):
            self.begin()
            try:
                self._asked(cell.request())
            except LearnerEnded:
                self._ran.remove(cell)
                return self._alive()
        self._deadline = max(deadline, time.monotonic() + self._limits.cell_seconds)
        self._deadline = min(self._deadline, self._last)

    def _asked(self, request: Message) -> Message:
        assert self._link is not None
        link = self._link
        try:
            try:
                return self._talk(link, request, self._deadline)
            except TooSlow:
                link.interrupt()
                reply = link.receive(time.monotonic() + GRACE)
        except TooSlow:
            raise self._ended(f"{self._too_long()} and could not be interrupted") from None
        except Malformed as error:
            raise self._ended(f"its process sent what it must not send ({error})") from None
        except Closed:
            raise self._ended("") from None
        if request["do"] == "run" and "outputs" in reply:
            return reply | {"stopped": self._too_long()}
        return {"stopped": True}

    def _talk(self, link: Link, request: Message, deadline: float) -> Message:
        link.send(request, deadline)
        reply = link.receive(deadline)
        while "callback" in reply:
            link.send(self._called_back(reply), deadline)
            reply = link.receive(deadline)
        return reply

    def _called_back(self, asked: Message) -> Message:
        try:
            function = self._callbacks[asked["callback"]]
            args, kwargs = asked["args"], asked["kwargs"]
        except (KeyError, TypeError) as error:
            raise Malformed("a call of a function that it was not given") from error
        try:
            return {"value": function(args, kwargs)}
        except Exception as error:
            # Goes on through the learner's code, as it would in one process.
            return {"raised": {"types": [type(error).__name__], "message": str(error)}}

    def _too_long(self) -> str:
        return f"it ran for more than {self._limits.cell_seconds:g} s"

    def _ended(self, why: str) -> LearnerEnded:
        assert self._link is not None
        how, peak = self._link.end()
        self._link = None
        self.peak_mib = max(self.peak_mib, peak)
        own_pids = any(layer.name == "namespaces" and layer.active for layer in self.layers)
        if not why and (how == GONE or (how == KILLED and own_pids)):
            self.interfered = how
        reason = why or f"its process {how}"
        self.endings.append(reason)
        self._deaths += 1
        if self._deaths > self._limits.deaths:
            count = self._deaths
            nth = {1: "1st", 2: "2nd", 3: "3rd"}.get(count, f"{count}th")
            self._given_up = f"{reason}, for the {nth} time; the rest was not run"
        return LearnerEnded(f"{reason} while this ran")
