"""Who runs the tasks: one small interface, whatever is behind it.

A scheduler takes tasks lazily and holds at most `ahead` of them, so that a class of a thousand
needs no more memory than a class of ten, and it gives results in the order in which they come.
"""

import queue
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import Protocol, Self

from torchgrade.engine.engine import NotProtected
from torchgrade.engine.task import Graded, GradingFailed, Task

TRIES = 3  # a task that fails the engine this often is not the engine's bad luck
Result = Graded | GradingFailed


class Refused(GradingFailed):
    """No task can be graded here; the message says why."""


class Grader(Protocol):
    """What a scheduler needs of an engine."""

    def start(self) -> None: ...

    def grade(self, task: Task) -> Graded: ...

    def close(self) -> None: ...


GraderMaker = Callable[[], Grader]


class Scheduler(Protocol):
    """Grades tasks somewhere."""

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
        """Grade tasks, in any order; a task that fails the engine is tried again.

        `tasks` is read lazily and in the caller's thread. A `GradingFailed` is given, not raised.
        """
        ...

    def stop(self) -> None:
        """End `run` soon: what is finished is still given, the rest is dropped.

        May be called in a signal handler.
        """
        ...

    def close(self) -> None:
        """End every process; a run that goes on ends."""
        ...


class Lookahead(ABC):
    """The part that all schedulers share: read ahead a little, give what is finished."""

    def __init__(self, ahead: int, batch: int = 1) -> None:
        self.ahead, self.batch = ahead, batch
        # SimpleQueue may be put to from a signal handler; None says "stop".
        self._done: queue.SimpleQueue[list[tuple[Task, Result]] | None] = queue.SimpleQueue()
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
        """See `Scheduler.run`."""
        source, waiting = iter(tasks), 0
        while not self._stopped:
            while waiting < self.ahead and not self._stopped:
                if not (batch := tuple(islice(source, self.batch))):
                    break
                waiting += len(batch)
                self._start(batch)
            if not waiting:
                return
            done = self._done.get()
            if done is not None:
                waiting -= len(done)
                yield from done
        yield from self._finished()

    def stop(self) -> None:
        """See `Scheduler.stop`."""
        self._stopped = True
        self._done.put(None)

    @abstractmethod
    def close(self) -> None:
        """See `Scheduler.close`."""

    @abstractmethod
    def _start(self, batch: Sequence[Task]) -> None:
        """Begin to grade a batch; `_finish` is called, from any thread, when it is done."""

    def _finish(self, results: list[tuple[Task, Result]]) -> None:
        self._done.put(results)

    def _finished(self) -> Iterator[tuple[Task, Result]]:
        while True:
            try:
                yield from self._done.get_nowait() or []
            except queue.Empty:
                return


def grade_patiently(
    grader: Grader, task: Task, tries: int = TRIES, ended: Callable[[], bool] = lambda: False
) -> Result:
    """Grade a task; when the engine fails, try again unless `ended`; at last return the failure."""
    failure = GradingFailed("Grading was stopped.")
    for _ in range(tries):
        if ended():
            break
        try:
            return grader.grade(task)
        except NotProtected as error:
            return Refused(str(error))
        except GradingFailed as error:
            failure = error
    return failure
