"""The steps of one submission: prepare it, take in its results, enter it."""

from dataclasses import dataclass, field
from typing import Any

from nbgrader.converters.base import NbGraderException

from torchgrade.engine.task import Graded, Task
from torchgrade.grading.book import Scores, gradebook, patiently, scores
from torchgrade.grading.converter import Converter, errors_of
from torchgrade.grading.keys import MISSING
from torchgrade.grading.outcome import Listener
from torchgrade.grading.plan import Plan, Planner
from torchgrade.grading.problems import NotGraded
from torchgrade.grading.receipts import Entry, Receipt
from torchgrade.grading.shared import SharedBook


@dataclass
class Opened:
    """A submission between its steps.

    Attributes:
        results: what its notebooks came to so far.
        running: the notebooks whose results are still to come.
        problems: what nbgrader logged as errors.
        failed: why it cannot be entered, else "".
    """

    plan: Plan
    results: dict[str, Graded] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    failed: str = ""

    @property
    def student(self) -> str:
        """Whose it is."""
        return self.plan.submission.student


class Steps:
    """Does the steps with nbgrader's converter, patient with a locked gradebook."""

    def __init__(self, converter: Converter, planner: Planner, listener: Listener) -> None:
        self.converter, self.planner, self.listener = converter, planner, listener
        self.receipts = planner.receipts
        self.assignment = converter.coursedir.assignment_id
        self.book = SharedBook()

    def scores(self, student: str | None = None) -> dict[str, Scores]:
        """Read the gradebook's automatic scores by student."""

        def read() -> dict[str, Scores]:
            with self.book.transaction(), gradebook(self.converter.coursedir) as book:
                return scores(book, self.assignment, student)

        return patiently(read, self.listener.say)

    def prepare(self, opened: Opened) -> list[Task]:
        """Prepare a submission and return what is to run of it; the rest is in its results.

        Raises:
            NotGraded: nbgrader or the engine's task refuse it.
        """
        submission, student = opened.plan.submission, opened.student
        names = [n for n in opened.plan.todo if submission.keys[n].submitted != MISSING]
        paths = list(submission.notebooks.values())
        with errors_of(opened.problems):
            self._do(opened, lambda: self.converter.prepare(student, paths, names))
        tasks = []
        for name in names:
            waiting = self.receipts.waiting(student, name, submission.keys[name])
            if waiting is not None:
                opened.results[name] = waiting
                continue
            task = self.converter.task(student, name)
            if any(cell["cell_type"] == "code" for cell in task.notebook["cells"]):
                opened.running.add(name)
                tasks.append(task)
            else:
                opened.results[name] = Graded(task.name, dict(task.notebook), (), {})
        return tasks

    def take_in(self, opened: Opened, name: str, graded: Graded) -> None:
        """Keep a notebook's result, here and in `.torchgrade/`."""
        opened.results[name] = graded
        self.receipts.keep(opened.student, name, opened.plan.submission.keys[name], graded)

    def enter(self, opened: Opened) -> list[str]:
        """Enter a submission whose results are all there; return what is to be known of it.

        Raises:
            NotGraded: nbgrader refuses it.
        """
        student = opened.student
        with errors_of(opened.problems):
            self._do(opened, lambda: self.converter.enter(student, opened.results))
        kept = [n for n in opened.plan.kept if n in opened.plan.submission.notebooks]
        self.converter.finish(student, kept)
        entered = self.scores(student)[student]
        self.receipts.write(self._receipt(opened, entered))
        notes = [
            f"{name}: {text}"
            for name, graded in opened.results.items()
            for text in [*graded.problems, *self._unscored(name, entered[name])]
        ]
        return [*opened.problems, *notes]

    def _do(self, opened: Opened, act: Any) -> None:
        def whole() -> None:
            with self.book.transaction():
                act()

        try:
            patiently(whole, self.listener.say)
        except NbGraderException as error:
            raise NotGraded(" ".join(opened.problems) or str(error)) from error
        except OSError as error:
            if error.errno is None or error.filename is not None:
                raise
            # A write that fails does not say itself what it wrote; it was below this folder.
            stage = str(self.converter.stage(opened.student))
            raise OSError(error.errno, error.strerror, stage) from error

    def _receipt(self, opened: Opened, entered: Scores) -> Receipt:
        plan = opened.plan
        older = self.receipts.read(opened.student)
        entries = dict(older.notebooks) if older else {}
        entries = {name: entry for name, entry in entries.items() if name in plan.kept}
        for name in plan.todo:
            graded = opened.results.get(name)
            result = {k: v for k, v in graded.json().items() if k != "notebook"} if graded else None
            entries[name] = Entry(plan.submission.keys[name], entered.get(name, {}), result)
        return Receipt(self.assignment, opened.student, entries)

    def _unscored(self, name: str, entered: dict[str, float | None]) -> list[str]:
        """Name the tests without a score: those that the submission no longer has."""
        tests = self.planner.lessons[name].automatic
        return [f"{cell} has no score" for cell in sorted(tests) if entered.get(cell) is None]
