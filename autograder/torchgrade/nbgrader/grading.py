"""What happens to a run notebook before its scores are saved."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution


class IgnoreStderr(NbGraderPreprocessor):
    """Drops stderr from test cells, so that a warning costs no points.

    nbgrader gives 0 points for any line on stderr, and libraries write there for reasons that are
    none of the student's (a deprecated call, a missing CPU feature). A verdict is an exception or
    a score, never a stream. The text is dropped, not kept, because Python quotes the line that
    warned: in a test cell it may be a hidden test. In the student's own cells, and whenever a
    student runs the visible test, warnings are seen as ever.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell):
            kept = [out for out in cell.outputs if out.get("name") != "stderr"]
            if len(kept) < len(cell.outputs):
                self.log.info(
                    "Ignoring stderr of test cell '%s'", cell.metadata.nbgrader["grade_id"]
                )
            cell.outputs = kept
        return cell, resources
