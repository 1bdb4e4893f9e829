"""The scheduler that uses processes of this machine, with graders that run nothing."""

import threading
import time
from collections.abc import Iterator

import pytest
from torchgrade.engine.engine import NotProtected
from torchgrade.engine.local import Processes, default_jobs, devices
from torchgrade.engine.scheduler import Refused
from torchgrade.engine.task import Graded, GradingFailed, Task


def tasks(count: int, device: str = "cpu") -> Iterator[Task]:
    for number in range(count):
        yield Task(str(number), {"cells": []}, device=device)


class Grader:
    """Notes what it is given; `fails` says how often a task fails the engine."""

    def __init__(self, fails: dict[str, int] | None = None, seconds: float = 0) -> None:
        self.fails, self.seconds = fails or {}, seconds
        self.seen: list[Task] = []
        self.closed = threading.Event()

    def start(self) -> None:
        """It is always ready."""

    def grade(self, task: Task) -> Graded:
        self.seen.append(task)
        if self.closed.wait(self.seconds):
            raise GradingFailed("closed")
        if self.fails.get(task.name, 0) > 0:
            self.fails[task.name] -= 1
            raise GradingFailed("killed")
        return Graded(task.name, dict(task.notebook), (), {})

    def close(self) -> None:
        self.closed.set()


def test_every_task_is_graded_once() -> None:
    grader = Grader()
    with Processes(3, lambda: grader) as scheduler:
        results = {task.name: result for task, result in scheduler.run(tasks(50))}
    assert sorted(map(int, results)) == list(range(50))
    assert all(isinstance(result, Graded) for result in results.values())
    assert len(grader.seen) == 50
    assert grader.closed.is_set()


def test_a_task_that_fails_the_engine_is_tried_again() -> None:
    grader = Grader({"1": 2, "2": 3})
    with Processes(1, lambda: grader) as scheduler:
        results = {task.name: result for task, result in scheduler.run(tasks(4))}
    assert isinstance(results["1"], Graded)
    assert isinstance(results["2"], GradingFailed)
    assert isinstance(results["3"], Graded)
    assert [task.name for task in grader.seen] == ["0", "1", "1", "1", "2", "2", "2", "3"]


def test_tasks_are_read_only_a_little_ahead() -> None:
    read: list[int] = []

    def counted() -> Iterator[Task]:
        for number, task in enumerate(tasks(100)):
            read.append(number)
            yield task

    with Processes(2, Grader) as scheduler:
        for given, _ in enumerate(scheduler.run(counted()), start=1):
            assert len(read) <= given + scheduler.ahead


def test_an_engine_that_cannot_start_is_told_not_raised() -> None:
    class Broken(Grader):
        def grade(self, task: Task) -> Graded:
            raise OSError("no such program")

    with Processes(1, Broken) as scheduler:
        ((_, result),) = scheduler.run(tasks(1))
    assert isinstance(result, GradingFailed)
    assert "no such program" in str(result)


def test_a_machine_without_protection_is_told_apart() -> None:
    class Refuses(Grader):
        def grade(self, task: Task) -> Graded:
            self.seen.append(task)
            raise NotProtected("nothing here can keep the learner's process in")

    grader = Refuses()
    with Processes(1, lambda: grader) as scheduler:
        ((_, result),) = scheduler.run(tasks(1))
    assert isinstance(result, Refused)
    assert len(grader.seen) == 1


def test_stopping_gives_what_is_finished_and_drops_the_rest() -> None:
    with Processes(1, lambda: Grader(seconds=0.05)) as scheduler:
        given = []
        for task, _ in scheduler.run(tasks(100)):
            given.append(task.name)
            if len(given) == 2:
                scheduler.stop()
    assert 2 <= len(given) <= 4


def test_closing_ends_a_notebook_that_runs_and_does_not_try_it_again() -> None:
    grader = Grader(seconds=60)
    scheduler = Processes(1, lambda: grader)
    threading.Timer(0.2, scheduler.close).start()
    begun = time.monotonic()
    results = list(scheduler.run(tasks(5)))
    assert time.monotonic() - begun < 5
    assert all(isinstance(result, GradingFailed) for _, result in results)
    assert len(grader.seen) == 1


def test_accelerators_are_shared_out() -> None:
    grader = Grader(seconds=0.05)
    with Processes(2, lambda: grader, ["cuda:0", "cuda:1"]) as scheduler:
        assert all(task.device == "cuda" for task, _ in scheduler.run(tasks(6, "cuda")))
    assert {task.device for task in grader.seen} == {"cuda:0", "cuda:1"}


@pytest.mark.parametrize(
    ("wanted", "found"), [("cpu", []), ("cuda:1", ["cuda:1"]), ("mps", ["mps"])]
)
def test_devices(wanted: str, found: list[str]) -> None:
    assert devices(wanted) == found


def test_one_job_for_each_accelerator_else_for_each_core() -> None:
    assert default_jobs(["cuda:0", "cuda:1", "cuda:2"]) == 3
    assert default_jobs([]) >= 1
