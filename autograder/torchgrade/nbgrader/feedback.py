"""What a feedback report must not show: hidden tests, in cells, tracebacks and outputs."""

import html
import re
from typing import Any

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from torchgrade.nbgrader.regions import HIDDEN_TESTS, inside_region, without_region

NOTE = "# The hidden tests ran here."
REMOVED = "[hidden test]"
TELLING = 12  # characters: shorter lines (`)`, `else:`, `x = 1`) tell nothing and occur everywhere


class HideTests(NbGraderPreprocessor):
    """Removes hidden tests from a feedback report; verdicts and named mistakes stay.

    Goes before the HTML is made, in `GenerateFeedback.preprocessors`. A test cell's traceback
    becomes its last line (the verdict). In all other outputs, a line of a hidden test is replaced,
    however it got there.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        secrets = hidden_lines(nb)
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            is_test = is_grade(cell) and not is_solution(cell)
            cell.source = without_region(cell.source, HIDDEN_TESTS, NOTE)
            for output in cell.outputs:
                if output.output_type == "error" and (is_test or tells(output.traceback, secrets)):
                    output.evalue = scrub(output.evalue, secrets)
                    output.traceback = [f"{output.ename}: {output.evalue}".rstrip(": ")]
                elif output.output_type == "stream":
                    output.text = scrub(output.text, secrets)
                for kind, content in output.get("data", {}).items():
                    if isinstance(content, str) and kind.startswith("text/"):
                        output.data[kind] = scrub(content, secrets)
        return nb, resources


def hidden_lines(nb: NotebookNode) -> list[str]:
    """Return the telling lines of all hidden tests in a notebook, longest first."""
    lines = {
        line.strip()
        for cell in nb.cells
        if cell.cell_type == "code"
        for line in inside_region(cell.source, HIDDEN_TESTS).split("\n")
    }
    return sorted((line for line in lines if len(line) >= TELLING), key=len, reverse=True)


def tells(traceback: list[str], secrets: list[str]) -> bool:
    """Tell whether a traceback (with or without colours) quotes a hidden line."""
    text = strip_ansi("\n".join(traceback))
    return any(secret in text for secret in secrets)


def scrub(text: str, secrets: list[str]) -> str:
    """Replace every hidden line in a text, also as HTML, in a Python string, or in colours."""
    plain = strip_ansi(text)
    for secret in secrets:
        for form in {
            secret,
            html.escape(secret),
            html.escape(secret, quote=False),
            repr(secret)[1:-1],
        }:
            if form in plain:
                text = plain = re.sub(re.escape(form), REMOVED, plain)
    return text
