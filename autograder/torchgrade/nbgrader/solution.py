"""The solution version: the source runs with its hidden tests, must pass, and is published without
them.

`RunSolution` takes the place of nbgrader's `Execute` in `GenerateSolution.preprocessors`,
`PublishSolution` follows.
"""

import os
import re
from typing import Any

from nbclient.exceptions import DeadKernelError
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import determine_grade, is_grade, is_solution
from traitlets import Bool, Enum

from torchgrade.nbgrader.problems import NotebookProblems, Problem
from torchgrade.nbgrader.regions import (
    HIDDEN_TESTS,
    SOLUTION,
    has_region,
    without_markers,
    without_region,
)
from torchgrade.nbgrader.rules import label

MAY_RAISE = "raises-exception"
WIDGET = "application/vnd.jupyter.widget-view+json"
KERNEL_FILE = re.compile(r"\S*[/\\]ipykernel_\d+[/\\]\d+\.py")
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")


class RunSolution(Execute):
    """Runs a source notebook and stops at the first cell that raises or a test that gives less
    than full marks.

    A cell that shows an error on purpose carries the tag `raises-exception`, as elsewhere in
    Jupyter. After a test cell has passed with its hidden tests it runs again without them, so what
    is published is what a student sees.

    Raises:
        NotebookProblems: naming notebook, cell and error.
    """

    record_timing = Bool(False).tag(config=True)
    coalesce_streams = Bool(True).tag(config=True)
    store_widget_state = Bool(False).tag(config=True)
    shutdown_kernel = Enum(["graceful", "immediate"], default_value="immediate").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: Any = None, km: Any = None
    ) -> tuple[NotebookNode, Any]:
        language = nb.metadata.get("language_info")
        nb, resources = super().preprocess(nb, resources, km)
        # The kernel's own version would make the file differ between two machines.
        nb.metadata.pop("language_info", None)
        if language is not None:
            nb.metadata["language_info"] = language
        settle_outputs(nb)
        return nb, resources

    def start_new_kernel(self, **kwargs: Any) -> None:
        # One order of sets in every run, one thread: the same outputs each time.
        kwargs["env"] = {**os.environ, "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
        super().start_new_kernel(**kwargs)

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        if cell.cell_type != "code":
            return cell, resources
        self._run(cell, resources, index)
        if has_region(cell.source, HIDDEN_TESTS):
            cell.source = without_region(cell.source, HIDDEN_TESTS)
            self._run(cell, resources, index)
        return cell, resources

    def _run(self, cell: NotebookNode, resources: Any, index: int) -> None:
        notebook = (
            f"{resources['nbgrader']['assignment']}/{resources['nbgrader']['notebook']}.ipynb"
        )
        place = label(cell, index)
        try:
            super().preprocess_cell(cell, resources, index)
        except DeadKernelError as error:
            problem = Problem(
                notebook, place, "the kernel died", "Run the cell alone; look at its memory"
            )
            raise NotebookProblems([problem]) from error
        if MAY_RAISE in cell.metadata.get("tags", []):
            return
        for output in cell.outputs:
            if output.output_type == "error":
                what = strip_ansi(f"raised {output.ename}: {output.evalue}".rstrip(": "))
                raise NotebookProblems(
                    [Problem(notebook, place, what, "Mend the cell, or the test that found it")]
                )
        if is_grade(cell) and not is_solution(cell):
            try:
                score, full = determine_grade(without_stderr(cell), self.log)
                what = f"the reference solution gets {score:g} of {full:g} points"
            except ValueError:  # nbgrader's, when a score is above the cell's points
                score, full, what = 1.0, 0.0, "the test gives more points than the cell has"
            if score != full:
                raise NotebookProblems(
                    [Problem(notebook, place, what, "Mend the solution or the test")]
                )


class PublishSolution(NbGraderPreprocessor):
    """Takes away hint cells, markers, hidden tests, locks and grading metadata."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        nb.cells = [cell for cell in nb.cells if not is_hint_cell(cell)]
        nb.metadata.pop("celltoolbar", None)
        for cell in nb.cells:
            cell.source = without_markers(without_region(cell.source, HIDDEN_TESTS), SOLUTION)
            for key in ("nbgrader", "editable", "deletable"):
                cell.metadata.pop(key, None)
        return nb, resources


def is_hint_cell(cell: NotebookNode) -> bool:
    """Tell an author's hint cell from an answer that carries hints."""
    return isinstance(cell.metadata.get("torchenstein", {}).get("hints"), str)


def without_stderr(cell: NotebookNode) -> NotebookNode:
    """Return a copy of a code cell whose outputs hold no stderr stream."""
    kept = [
        out for out in cell.outputs if not (out.output_type == "stream" and out.name == "stderr")
    ]
    return NotebookNode({**cell, "outputs": kept})


def settle_outputs(nb: NotebookNode) -> None:
    """Make what a run leaves the same each time: counts, kernel files, addresses, widgets."""
    number = 0
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        if cell.get("execution_count") is not None:
            number += 1
            cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output["execution_count"] = number
            output.get("data", {}).pop(WIDGET, None)
            for holder, key in _texts(output):
                holder[key] = ADDRESS.sub("0x…", KERNEL_FILE.sub("<cell>", holder[key]))


def _texts(output: NotebookNode) -> list[tuple[Any, Any]]:
    """List the (holder, key) places of an output that hold text."""
    places: list[tuple[Any, Any]] = []
    if "text" in output:
        places.append((output, "text"))
    if "traceback" in output:
        places += [(output.traceback, index) for index in range(len(output.traceback))]
    data = output.get("data", {})
    places += [
        (data, kind) for kind in ("text/plain", "text/html") if isinstance(data.get(kind), str)
    ]
    return places
