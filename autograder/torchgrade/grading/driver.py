"""Takes every submission through the three steps: prepare, run in the engine, enter.

One thread, the caller's, reads and writes the gradebook and the folders; the scheduler's engines
only compute. A result is kept in `.torchgrade/` as soon as it is there, entered when the whole
submission is, and a receipt is written last. So whatever ends the program, running it again
finishes what is missing.
"""

import warnings
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from torchgrade.engine.scheduler import Refused, Result, Scheduler
from torchgrade.engine.task import GradingFailed, Task
from torchgrade.grading.outcome import Listener, Outcome
from torchgrade.grading.places import recover
from torchgrade.grading.plan import Plan
from torchgrade.grading.problems import GradingStopped, stopped_by
from torchgrade.grading.steps import Opened, Steps

MANY = 5
AGAIN = 3  # how often a submission that changes while it is graded is taken up again at once


class Driver:
    """Grades submissions of one assignment; `grade` does it, once."""

    def __init__(self, steps: Steps, scheduler: Scheduler, listener: Listener) -> None:
        self.steps, self.scheduler, self.listener = steps, scheduler, listener
        self.outcome = Outcome()
        self._queue: deque[Plan] = deque()
        self._open: dict[str, Opened] = {}
        self._taken_up: Counter[str] = Counter()
        self._failing: set[str] = set()

    def interrupt(self) -> None:
        """End soon: enter what is computed, leave the rest. May be called in a signal handler."""
        self.outcome.interrupted = True
        self.scheduler.stop()

    def grade(self, folders: dict[str, Path]) -> Outcome:
        """Grade the submissions in `folders`, by student; one that fails does not stop others."""
        with warnings.catch_warnings(), self.steps.book.open():
            # SQLAlchemy 2 says this of nbgrader's own models at every submission.
            warnings.filterwarnings("ignore", "Object of type <Submitted.* not in session")
            try:
                self._plan(folders)
                self.listener.total(len(self._queue))
                while self._queue and not self.outcome.ending:
                    for task, result in self.scheduler.run(self._tasks()):
                        self._came(task, result)
            except (GradingStopped, OSError) as error:
                self.outcome.stopped = str(stopped_by(error) or error)
                self._keep_the_rest()
        self.outcome.unfinished = len(self._queue) + len(self._open)
        return self.outcome

    def _plan(self, folders: dict[str, Path]) -> None:
        entered = self.steps.scores()
        for student, folder in folders.items():
            with self._alone(student):
                home = self.steps.converter.home(student)
                recover(home)
                submission = self.steps.planner.look(student, folder)
                if not submission.notebooks:
                    self._fail(student, f"There is no notebook in {folder}.")
                    continue
                plan = self.steps.planner.plan(submission, home, entered.get(student, {}))
                self.outcome.outdated.update(plan.outdated)
                if plan.foreign:
                    self.outcome.foreign.append(student)
                if plan.todo:
                    self._queue.append(plan)
                else:
                    # A run that was killed just after it wrote the receipt has left them.
                    self.steps.receipts.drop(student)
                    self.outcome.done.append(student)

    def _tasks(self) -> Iterator[Task]:
        """Prepare one submission after the other, and give what is to run of it."""
        while self._queue and not self.outcome.ending:
            opened = Opened(self._queue[0])
            tasks: Sequence[Task] = ()
            with self._alone(opened.student):
                tasks = self.steps.prepare(opened)
                self._open[opened.student] = opened
            self._queue.popleft()
            if opened.student in self._open:
                self._go_on(opened)
            yield from tasks

    def _came(self, task: Task, result: Result) -> None:
        student, _, name = task.name.rsplit("/", 2)
        opened = self._open[student]
        opened.running.discard(name)
        if isinstance(result, Refused):
            raise GradingStopped(str(result))
        if isinstance(result, GradingFailed):
            reason = str(result).splitlines()[0].rstrip(".")
            opened.failed = f"{name}: {reason}. Run the same command again."
            self._engine_failed(student, reason)
        else:
            self._failing.clear()
            self.steps.take_in(opened, name, result)
        self._go_on(opened)

    def _engine_failed(self, student: str, reason: str) -> None:
        """One submission may break the engine; when many do in a row, it is the engine."""
        self._failing.add(student)
        if len(self._failing) >= MANY:
            raise GradingStopped(
                f"The engine failed for {MANY} students in a row, at last with: {reason}. "
                "Mend that, then run the same command again."
            )

    def _go_on(self, opened: Opened) -> None:
        """Enter a submission if all its results are there."""
        if opened.running:
            return
        student = opened.student
        if opened.failed:
            self._fail(student, opened.failed)
        else:
            with self._alone(student):
                self._enter(opened)
        del self._open[student]

    def _enter(self, opened: Opened) -> None:
        steps, student = self.steps, opened.student
        now = steps.planner.look(student, opened.plan.submission.folder)
        if now.keys == opened.plan.submission.keys:
            if problems := steps.enter(opened):
                self.outcome.problems[student] = problems
            self.outcome.graded.append(student)
            self.listener.graded(student)
            return
        # Handed in again while we graded: what we have is of no use.
        self._taken_up[student] += 1
        if self._taken_up[student] > AGAIN:
            self._fail(student, "Its files change all the time. Grade it again later.")
            return
        home = steps.converter.home(student)
        scores = steps.scores(student).get(student, {})
        self._queue.append(steps.planner.plan(now, home, scores))

    @contextmanager
    def _alone(self, student: str) -> Iterator[None]:
        """What goes wrong with one submission leaves the others alone."""
        try:
            yield
        except Exception as error:
            if stopped := stopped_by(error):
                raise stopped from error
            plain = getattr(error, "plain_message", False)
            self._fail(student, str(error) if plain else f"{type(error).__name__}: {error}")

    def _fail(self, student: str, reason: str) -> None:
        self.outcome.failed[student] = reason
        self.listener.failed(student)

    def _keep_the_rest(self) -> None:
        """Keep what the engines have finished meanwhile, for the next run."""
        self.scheduler.stop()
        for task, result in self.scheduler.run(()):
            student, _, name = task.name.rsplit("/", 2)
            if student in self._open and not isinstance(result, GradingFailed):
                try:
                    self.steps.take_in(self._open[student], name, result)
                except OSError:  # it was the disk that stopped us
                    return
