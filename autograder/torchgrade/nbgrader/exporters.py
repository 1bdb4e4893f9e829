"""How notebooks are read: `exporter_class` of nbgrader's converters.

nbgrader reads a notebook through its exporter, before any preprocessor sees it. So this is where a
broken file can still be met with a message instead of a traceback.
"""

import json
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateSolution

from torchgrade.nbgrader.problems import NotebookProblems, PlainErrors
from torchgrade.nbgrader.rules import check_file

MIB = 1024 * 1024
LARGEST_FILE = 100 * MIB
LARGEST = 20 * MIB  # without outputs, which are cleared before anything runs
MOST_CELLS = 2000
CELL_TYPES = {"code", "markdown", "raw"}
UNREADABLE = "This notebook could not be read"


class SourceExporter(NotebookExporter):
    """Reads a source notebook; refuses one that breaks the rules, naming notebook, cell and mend.

    Raises:
        NotebookProblems: listing every broken rule.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not any(isinstance(known, PlainErrors) for known in self.log.filters):
            self.log.addFilter(PlainErrors())

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        path = Path(filename)
        if problems := check_file(path, f"{path.parent.name}/{path.name}"):
            raise NotebookProblems(problems)
        return super().from_filename(filename, resources, **kwargs)


class SolutionExporter(SourceExporter):
    """Reads a source notebook for the solution version, on a fresh gradebook too.

    nbgrader's `GenerateSolution.create_assignment` says "create the assignment at runtime if it
    does not already exist" and is never read: the command fails unless `generate_assignment` ran
    first. The exporter is made just before the gradebook is asked, so it keeps the promise.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        converter = kwargs.get("parent")
        if isinstance(converter, GenerateSolution) and converter.create_assignment:
            course = converter.coursedir
            with Gradebook(course.db_url, course.course_id) as gradebook:
                try:
                    gradebook.find_assignment(course.assignment_id)
                except MissingEntry:
                    gradebook.add_assignment(course.assignment_id)


class SubmissionExporter(NotebookExporter):
    """Reads a submitted notebook; an unreadable one costs only itself.

    Stock nbgrader leaves the whole submission ungraded when one of its notebooks is no JSON. Here
    such a notebook is replaced by a note (`metadata.torchgrade.unreadable`), so that the others
    are graded, the student reads why, and the instructor finds it under "needs manual grade". The
    submitted file stays as it is.
    """

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        fault = _fault(Path(filename))
        if fault is None:
            return super().from_filename(filename, resources, **kwargs)
        self.log.error(
            "%s is not a readable notebook (%s). It was not graded; everything else is. "
            "Mend the file or ask for a new submission, then autograde again.",
            filename,
            fault,
        )
        note = f"**{UNREADABLE}** ({fault}). Please save it again and submit it again."
        cell = nbformat.v4.new_markdown_cell(note, id="unreadable")
        notebook = nbformat.v4.new_notebook(
            cells=[cell], metadata={"torchgrade": {"unreadable": fault}}
        )
        resources = resources or {}
        resources.setdefault("metadata", {}).update(
            name=Path(filename).stem, path=str(Path(filename).parent)
        )
        return self.from_notebook_node(notebook, resources, **kwargs)


def _fault(path: Path) -> str | None:
    """Say in a few words why a file is not a notebook; None when it is one."""
    try:
        if fault := _too_large(path):
            return fault
        notebook = nbformat.read(path, as_version=4)
        cells = list(notebook.cells)
    except UnicodeDecodeError:
        return "it is not a text file"
    except OSError as error:
        return str(error)
    except (ValueError, RecursionError):
        return "it is not JSON"
    except (nbformat.ValidationError, AttributeError, KeyError, TypeError):
        return "it is JSON, but no notebook"
    for number, cell in enumerate(cells, start=1):
        whole = isinstance(cell, dict) and cell.get("cell_type") in CELL_TYPES
        if (
            not whole
            or not isinstance(cell.get("source"), str)
            or not isinstance(cell.get("metadata"), dict)
        ):
            return f"its cell {number} is damaged"
    return None


def _too_large(path: Path) -> str | None:
    """Say if a file is more than a notebook can be, before nbformat spends minutes on it.

    Raises:
        OSError, ValueError, RecursionError, AttributeError, TypeError: it is no notebook.
    """
    size = path.stat().st_size
    if size > LARGEST_FILE:
        return f"it is {size // MIB} MiB large, and {LARGEST_FILE // MIB} MiB are the limit"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = notebook.get("cells", [])
    if len(cells) > MOST_CELLS:
        return f"it has {len(cells)} cells, and {MOST_CELLS} are the limit"
    if size > LARGEST:
        own = [{**cell, "outputs": []} for cell in cells]
        if len(json.dumps({**notebook, "cells": own})) > LARGEST:
            return f"it is more than {LARGEST // MIB} MiB large without its outputs"
    return None
