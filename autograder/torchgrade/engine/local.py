"""The scheduler that uses processes of this machine."""

import contextlib
import os
import queue
import threading
from collections.abc import Sequence
from dataclasses import replace

from torchgrade.engine.scheduler import GraderMaker, Lookahead, grade_patiently
from torchgrade.engine.task import GradingFailed, Task


class Processes(Lookahead):
    """One engine in the hands of `jobs` threads; the work is done in the engine's processes.

    Args:
        jobs: how many notebooks run at once.
        make: makes the engine.
        devices: what the threads share out among themselves, such as `["cuda:0", "cuda:1"]`, to
            tasks whose device is not the CPU. Empty: every task says its own.
    """

    def __init__(self, jobs: int, make: GraderMaker, devices: Sequence[str] = ()) -> None:
        super().__init__(ahead=2 * jobs)
        self._engine, self._devices = make(), tuple(devices)
        self._work: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._closed = False
        # Daemons: a cell that does not end must not keep the whole program from ending.
        self._threads = [
            threading.Thread(target=self._grade, args=(number,), daemon=True)
            for number in range(jobs)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End the threads and the engine."""
        self._closed = True
        self.stop()
        for _ in self._threads:
            self._work.put(None)
        self._engine.close()
        for thread in self._threads:
            thread.join(timeout=1)

    def _start(self, batch: Sequence[Task]) -> None:
        for task in batch:
            self._work.put(task)

    def _grade(self, number: int) -> None:
        with contextlib.suppress(Exception):  # the first task will meet it again, and tell it
            if number == 0:
                self._engine.start()
        while (task := self._work.get()) is not None and not self._closed:
            try:
                placed = self._placed(task, number)
                result = grade_patiently(self._engine, placed, ended=lambda: self._closed)
            except Exception as error:  # whatever it is, the caller waits for an answer
                result = GradingFailed(f"{type(error).__name__}: {error}")
            self._finish([(task, result)])

    def _placed(self, task: Task, number: int) -> Task:
        if task.device == "cpu" or not self._devices:
            return task
        return replace(task, device=self._devices[number % len(self._devices)])


def devices(wanted: str) -> list[str]:
    """Return the accelerators that a `--device` means on this machine; [] for the CPU.

    `"cuda"` with two cards is `["cuda:0", "cuda:1"]`, `"cuda:1"` is itself, `"auto"` whatever torch
    finds. Makes no context on any of them.
    """
    if wanted == "cpu" or ":" in wanted:
        return [] if wanted == "cpu" else [wanted]
    import torch  # a second of start-up, which grading on the CPU does without

    if not torch.accelerator.is_available():
        return [] if wanted == "auto" else [wanted]
    kind = torch.accelerator.current_accelerator()
    name = kind.type if wanted == "auto" and kind is not None else wanted
    count = torch.accelerator.device_count() if kind is not None and kind.type == name else 1
    return [f"{name}:{number}" for number in range(count)] if count > 1 else [name]


def default_jobs(accelerators: Sequence[str]) -> int:
    """One job for each accelerator, because jobs share its memory; else one for each free core."""
    if accelerators:
        return len(accelerators)
    allowed = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(allowed(0)) if allowed else os.cpu_count() or 1
