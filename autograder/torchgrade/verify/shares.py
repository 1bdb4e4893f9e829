"""Proves lessons on several cores: each share of them in a `torchgrade verify` of its own."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from torchgrade.nbgrader.problems import PlainError
from torchgrade.verify.findings import Finding
from torchgrade.verify.verify import LessonResult, Tell


class ShareFailed(PlainError):
    """A share ended without its results; it has said why."""


def shares(paths: Sequence[Path], jobs: int) -> list[list[Path]]:
    """Shares of about equal work; a lesson's size tells its work roughly."""
    made: list[list[Path]] = [[] for _ in range(min(jobs, len(paths)))]
    work = [0] * len(made)
    for path in sorted(paths, key=lambda path: -path.stat().st_size):
        least = work.index(min(work))
        made[least].append(path)
        work[least] += max(1, path.stat().st_size)  # so that no share stays empty
    return made


def prove(paths: Sequence[Path], jobs: int, tell: Tell) -> list[LessonResult]:
    """Prove each notebook, several at once; `tell` hears a line for each as it is done.

    Raises:
        ShareFailed: a share could not be proved.
        KeyboardInterrupt: interrupted; by then nothing is left running.
    """
    with tempfile.TemporaryDirectory(prefix="torchgrade-") as name:
        files = [Path(name) / f"{i}.json" for i in range(min(jobs, len(paths)))]
        with _started(shares(paths, jobs), files) as processes:
            for line in _lines(processes):
                if "·" in line:
                    tell(line)
        if not all(file.is_file() for file in files):
            raise ShareFailed("not all lessons could be proved; see the message above")
        lessons = [one for file in files for one in json.loads(file.read_text("utf-8"))["lessons"]]
    return sorted(map(_result, lessons), key=lambda result: result.notebook)


@contextmanager
def _started(
    made: Sequence[Sequence[Path]], files: Sequence[Path]
) -> Iterator[list["subprocess.Popen[str]"]]:
    """Let each share run to its end, or to that of the block if it fails."""
    begin = [sys.executable, "-P", "-m", "torchgrade.cli", "verify", "--jobs", "1"]
    processes = [
        subprocess.Popen(
            [*begin, "--json", str(file), "--", *map(str, share)],
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for share, file in zip(made, files, strict=True)
    ]
    try:
        yield processes
    except BaseException:
        for process in processes:  # a terminal has told them already, a plain signal has not
            with suppress(OSError):
                process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        raise
    finally:
        for process in processes:
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def _lines(processes: Sequence["subprocess.Popen[str]"]) -> Iterator[str]:
    """Whole lines of all of them, as they come."""
    heard: queue.Queue[str | None] = queue.Queue()

    def listen(process: "subprocess.Popen[str]") -> None:
        with suppress(ValueError):  # the pipe was closed
            for line in process.stdout or ():
                heard.put(line)
        heard.put(None)

    for process in processes:
        threading.Thread(target=listen, args=(process,), daemon=True).start()
    running = len(processes)
    while running:
        line = heard.get()
        if line is None:
            running -= 1
        else:
            yield line


def _result(plain: dict[str, Any]) -> LessonResult:
    plain.pop("passed")
    findings = [Finding(**finding) for finding in plain.pop("findings")]
    return LessonResult(findings=findings, **plain)
