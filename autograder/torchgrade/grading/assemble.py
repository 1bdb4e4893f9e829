"""A learner's notebook, made ready to be graded: the instructor's test cells in their places."""

import os
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, ValidationError
from nbformat.reader import NotJSONError

from torchgrade.nbgrader.problems import PlainError
from torchgrade.nbgrader.rules import TEST_PREFIX
from torchgrade.nbgrader.settle import Given, grade_id, settle

UNREADABLE = (ValidationError, NotJSONError, ValueError, AttributeError, KeyError, TypeError)
"""What nbformat raises on files that are no notebooks."""

SOURCE_VARIABLE = "TORCHGRADE_SOURCE"
"""Names the folder of source notebooks where a notebook does not lie in its course."""


class CannotGrade(PlainError):
    """This notebook cannot be graded; the message says why, and what to do."""


@dataclass(frozen=True)
class Exercise:
    """One test cell and the answer it is about.

    Attributes:
        grade_id: of the test cell.
        name: of the exercise, as in `exercise(name)`.
        points: what full marks are worth.
        cell_id: of the answer cell in the learner's notebook; None if that was deleted.
    """

    grade_id: str
    name: str
    title: str
    points: float
    cell_id: str | None


@dataclass(frozen=True)
class Lesson:
    """A notebook that can be graded.

    Attributes:
        notebook: the learner's, its graded cells settled.
        given: the instructor's notebook with hidden tests, None where only open examples are here.
        source: its file.
    """

    path: Path
    notebook: NotebookNode
    given: NotebookNode | None
    source: Path | None
    exercises: tuple[Exercise, ...]


def read_lesson(path: Path, source: Path | None = None) -> Lesson:
    """Read a learner's notebook and put the tests of its source into it, where that is at hand.

    Args:
        source: the source notebook, or the folder that holds `<module>/<lesson>.ipynb`; None looks
            at TORCHGRADE_SOURCE, then for a course around the notebook.

    Raises:
        CannotGrade: the notebook cannot be read, or has no exercises.
    """
    learners = _read(path)
    found = find_source(path, learners, source)
    given = _read(found) if found else None
    notebook, exercises = assemble(learners, given)
    if not exercises:
        raise CannotGrade(
            f"{path.name} has no exercises to grade. Open one of the course's lessons; a copy of "
            "one under another name is fine, too."
        )
    return Lesson(path, notebook, given, found, exercises)


def find_source(path: Path, learners: NotebookNode, source: Path | None = None) -> Path | None:
    """Return the source notebook of a learner's notebook, None where it is not at hand.

    Raises:
        CannotGrade: `source` was named, and the notebook's source is not there.
    """
    about = learners.metadata.get("torchenstein")
    slug = about.get("slug") if isinstance(about, dict) else None
    if source is not None:
        named = source if source.is_file() else _in_folder(source, slug)
        if named is None:
            why = f"it holds no {slug}.ipynb" if slug else f"{path.name} does not say which lesson"
            raise CannotGrade(f"--source {source}: {why}. Name the source notebook itself.")
        return named
    return next(filter(None, (_in_folder(folder, slug) for folder in _folders(path))), None)


def _folders(path: Path) -> Iterator[Path]:
    """Where source notebooks may lie: in the folder that is named, in the course around `path`."""
    if named := os.environ.get(SOURCE_VARIABLE):
        yield Path(named)
    for folder in path.resolve().parents:
        if (folder / "nbgrader_config.py").is_file():
            yield folder / "source"


def _in_folder(folder: Path, slug: object) -> Path | None:
    """Return the notebook of a slug such as `01_tensors/06_broadcasting`, and none outside."""
    if not isinstance(slug, str):
        return None
    found = folder / f"{slug}.ipynb"
    inside = found.resolve().is_relative_to(folder.resolve())
    return found if inside and found.is_file() else None


def assemble(
    learners: NotebookNode, given: NotebookNode | None
) -> tuple[NotebookNode, tuple[Exercise, ...]]:
    """Return the notebook to run, and its exercises in order.

    Whatever was deleted, copied or edited of the locked cells is as in `given` again; without it,
    the notebook's own test cells are what there is.
    """
    notebook = deepcopy(learners)
    cells = (given or learners).cells
    copied = {name for name, times in Counter(map(_name, notebook.cells)).items() if times > 1}
    records = {}
    for cell in cells:
        name = _name(cell)
        if name is not None and name not in records:
            records[name] = _record(cell, name, needs_stub=given is not None and name in copied)
    settle(notebook, list(records.values()), lambda _: None)
    # The first copy of an id keeps it, so an answer is found again in the learner's notebook.
    known = {cell.get("id") for cell in learners.cells}
    places = {grade_id(cell): cell.id for cell in notebook.cells if cell.id in known}
    titles = {_name(cell): _title(cell) for cell in cells}
    exercises = []
    for record in records.values():
        if record.metadata.get("grade") and not record.metadata.get("solution"):
            name = record.name.removeprefix(TEST_PREFIX)
            exercises.append(
                Exercise(
                    record.name,
                    name,
                    titles.get(name) or name,
                    float(record.metadata.get("points") or 0),
                    places.get(name),
                )
            )
    return notebook, tuple(exercises)


def _record(cell: NotebookNode, name: str, *, needs_stub: bool) -> Given:
    metadata = dict(cell.metadata.nbgrader)
    source = cell.source
    if needs_stub and metadata.get("solution"):
        # Only a copied answer is compared with its stub, and nbgrader takes a second to import.
        from nbgrader.preprocessors import ClearSolutions

        alone = NotebookNode(metadata={}, cells=[deepcopy(cell)])
        source = ClearSolutions().preprocess(alone, {})[0].cells[0].source
    return Given(name, cell.cell_type, source, bool(metadata.get("locked")), metadata)


def _name(cell: NotebookNode) -> str | None:
    graded = cell.metadata.get("nbgrader")
    name = graded.get("grade_id") if isinstance(graded, dict) else None
    return name if isinstance(name, str) and name else None


def _title(cell: NotebookNode) -> str:
    about = cell.metadata.get("torchenstein")
    exercise = about.get("exercise") if isinstance(about, dict) else None
    title = exercise.get("title") if isinstance(exercise, dict) else None
    return title if isinstance(title, str) else ""


def _read(path: Path) -> NotebookNode:
    """Read a notebook as nbformat 4. Raises CannotGrade."""
    faults: dict[str, Any] = {}
    try:
        notebook = nbformat.reads(path.read_text("utf-8"), 4, capture_validation_error=faults)
        if faults:
            raise TypeError
        return notebook
    except FileNotFoundError as error:
        raise CannotGrade(
            f"There is no {path.name} in {path.parent}. If it was renamed or moved, open it where "
            "it is now and try again."
        ) from error
    except OSError as error:
        raise CannotGrade(f"{path} cannot be read: {error.strerror or error}.") from error
    except (
        ValidationError,
        NotJSONError,
        ValueError,
        AttributeError,
        KeyError,
        TypeError,
    ) as error:
        raise CannotGrade(
            f"{path.name} is not a notebook, or it is damaged. Open it in JupyterLab and save it, "
            "or take a fresh copy of the lesson."
        ) from error
