"""nbgrader's own `Autograde`, cut where the notebook runs, in a staging folder."""

import logging
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.writers.files import FilesWriter
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.utils import setenv

from torchgrade.engine.task import Graded, Task
from torchgrade.grading.places import put_in_place, recover, remove
from torchgrade.nbgrader.execute import OURS, Execute, step_name, with_engine
from torchgrade.nbgrader.tasks import put_outputs

LOG = logging.getLogger("torchgrade.grading")
LOG.propagate = False  # grading prints its own lines; nbgrader's log is for its commands
LOG.addHandler(logging.NullHandler())


class Converter(Autograde):
    """Does what `nbgrader autograde` does to a submission, in steps.

    `prepare` initialises and sanitizes, `task` says what the engine is to run, `enter` goes through
    the course's `autograde_preprocessors`, with the result in the place of `Execute`, and `finish`
    puts the files in place. Until then everything is in `stage`.
    """

    def begin(self, stage: Path, device: str | None = None, judge: bool = True) -> None:
        """Make exporter and writer, as `start` does.

        Args:
            stage: stands for `autograded/` until a submission is whole.
            device, judge: instead of the configuration's.

        Raises:
            PlainError: nothing in the configuration runs the submissions.
        """
        self.home_directory = self.coursedir.autograded_directory
        self.coursedir.autograded_directory = str(stage)
        self.writer = FilesWriter(parent=self, config=self.config)
        self.exporter = self.exporter_class(parent=self, config=self.config)
        steps = with_engine(self.autograde_preprocessors)
        place = [step_name(step) for step in steps].index(OURS)
        self.before = steps[:place]
        self.set_trait("autograde_preprocessors", [*self.before, self._put, *steps[place + 1 :]])
        self.execute = Execute(parent=self.exporter)
        self.execute.judge = self.execute.judge and judge
        self.execute.device = device or self.execute.device
        self.graded: Graded | None = None

    def submissions(self) -> dict[str, Path]:
        """Return the folders in `submitted/` of this assignment, by student."""
        course = self.coursedir
        pattern = re.compile(self._format_source("(?P<a>.*)", "(?P<student>.*)", escape=True))
        excluded = course.student_id_exclude.split(",")
        found = {}
        for folder in sorted(glob(self._format_source(course.assignment_id, course.student_id))):
            match = pattern.match(folder)
            if match and match["student"] not in excluded:
                found[match["student"]] = Path(folder)
        return found

    def home(self, student: str) -> Path:
        """Where a student's graded submission belongs."""
        course = self.coursedir
        return Path(course.format_path(self.home_directory, student, course.assignment_id))

    def stage(self, student: str) -> Path:
        """Where it is until it is whole."""
        return Path(self._format_dest(self.coursedir.assignment_id, student))

    def prepare(self, student: str, submitted: Collection[Path], names: Collection[str]) -> None:
        """Enter the submission into the gradebook, copy its files, sanitize the named notebooks."""
        assignment = self.coursedir.assignment_id
        remove(self.stage(student))
        self.notebooks = sorted(map(str, submitted))
        self.run_pre_convert_hook()
        self.init_assignment(assignment, student)
        self.notebooks = [path for path in self.notebooks if Path(path).stem in names]
        self._sanitizing = True
        for path in self.notebooks:
            self._init_preprocessors()
            BaseConverter.convert_single_notebook(self, path)

    def task(self, student: str, name: str) -> Task:
        """Return what the engine is to run, of a prepared notebook.

        Raises:
            PlainError: the instructor's notebook is nowhere, or the files are too many.
        """
        path = self.stage(student) / f"{name}.ipynb"
        nb = nbformat.read(path, as_version=4)
        if self.before:
            resources = self._resources(path)
            for step in self._steps(self.before):
                nb, resources = step(nb, resources)
        who = f"{student}/{self.coursedir.assignment_id}/{name}"
        return self.execute.task(nb, path.parent, self.coursedir, who)

    def enter(self, student: str, results: Mapping[str, Graded]) -> None:
        """Enter the results of a prepared submission into the gradebook."""
        self._sanitizing = False
        try:
            with setenv(NBGRADER_EXECUTION="autograde"):
                for name, graded in results.items():
                    self._init_preprocessors()
                    self.graded = graded
                    path = self.stage(student) / f"{name}.ipynb"
                    BaseConverter.convert_single_notebook(self, str(path))
        finally:
            self._sanitizing = True

    def finish(self, student: str, kept: Collection[str]) -> None:
        """Put an entered submission in place, together with the `kept` notebooks that are there."""
        stage, home = self.stage(student), self.home(student)
        recover(home)
        for name in kept:
            shutil.copy2(home / f"{name}.ipynb", stage / f"{name}.ipynb")
        self.set_permissions(self.coursedir.assignment_id, student)
        put_in_place(stage, home)
        with self._at_home():  # the folder above it, where a course is shared by a group
            self.set_permissions(self.coursedir.assignment_id, student)
            self.run_post_convert_hook()

    def _put(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        if self.graded is not None:
            put_outputs(nb, self.graded)
        return nb, resources

    def _steps(self, steps: list[Any]) -> list[Any]:
        self.exporter._preprocessors = []
        for step in steps:
            self.exporter.register_preprocessor(step)
        return list(self.exporter._preprocessors)

    def _resources(self, path: Path) -> Any:
        self._sanitizing = False
        try:
            found = self.init_single_notebook_resources(str(path))
        finally:
            self._sanitizing = True
        return {**found, "metadata": {"name": path.stem, "path": str(path.parent)}}

    @contextmanager
    def _at_home(self) -> Iterator[None]:
        stage = self.coursedir.autograded_directory
        self.coursedir.autograded_directory = self.home_directory
        try:
            yield
        finally:
            self.coursedir.autograded_directory = stage


@contextmanager
def errors_of(found: list[str]) -> Iterator[None]:
    """Add to `found` what nbgrader logs as errors meanwhile."""
    handler = _Errors(found)
    LOG.addHandler(handler)
    try:
        yield
    finally:
        LOG.removeHandler(handler)


class _Errors(logging.Handler):
    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.found = found

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())
