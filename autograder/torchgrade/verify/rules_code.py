"""Rules on code cells: lengths, predictions, asserts, imports, devices, the network."""

import ast
import re
import sys
from collections.abc import Iterator

from torchgrade.nbgrader.regions import HIDDEN_TESTS, without_region
from torchgrade.verify.lesson import Cell, Lesson
from torchgrade.verify.limits import Limits
from torchgrade.verify.registry import Found, rule

PACKAGES = {"torch", "numpy", "plotly", "torchgrade", "torchenstein"}
NETWORK = {
    "aiohttp", "ftplib", "http", "httpx", "imaplib", "nntplib", "poplib", "requests", "smtplib",
    "socket", "socketserver", "ssl", "telnetlib", "urllib", "urllib3", "webbrowser", "xmlrpc",
}  # fmt: skip
FETCHES = {"torch.hub", "torch.utils.model_zoo"}
# Delimiter lines are nobody's reading.
MARKER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS)")
ASSERTING = {"assert_close", "assert_equal"}


def _nodes(lesson: Lesson) -> Iterator[tuple[Cell, ast.AST]]:
    for cell in lesson.code:
        tree = cell.tree()
        for node in ast.walk(tree) if tree else ():
            yield cell, node


def _called(node: ast.AST) -> str:
    """The last name of what a call calls."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


@rule
def code_cells(lesson: Lesson, limits: Limits) -> Found:
    """The lesson is done more than read, in cells that fit on a screen."""
    least, most = limits.code_cells
    if not least <= len(lesson.code) <= most:
        what = f"it has {len(lesson.code)} code cells, not {least} to {most}"
        yield None, what, "Show more, or join and cut"
    for cell in lesson.code:
        # Hidden tests are read by instructors; clear code may be long.
        shown = without_region(cell.source, HIDDEN_TESTS).strip().split("\n")
        count = sum(not MARKER.search(line) for line in shown)
        most = limits.test_lines if cell.kind == "test" else limits.cell_lines
        if count > most:
            yield cell, f"it shows {count} lines, not at most {most}", "Split or tighten it"


@rule
def line_width(lesson: Lesson, limits: Limits) -> Found:
    """Code can be read without scrolling sideways."""
    for cell in lesson.code:
        widest = max(map(len, cell.source.split("\n")))
        if widest > limits.line_width:
            what = f"a line has {widest} characters, not at most {limits.line_width}"
            yield cell, what, "Break it"


@rule
def python(lesson: Lesson, limits: Limits) -> Found:
    """Every code cell is plain Python."""
    for cell in lesson.code:
        if cell.tree() is None:
            yield cell, "it is not plain Python", "Mend the syntax; magics and shell lines are out"


@rule
def predictions(lesson: Lesson, limits: Limits) -> Found:
    """The learner predicts before running."""
    count = sum(_called(node) == "reveal" for _, node in _nodes(lesson))
    if count < limits.predictions:
        what = f"it has {count} predictions, not at least {limits.predictions}"
        yield None, what, "Ask with `my_prediction = None` and `reveal(my_prediction, actual)`"


@rule
def asserts(lesson: Lesson, limits: Limits) -> Found:
    """What prose claims is asserted."""
    count = sum(
        isinstance(node, ast.Assert) or _called(node) in ASSERTING for _, node in _nodes(lesson)
    )
    if count < limits.asserts:
        what = f"it asserts {count} times, not at least {limits.asserts}"
        yield None, what, "Assert the value of an example that can be checked by hand"


@rule
def imports(lesson: Lesson, limits: Limits) -> Found:
    """A lesson needs what the course installs, and never the network."""
    for cell, node in _nodes(lesson):
        for module in _modules(node):
            root = module.split(".")[0]
            if root in NETWORK or module in FETCHES:
                yield cell, f"it imports {module}, which uses the network", "A lesson works offline"
            elif root not in PACKAGES and root not in sys.stdlib_module_names:
                allowed = ", ".join(sorted(PACKAGES))
                yield cell, f"it imports {root}", f"Use the standard library, {allowed}"


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        inside = [f"{node.module}.{alias.name}" for alias in node.names]
        return [*(name for name in inside if name in FETCHES), str(node.module)]
    return (
        [ast.unparse(node)]
        if isinstance(node, ast.Attribute) and ast.unparse(node) in FETCHES
        else []
    )


@rule
def devices(lesson: Lesson, limits: Limits) -> Found:
    """The device comes from `device()`."""
    for cell, node in _nodes(lesson):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "cuda"
        ):
            yield cell, "it calls .cuda()", "Use .to(device()) with torchgrade's device"
