"""Between nbgrader's folders and the engine: a task's ingredients, a notebook's outputs."""

import base64
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory

from torchgrade.engine.task import Graded
from torchgrade.nbgrader.compare import files_of
from torchgrade.nbgrader.problems import PlainError

MIB = 1024 * 1024


def given_notebook(course: CourseDirectory, assignment: str, name: str) -> dict[str, Any]:
    """Read the instructor's own notebook: from source/, or else the student version.

    Raises:
        PlainError: there is neither, or it is no notebook.
    """
    paths = [
        Path(course.format_path(step, ".", assignment)) / f"{name}.ipynb"
        for step in (course.source_directory, course.release_directory)
    ]
    for path in paths:
        if path.is_file():
            return _read(path, path.stat().st_mtime_ns)
    raise PlainError(
        f"There is no {paths[0]} (nor {paths[1]}). Tests need what its cells import and "
        "define. Put the instructor's notebook back."
    )


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> dict[str, Any]:
    """Read a notebook once for a whole class, unless it changes."""
    try:
        found: dict[str, Any] = nbformat.read(path, as_version=4)
    except ValueError as error:
        raise PlainError(f"{path} is not a readable notebook ({error}). Mend it.") from error
    return found


def packed(folder: Path, limit_mib: int) -> dict[str, str]:
    """Return the files beside a submission's notebooks as base64 text, by relative path.

    Raises:
        PlainError: they are more than `limit_mib` together.
    """
    paths = {name: path for name, path in files_of(folder).items() if path.suffix != ".ipynb"}
    size = sum(path.stat().st_size for path in paths.values())
    if size > limit_mib * MIB:
        raise PlainError(
            f"{folder} holds {size // MIB} MiB of files beside its notebooks; a submission may use "
            f"{limit_mib} MiB. Take out what the notebooks do not need, and grade again."
        )
    return {name: base64.b64encode(path.read_bytes()).decode() for name, path in paths.items()}


def put_outputs(nb: NotebookNode, graded: Graded) -> None:
    """Take over from the run notebook what running adds: outputs, counts, language, widgets.

    Raises:
        PlainError: the run notebook has other cells.
    """
    ran = graded.notebook
    if [cell["cell_type"] for cell in ran["cells"]] != [cell.cell_type for cell in nb.cells]:
        raise PlainError(f"{graded.name}: the run notebook has other cells. Grade it again.")
    for cell, run in zip(nb.cells, ran["cells"], strict=True):
        if cell.cell_type == "code":
            cell.outputs = nbformat.from_dict(run["outputs"])
            cell.execution_count = run["execution_count"]
    for key in ("language_info", "widgets"):
        if key in ran["metadata"]:
            nb.metadata[key] = nbformat.from_dict(ran["metadata"][key])


def secret_paths(course: CourseDirectory) -> list[Path]:
    """List what no submission may see: sources, the gradebook, everybody's work."""
    steps = ("source", "source_with_tests", "release", "solution", "submitted", "autograded")
    names = [*(getattr(course, f"{step}_directory") for step in steps), course.feedback_directory]
    names += ["gradebook.db", ".torchgrade"]
    database = str(course.db_url)
    if database.startswith("sqlite:///"):
        names.append(database.removeprefix("sqlite:///"))
    return [Path(course.root) / name for name in dict.fromkeys(names)]
