"""`torchgrade build`: the student and the solution version of every module, in one command.

It is nbgrader's own conversion (`GenerateAssignment`, `GenerateSolution`) with the course's
`nbgrader_config.py`, plus what a command line on a fresh checkout needs: a line for each notebook,
all faults at once, and folders that are either the old ones or the new ones, whole.

The gradebook is a temporary one. A build only makes files: it neither needs nor touches the
instructor's `gradebook.db`, whatever submissions are in it. `nbgrader generate_assignment` (or the
formgrader's button) makes the same bytes and enters the assignment into the gradebook; run it
before releasing.
"""

import argparse
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.converters import BaseConverter, GenerateAssignment, GenerateSolution
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

from torchgrade.nbgrader.compare import differences
from torchgrade.nbgrader.problems import PlainError
from torchgrade.nbgrader.rules import check_file

CONFIG = "nbgrader_config.py"
LOG = logging.getLogger("torchgrade.build")
LOG.propagate = False  # a build prints its own lines; nbgrader's log is for its commands
LOG.addHandler(logging.NullHandler())


class BuildError(PlainError):
    """A build that cannot go on; the message says why and what to do."""


class StudentVersion(GenerateAssignment):
    """nbgrader's converter, with a line for each notebook; `failures` lists what went wrong."""

    def convert_single_notebook(self, notebook_filename: str) -> None:
        self.failures = getattr(self, "failures", [])
        _report("student", notebook_filename, super().convert_single_notebook, self.failures)


class SolutionVersion(GenerateSolution):
    """nbgrader's converter, with a line for each notebook; `failures` lists what went wrong."""

    def convert_single_notebook(self, notebook_filename: str) -> None:
        self.failures = getattr(self, "failures", [])
        _report("solution", notebook_filename, super().convert_single_notebook, self.failures)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line of `torchgrade build`."""
    parser.add_argument(
        "modules", nargs="*", metavar="module", help="folders below source/ (default: all)"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing: make the student versions again and compare them with release/",
    )
    parser.add_argument(
        "--course", type=Path, default=Path(), help="the course's root (default: here)"
    )
    parser.add_argument(
        "--source",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="a folder of modules (default: source/ of the course; may be repeated)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run `torchgrade build` from its parsed command line."""
    return build(arguments.course, arguments.modules, arguments.check, arguments.source)


def build(
    course_dir: Path, modules: Sequence[str] = (), check: bool = False, sources: Sequence[Path] = ()
) -> int:
    """Make `release/` and `solution/`, or with `check` compare `release/` with what would be made.

    Args:
        course_dir: the course's root, where `nbgrader_config.py` is.
        modules: names of folders in the sources; all, where none is named.
        check: make student versions only, in a temporary folder, and compare byte for byte.
        sources: folders of modules; default `course_dir / "source"`.

    Returns:
        0, or 1 after saying what is wrong, where, and what mends it.
    """
    course_dir = course_dir.resolve()
    try:
        folders = _find([path.resolve() for path in sources] or [course_dir / "source"], modules)
        config = load_config(course_dir)
        problems = [
            str(problem)
            for folder in folders
            for path in sorted(folder.glob("*.ipynb"))
            for problem in check_file(path, f"{folder.name}/{path.name}")
        ]
        if not problems:
            step = _check if check else _make
            with _workplace(None if check else course_dir / "solution") as place:
                for folder in folders:
                    problems += step(course_dir, folder, config, place)
        if check and not modules:
            problems += _orphans(course_dir / "release", folders)
    except BuildError as error:
        problems = [str(error)]
    except OSError as error:  # a full disk, a folder that may not be written
        problems = [f"The build stopped: {error}. What was there is as it was."]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _find(sources: Sequence[Path], modules: Sequence[str]) -> list[Path]:
    """Return the module folders, in order.

    Raises:
        BuildError: for a module that is not there, or when there is none at all.
    """
    found = {
        path.name: path
        for source in sources
        for path in (sorted(source.iterdir()) if source.is_dir() else [])
        if path.is_dir() and any(path.glob("*.ipynb"))
    }
    if not found:
        raise BuildError(f"No modules with notebooks in {', '.join(map(str, sources))}.")
    if unknown := [name for name in modules if name.strip("/") not in found]:
        raise BuildError(f"No module {', '.join(unknown)}. There are: {', '.join(found)}.")
    return [found[name.strip("/")] for name in modules] or list(found.values())


def load_config(course_dir: Path) -> Config:
    """Load the course's own configuration, and no user's: all builds are the same."""
    try:
        return PyFileConfigLoader(CONFIG, path=str(course_dir)).load_config()
    except ConfigFileNotFound as error:
        raise BuildError(
            f"No {CONFIG} in {course_dir}. Run this in the course's root, or name it with --course."
        ) from error


def _check(course_dir: Path, folder: Path, config: Config, place: Path) -> list[str]:
    if failures := convert(StudentVersion, course_dir, folder, config, place):
        return failures
    made, kept = (root / "release" / folder.name for root in (place, course_dir))
    return [
        f"release/{folder.name}/{fault}. Run `torchgrade build`, never edit release/."
        for fault in differences(made, kept)
    ]


def _orphans(release: Path, folders: Sequence[Path]) -> list[str]:
    known = {folder.name for folder in folders}
    kept = [path.name for path in release.iterdir() if path.is_dir()] if release.is_dir() else []
    return [f"release/{name} has no source. Remove it." for name in sorted({*kept} - known)]


def _make(course_dir: Path, folder: Path, config: Config, place: Path) -> list[str]:
    for version in (StudentVersion, SolutionVersion):
        if failures := convert(version, course_dir, folder, config, place):
            return failures
    for step in ("release", "solution"):
        _swap(place / step / folder.name, course_dir / step / folder.name, place)
    return []


def convert(
    version: type[BaseConverter], course_dir: Path, folder: Path, config: Config, place: Path
) -> list[str]:
    """Run one of nbgrader's converters on a module, into `place`; return what failed."""
    course = CourseDirectory(config=config, log=LOG)
    course.root = str(course_dir)
    beside = folder.parent
    course.source_directory = str(
        beside.relative_to(course_dir) if beside.is_relative_to(course_dir) else beside
    )
    course.release_directory, course.solution_directory = (
        str(place / "release"),
        str(place / "solution"),
    )
    course.db_url = f"sqlite:///{place / 'gradebook.db'}"
    course.assignment_id = folder.name
    converter = version(coursedir=course, config=config, log=LOG)
    errors = _Errors()
    LOG.addHandler(errors)
    try:
        converter.start()
    except NbGraderException:
        return [*getattr(converter, "failures", []), *errors.messages]
    finally:
        LOG.removeHandler(errors)
    return getattr(converter, "failures", [])


class _Errors(logging.Handler):
    """Keeps what nbgrader logs as errors, for failures outside any notebook."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _report(
    version: str, filename: str, convert: Callable[[str], Any], failures: list[str]
) -> None:
    """Convert one notebook and print its line; keep a failure and go on to the next."""
    path, started = Path(filename), time.perf_counter()
    name = f"{path.parent.name}/{path.name}"
    try:
        convert(filename)
    except Exception as error:
        plain = getattr(error, "plain_message", False)
        failures.append(str(error) if plain else f"{name}: {type(error).__name__}: {error}")
        print(f"FAILED {version:8} {name}", flush=True)
    else:
        print(f"made   {version:8} {name} {time.perf_counter() - started:6.1f} s", flush=True)


@contextmanager
def _workplace(beside: Path | None) -> Iterator[Path]:
    """A temporary folder, removed at the end; in `beside`, so that a rename puts things in place.

    `solution/` is a good one: not committed, and nbgrader does not see hidden folders in it.
    """
    if beside is not None:
        beside.mkdir(parents=True, exist_ok=True)
        for left in beside.glob(".build-*"):  # of a build that was killed
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=beside) as place:
        yield Path(place)


def _swap(new: Path, old: Path, place: Path) -> None:
    """Put the new folder where the old one is; what is there is always one of the two, whole."""
    old.parent.mkdir(parents=True, exist_ok=True)
    aside = place / f"old-{old.parent.name}-{old.name}"
    if old.exists():
        old.rename(aside)
    try:
        new.rename(old)
    except OSError:
        if aside.exists():
            aside.rename(old)
        raise
