"""The graders of a server: processes of their own, so that no learner's code runs in the server.

A grader is `torchgrade run --serve`: it reads requests from its standard input, prints events as
lines of JSON, and ends when its input does. So it ends with the server too, however that ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from pathlib import Path

from jupyterlab_server.translation_utils import translator

from torchenstein.translation import DOMAIN

trans = translator.load(DOMAIN)

# -P: a file torch.py beside a notebook must not become the grader's torch.
COMMAND = (sys.executable, "-P", "-m", "torchgrade.cli", "run", "--serve", "--unprotected")
KEEP = 300.0
"""Seconds that a grader stays warm for the next press of the button."""
FAREWELL = 15.0
"""Seconds that a grader has for ending itself and what it started."""
SILENCE = 15.0
"""Seconds after which an empty line tells everybody on the way that we are still here."""
LAST = ("end", "failed")


class AlreadyGrading(Exception):
    """This notebook is being graded."""


class Graders:
    """Grades notebooks, each at most once at a time.

    Args:
        command: starts a grader.
        keep: seconds that the last grader is kept.
    """

    def __init__(self, command: Sequence[str] = COMMAND, keep: float = KEEP) -> None:
        self._command = command
        self._keep_seconds = keep
        self._working: dict[Path, Grader] = {}
        self._warm: Grader | None = None

    async def grade(self, lesson: Path) -> AsyncGenerator[str, None]:
        """Yield the events as lines of JSON, each with its line end, and empty lines in between.

        The grader is closed if the iteration ends early.

        Raises:
            AlreadyGrading: `lesson` is being graded.
        """
        if lesson in self._working:
            raise AlreadyGrading(lesson)
        grader, self._warm = self._warm, None
        if grader is None or not grader.alive:
            grader = Grader(self._command)
        self._working[lesson] = grader
        done = False
        try:
            async for line in grader.grade(lesson):
                yield line
            done = True
        finally:
            if self._working.get(lesson) is grader:
                del self._working[lesson]
            if done and grader.alive:
                self._keep(grader)
            else:
                grader.close()

    def stop(self, lesson: Path) -> None:
        """End the grading of a lesson; it may begin anew at once."""
        if grader := self._working.pop(lesson, None):
            grader.close()

    def close(self) -> None:
        """End every grader and wait until they are gone."""
        graders = [*self._working.values(), *([self._warm] if self._warm else [])]
        self._working, self._warm = {}, None
        for grader in graders:
            grader.close()
        for grader in graders:
            grader.wait()

    def _keep(self, grader: Grader) -> None:
        if self._warm is not None:
            self._warm.close()
        self._warm = grader
        asyncio.get_running_loop().call_later(self._keep_seconds, self._drop, grader, grader.asked)

    def _drop(self, grader: Grader, asked: int) -> None:
        """Close a grader that nobody has asked since."""
        if self._warm is grader and grader.asked == asked:
            self._warm = None
            grader.close()


class Grader:
    """One grader process."""

    def __init__(self, command: Sequence[str]) -> None:
        self.asked = 0
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C in the server's terminal is for the server
        )
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        # Not asyncio's subprocesses: the server's event loop has none on Windows. Not a pool: the
        # server would wait for its threads before it ends.
        self._reader = threading.Thread(
            target=self._read, args=(asyncio.get_running_loop(),), daemon=True
        )
        self._reader.start()
        self._leaving: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        return self._leaving is None and self._process.poll() is None

    async def grade(self, lesson: Path) -> AsyncGenerator[str, None]:
        """Yield the events of one lesson, and a failure if the grader ends before they do."""
        self.asked += 1
        with suppress(BrokenPipeError):
            print(json.dumps({"lesson": str(lesson)}), file=self._process.stdin, flush=True)
        while line := await self._next():
            yield line
            if line.strip() and json.loads(line)["event"] in LAST:
                return
        if self._leaving is None:
            status = await asyncio.to_thread(self._process.wait)
            yield json.dumps({"event": "failed", "message": farewell(status)}) + "\n"

    async def _next(self) -> str:
        """Return the next line: an empty one after a long silence, none at all at the end."""
        try:
            return await asyncio.wait_for(self._lines.get(), SILENCE)
        except TimeoutError:
            return "\n"

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        assert self._process.stdout is not None
        with suppress(RuntimeError), self._process.stdout as events:  # the loop may be closed
            for line in events:
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            loop.call_soon_threadsafe(self._lines.put_nowait, "")

    def close(self) -> None:
        """Ask the process to end, and see to it that it does."""
        if self._leaving is None:
            self._leaving = threading.Thread(target=self._see_out, daemon=True)
            self._leaving.start()

    def wait(self) -> None:
        """Wait until a process that was closed is gone."""
        if self._leaving is not None:
            self._leaving.join()

    def _see_out(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            if os.name == "posix":
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
            self._process.wait()
        self._reader.join()


def farewell(status: int) -> str:
    """Say that a grader ended although it should not have."""
    message: str = trans.gettext(
        "The grader ended by itself (status {status}). Try again; if that does not help, the log "
        "of the Jupyter server says why."
    )
    return message.replace("{status}", str(status))
