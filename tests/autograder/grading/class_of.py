"""A small course with submissions, for the tests of `torchgrade autograde`."""

import argparse
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from torchgrade.grading import classwork, command
from torchgrade.nbgrader.build import StudentVersion, convert, load_config

from tests.autograder.grading.stand_in import StandIn
from tests.autograder.nbgrader.notebooks import MODULE, find, read, write

TIME = "2026-01-02 10:00:00 UTC"
SOFTMAX, DOUBLE = "01_softmax", "02_double"
FULL = {"softmax": 3.0, "double": 2.0}


def answered(release: Path, name: str, gets: Mapping[str, float]) -> NotebookNode:
    """A released notebook with answers that say what they get."""
    nb = read(release / MODULE / f"{name}.ipynb")
    for cell in nb.cells:
        answer = cell.metadata.get("nbgrader", {}).get("grade_id")
        if answer in gets:
            cell.source = f"def {answer}(x):\n    return x  # gets {gets[answer]}"
    return nb


class Class:
    """A course in a folder, and the command in this process with a stand-in for the engine."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.engines: list[StandIn] = []
        self.make: Any = StandIn
        monkeypatch.setattr(classwork, "make_engine", self._engine)

    def _engine(self, settings: Mapping[str, Any]) -> StandIn:
        engine: StandIn = self.make(settings)
        self.engines.append(engine)
        return engine

    def submit(self, student: str, gets: Mapping[str, float] = FULL, time: str = TIME) -> Path:
        """Hand in both notebooks, in place of an earlier submission."""
        folder = self.folder(student)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in (SOFTMAX, DOUBLE):
            write(answered(self.root / "release", name, gets), folder / f"{name}.ipynb")
        (folder / "timestamp.txt").write_text(time)
        return folder

    def folder(self, student: str) -> Path:
        return self.root / "submitted" / student / MODULE

    def graded(self, student: str, name: str) -> Path:
        return self.root / "autograded" / student / MODULE / f"{name}.ipynb"

    def autograde(self, *words: str) -> int:
        """Run `torchgrade autograde` and return its exit status."""
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        arguments = parser.parse_args([MODULE, "--course", str(self.root), *words])
        return classwork.grade_class(arguments)

    @property
    def ran(self) -> list[str]:
        """What the engines were given since this was last asked, in order of names."""
        names = sorted(task.name.removesuffix(".ipynb") for e in self.engines for task in e.tasks)
        self.engines.clear()
        return names

    def book(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "torchenstein")

    def scores(self, student: str) -> dict[str, float | None]:
        """Automatic scores by `notebook/cell`."""
        with self.book() as book:
            submission = book.find_submission(MODULE, student)
            return {
                f"{notebook.name}/{grade.name}": grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }

    def rows(self) -> list[Any]:
        """Everything that the gradebook keeps of submissions, without its arbitrary ids."""
        found: list[Any] = []
        with self.book() as book:
            for submission in book.assignment_submissions(MODULE):
                found.append((submission.student.id, submission.timestamp, submission.extension))
                for notebook in submission.notebooks:
                    flags = (notebook.flagged, notebook.late_submission_penalty)
                    found.append((submission.student.id, notebook.name, *flags))
                    for grade in notebook.grades:
                        values = (grade.auto_score, grade.manual_score, grade.extra_credit)
                        place = (submission.student.id, notebook.name, grade.name)
                        found.append((*place, *values, grade.needs_manual_grade))
                    for comment in notebook.comments:
                        texts = (comment.auto_comment, comment.manual_comment)
                        found.append((submission.student.id, notebook.name, comment.name, *texts))
        return sorted(found, key=repr)

    def change_tests(self, name: str) -> None:
        """Correct a hidden test, and make the assignment again."""
        path = self.root / "source" / MODULE / f"{name}.ipynb"
        nb = read(path)
        cell = find(nb, "test_double")
        cell.source = cell.source.replace("x + x", "2 * x")
        write(nb, path)
        source = self.root / "source" / MODULE
        config = load_config(self.root)
        assert convert(StudentVersion, self.root, source, config, self.root) == []
