"""Runs submissions in torchgrade's engine, in place of nbgrader's `Execute`.

Two lines at the end of any course's `nbgrader_config.py` switch it on, for every stock command and
for the formgrader; without them, nbgrader is as ever::

    from torchgrade.nbgrader.execute import use_engine

    use_engine(c)
"""

import atexit
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute as StockExecute
from traitlets import Bool, Float, Integer, Unicode
from traitlets.config import Config

from torchgrade.engine.scheduler import Grader, grade_patiently
from torchgrade.engine.task import Graded, GradingFailed, Limits, Task
from torchgrade.nbgrader.once import prepare_once
from torchgrade.nbgrader.problems import PlainError, PlainErrors
from torchgrade.nbgrader.tasks import given_notebook, packed, put_outputs, secret_paths

STOCK = "nbgrader.preprocessors.Execute"
OURS = "torchgrade.nbgrader.execute.Execute"
IGNORE_STDERR = "torchgrade.nbgrader.grading.IgnoreStderr"
DEFAULTS = Limits()


class Execute(StockExecute):
    """Runs a submission in the engine: tests in a judge's process, the learner's code in a sandbox.

    Configured as `c.Execute`, like the one it replaces; what concerns kernels is not read.

    Raises:
        PlainError: the engine failed, twice; the instructor's notebook is nowhere; the
            submission's files are too many.
    """

    device = Unicode("cpu", help="Where submissions run: cpu, cuda, mps, xpu or auto.").tag(
        config=True
    )
    judge = Bool(
        True, help="Whether tests run in a process of their own, out of the learner's reach."
    ).tag(config=True)
    unprotected = Bool(False, help="Whether to run without a sandbox where there is none.").tag(
        config=True
    )
    notebook_timeout = Float(
        DEFAULTS.notebook_seconds, help="Seconds that a whole notebook may take."
    ).tag(config=True)
    memory = Integer(DEFAULTS.memory_mib, help="MiB of memory that a submission may use.").tag(
        config=True
    )

    @property
    def limits(self) -> Limits:
        """What one notebook may use; `timeout` is a cell's, None or less than 0 for none."""
        unlimited = self.timeout is None or self.timeout < 0
        return Limits(
            cell_seconds=self.notebook_timeout if unlimited else float(self.timeout),
            notebook_seconds=self.notebook_timeout,
            memory_mib=self.memory,
        )

    def task(self, nb: NotebookNode, folder: Path, course: CourseDirectory, who: str) -> Task:
        """Make the engine's task of a settled submission.

        Args:
            nb: the submission as the sanitize preprocessors left it.
            folder: where its other files are.
            who: `student/assignment/notebook`.
        """
        _, assignment, name = who.rsplit("/", 2)
        return Task(
            name=who,
            notebook=nb,
            given=given_notebook(course, assignment, name),
            files=packed(folder, self.limits.disk_mib),
            device=self.device,
            judge=self.judge,
            limits=self.limits,
        )

    def __init__(self, *words: Any, **settings: Any) -> None:
        super().__init__(*words, **settings)
        prepare_once()
        if not any(isinstance(known, PlainErrors) for known in self.log.filters):
            self.log.addFilter(PlainErrors())

    def preprocess(
        self, nb: NotebookNode, resources: Any = None, km: Any = None
    ) -> tuple[NotebookNode, Any]:
        place = resources["nbgrader"]
        who = "/".join(place[key] for key in ("student", "assignment", "notebook"))
        converter = getattr(self.parent, "parent", None)
        course = getattr(converter, "coursedir", None) or CourseDirectory(config=self.config)
        if any(cell.cell_type == "code" for cell in nb.cells):
            folder = Path(resources["metadata"]["path"])
            put_outputs(nb, _run(self.task(nb, folder, course, who), self, course))
        return nb, resources


def use_engine(c: Config) -> None:
    """Make a course's configuration grade through the engine.

    Puts `Execute` in the place of nbgrader's in `c.Autograde.autograde_preprocessors`, or in
    nbgrader's default list, and `IgnoreStderr` behind it unless it is there.

    Raises:
        PlainError: the list has no Execute.
    """
    steps = with_engine(c.Autograde.get("autograde_preprocessors") or _default_steps())
    c.Autograde.autograde_preprocessors = steps
    # A notebook is checked once, after all steps, and not after each of them.
    c.Exporter.setdefault("optimistic_validation", True)


def with_engine(steps: Sequence[Any]) -> list[Any]:
    """Return a list of preprocessors with our `Execute` in nbgrader's place."""
    names = [step_name(step) for step in steps]
    if OURS not in names and STOCK not in names:
        raise PlainError(
            f"c.Autograde.autograde_preprocessors in nbgrader_config.py has no {STOCK}, so nothing "
            "would run the submissions. Put it first in the list."
        )
    found = [OURS if name == STOCK else step for name, step in zip(names, steps, strict=True)]
    if IGNORE_STDERR not in names:
        found.insert(found.index(OURS) + 1, IGNORE_STDERR)
    return found


def step_name(step: Any) -> str:
    """Return a preprocessor's import string; nbgrader's `Execute` has several."""
    if not isinstance(step, type):
        name = str(step)
        return STOCK if name == f"{StockExecute.__module__}.Execute" else name
    return STOCK if step is StockExecute else f"{step.__module__}.{step.__qualname__}"


def _default_steps() -> list[Any]:
    steps: list[Any] = Autograde.class_traits()["autograde_preprocessors"].default()
    return steps


def make_engine(settings: Mapping[str, Any]) -> Grader:
    """Start an engine; the import waits until one is needed."""
    from torchgrade.engine.engine import Engine

    hidden = [Path(path) for path in settings.get("hidden", ())]
    return Engine(**{**settings, "hidden": hidden})


# One engine for the whole process, the formgrader's server too: starting it takes seconds.
_engines: dict[str, Grader] = {}
_one_at_a_time = threading.Lock()


def _run(task: Task, settings: Execute, course: CourseDirectory) -> Graded:
    with _one_at_a_time:
        kind = f"{course.root} {settings.unprotected}"
        if kind not in _engines:
            how = {"unprotected": settings.unprotected, "hidden": secret_paths(course)}
            _engines[kind] = make_engine(how)
            atexit.register(_engines[kind].close)
        result = grade_patiently(_engines[kind], task, tries=2)
    if isinstance(result, GradingFailed):
        reason = str(result).splitlines()[0].rstrip(".")
        raise PlainError(
            f"{task.name} could not be graded: {reason}. This is not the submission's fault. "
            "Autograde it again."
        ) from result
    return result
