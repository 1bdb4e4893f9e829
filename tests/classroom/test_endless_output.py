"""What a cell prints grows stock nbgrader's own process; ours keeps its size, without end."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.journey

MOST_MIB = 60  # that grading may add to our process, whatever a cell prints
NOTEBOOK = """
from nbformat.v4 import new_code_cell, new_notebook
from torchgrade.verify.session import peak_memory_mib
cell = new_code_cell("PRINTS")
kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
notebook = new_notebook(cells=[cell], metadata={"kernelspec": kernel})
"""
# Enough to show it, and an end of its own: how much is printed within a time hangs on the machine.
MUCH = "for n in range(100_000): print('x' * 1000)"
ENDLESS = "while True: print('x' * 1000)"
STOCK = """
from nbgrader.preprocessors import Execute
before = peak_memory_mib()
ran, _ = Execute(timeout=150).preprocess(notebook, {"metadata": {"path": "."}})
print(peak_memory_mib() - before, len(str(ran.cells[0].outputs)))
"""
OURS = """
from torchgrade.engine.engine import Engine
from torchgrade.engine.task import Limits, Task
with Engine() as engine:
    engine.grade(Task("warm", new_notebook(cells=[new_code_cell("1")])))
    before = peak_memory_mib()
    graded = engine.grade(Task("t", notebook, limits=Limits(cell_seconds=4)))
print(peak_memory_mib() - before, len(str(graded.notebook["cells"][0]["outputs"])))
"""


def grown(program: str, prints: str) -> tuple[float, int]:
    """MiB that the grader's own process grew by, and the length of what it keeps."""
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK.replace("PRINTS", prints) + program],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    mib, length = done.stdout.split()[-2:]
    return float(mib), int(length)


def test_stock_nbgrader_grows_with_what_a_cell_prints() -> None:
    assert grown(STOCK, MUCH)[0] > MOST_MIB


def test_our_process_keeps_its_size_and_the_output_is_cut() -> None:
    mib, length = grown(OURS, ENDLESS)
    assert mib < MOST_MIB
    assert length < 2**20
