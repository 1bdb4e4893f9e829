"""Grades a class from a parsed command line."""

import argparse
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from rich.console import Console
from traitlets.config import Config

from torchgrade.engine.cluster import Cluster, Settings
from torchgrade.engine.given import Given
from torchgrade.engine.local import Processes, default_jobs, devices
from torchgrade.engine.task import GradingFailed
from torchgrade.grading.book import gradebook, patiently, totals
from torchgrade.grading.converter import LOG, Converter
from torchgrade.grading.course import course_of, lessons
from torchgrade.grading.driver import Driver
from torchgrade.grading.keys import of_environment
from torchgrade.grading.locking import exclusive
from torchgrade.grading.places import HERE, remove
from torchgrade.grading.plan import Lesson, Planner
from torchgrade.grading.problems import WrongUse, stopped_by
from torchgrade.grading.progress import listening
from torchgrade.grading.receipts import Receipts
from torchgrade.grading.steps import Steps
from torchgrade.grading.summary import named, show
from torchgrade.nbgrader.build import BuildError, load_config
from torchgrade.nbgrader.execute import make_engine
from torchgrade.nbgrader.problems import PlainError
from torchgrade.nbgrader.tasks import given_notebook, secret_paths

ALL, SOME, WRONG, INTERRUPTED = 0, 1, 2, 130


def grade_class(arguments: argparse.Namespace) -> int:
    """Grade; 0: all are graded, 1: some are not, 2: wrong use, 130: Ctrl-C."""
    try:
        root = arguments.course.resolve()
        config = load_config(root)
        with chdir(root):  # as nbgrader's commands do: a configuration may name files from there
            return _autograde(arguments, course_of(root, config, arguments.assignment), config)
    except (WrongUse, BuildError) as error:
        print(error, file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("Interrupted. Run the same command again to go on.", file=sys.stderr)
        return INTERRUPTED
    except (PlainError, GradingFailed, OSError) as error:
        print(stopped_by(error) or error, file=sys.stderr)
        return SOME


def _autograde(arguments: argparse.Namespace, course: CourseDirectory, config: Config) -> int:
    console = Console()
    here, assignment = Path(course.root) / HERE, course.assignment_id
    converter = Converter(coursedir=course, config=config, log=LOG)
    stage = here / "staging" / assignment
    converter.begin(stage, arguments.device, judge=not arguments.no_judge)
    folders = chosen(converter.submissions(), arguments.student, course)
    with exclusive(here / "locks" / f"{assignment}.lock", console.print):
        remove(stage)
        known = patiently(lambda: lessons(course), console.print)
        execute = converter.execute
        planner = Planner(
            known,
            of_environment(execute.device, execute.judge, execute.limits),
            Receipts(here, assignment),
            wanted(known, arguments.notebook),
            course.ignore,
            arguments.regrade,
        )
        unprotected = arguments.unprotected or execute.unprotected
        settings = {
            "unprotected": unprotected,
            "hidden": list(map(str, secret_paths(course))),
            "preload": sorted({module for name in known for module in imports(course, name)}),
        }
        with scheduler(arguments, execute.device, settings) as runs, listening(console) as listener:
            driver = Driver(Steps(converter, planner, listener), runs, listener)
            with _interrupts(driver):
                outcome = driver.grade(folders)
        remove(stage)
        show(console, outcome, {} if outcome.stopped else totals_of(course))
        if outcome.graded:
            console.print(f"How the class did: torchgrade report {assignment}", highlight=False)
    if outcome.interrupted:
        return INTERRUPTED
    return SOME if outcome.failed or outcome.unfinished else ALL


def chosen(found: dict[str, Path], students: list[str], course: CourseDirectory) -> dict[str, Path]:
    """Return the submissions that the command line asks for.

    Raises:
        WrongUse: one is not there, or there are none.
    """
    where = course.format_path(course.submitted_directory, "*", course.assignment_id)
    if not found:
        raise WrongUse(f"There are no submissions: nothing is at {where}. Run `nbgrader collect`.")
    if unknown := sorted(set(students) - found.keys()):
        raise WrongUse(
            f"No submission of {named(unknown)} is at {where}. There are: {named(list(found))}."
        )
    return {who: folder for who, folder in found.items() if not students or who in students}


def wanted(known: Mapping[str, Lesson], patterns: list[str]) -> list[str]:
    """Return the patterns of notebooks that the command line asks for.

    Raises:
        WrongUse: one matches no notebook of the assignment.
    """
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            raise WrongUse(f"No notebook {pattern}. There are: {', '.join(known)}.")
    return patterns


def scheduler(
    arguments: argparse.Namespace, device: str, settings: Settings
) -> Processes | Cluster:
    """Make the scheduler that the command line asks for."""
    if arguments.cluster:
        return Cluster(arguments.cluster, settings)
    accelerators = devices(device)
    jobs = arguments.jobs or default_jobs(accelerators)
    return Processes(jobs, lambda: make_engine(settings), accelerators)


def imports(course: CourseDirectory, name: str) -> tuple[str, ...]:
    """Return the modules that the instructor's notebook imports; none if it cannot be read."""
    try:
        return Given.read(given_notebook(course, course.assignment_id, name)).imports
    except PlainError:  # each of its submissions will say so
        return ()
    except GradingFailed as error:
        raise GradingFailed(f"{course.assignment_id}/{name}.ipynb: {error}") from error


def totals_of(course: CourseDirectory) -> dict[str, tuple[float, float]]:
    """Return (score, maximum) by student."""
    with gradebook(course) as book:
        return totals(book, course.assignment_id)


@contextmanager
def _interrupts(driver: Driver) -> Iterator[None]:
    """The first Ctrl-C ends grading soon and in order, the second at once."""

    def first(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        driver.interrupt()

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
