"""What has to be done for each submission. A folder that exists proves nothing; a receipt does."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from nbgrader.utils import find_all_files

from torchgrade.grading.book import Scores
from torchgrade.grading.keys import MISSING, Key, digest, of_file, of_files
from torchgrade.grading.receipts import Receipts


@dataclass(frozen=True)
class Lesson:
    """One notebook of the assignment: the hash of its tests, and its automatically graded cells."""

    tests: str
    automatic: frozenset[str]


@dataclass(frozen=True)
class Submission:
    """What a student handed in, at one moment.

    Attributes:
        notebooks: every notebook file in the folder, by name.
        keys: of the assignment's notebooks, those that were not handed in too.
    """

    student: str
    folder: Path
    notebooks: Mapping[str, Path]
    keys: Mapping[str, Key]


@dataclass
class Plan:
    """What is to be done for one submission.

    Attributes:
        todo: notebooks to grade, or to enter again.
        kept: notebooks whose results stay as they are.
        outdated: those of `kept` that were graded with other tests, or elsewhere.
        foreign: those of `kept` that somebody else graded.
    """

    submission: Submission
    todo: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Planner:
    """Decides for each submission.

    Attributes:
        lessons: the assignment's notebooks by name.
        wanted: patterns of notebook names; others are left as they are.
        ignore: nbgrader's patterns of files that do not count.
        regrade: whether outdated and foreign results are made again.
    """

    lessons: Mapping[str, Lesson]
    environment: str
    receipts: Receipts
    wanted: Collection[str]
    ignore: Collection[str]
    regrade: bool

    def look(self, student: str, folder: Path) -> Submission:
        """Read a submission's files and hash them."""
        files = find_all_files(str(folder), [*self.ignore, "*.ipynb"])
        others = of_files(folder, files)
        notebooks = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
        keys = {}
        for name, lesson in self.lessons.items():
            path = notebooks.get(name)
            submitted = MISSING if path is None else digest(of_file(path), others)
            keys[name] = Key(submitted, lesson.tests, self.environment)
        return Submission(student, folder, notebooks, keys)

    def plan(self, submission: Submission, home: Path, scores: Scores) -> Plan:
        """Compare a submission with its receipt, the gradebook and its graded files.

        Args:
            home: its folder in `autograded/`.
            scores: the gradebook's automatic scores.
        """
        receipt = self.receipts.read(submission.student)
        plan, gone = Plan(submission), []
        for name, key in submission.keys.items():
            there = key.submitted == MISSING or _whole(home / f"{name}.ipynb")
            entry = receipt.notebooks.get(name) if receipt else None
            current = scores.get(name)
            if not any(fnmatchcase(name, pattern) for pattern in self.wanted):
                if there and current is not None:
                    plan.kept.append(name)
                continue
            if not there or current is None:
                plan.todo.append(name)
            elif entry is None and self._complete(name, current):
                if key.submitted == MISSING:
                    gone.append(name)
                else:
                    self._keep(plan, plan.foreign, name)
            elif entry is None or key.submitted != entry.key.submitted or current != entry.scores:
                plan.todo.append(name)
            elif key != entry.key:
                self._keep(plan, plan.outdated, name)
            else:
                plan.kept.append(name)
        # Nothing runs for what was not handed in; it is entered together with the others.
        (plan.kept if plan.foreign and not plan.todo else plan.todo).extend(gone)
        return plan

    def _keep(self, plan: Plan, why: list[str], name: str) -> None:
        student, key = plan.submission.student, plan.submission.keys[name]
        if self.regrade or self.receipts.waiting(student, name, key) is not None:
            plan.todo.append(name)
        else:
            plan.kept.append(name)
            why.append(name)

    def _complete(self, name: str, current: Mapping[str, float | None]) -> bool:
        automatic = self.lessons[name].automatic
        return all(current.get(cell) is not None for cell in automatic)


def _whole(path: Path) -> bool:
    """A file that a power cut emptied is not a result."""
    return path.is_file() and path.stat().st_size > 0
