"""What quiet warnings cost a training loop, the recorder of lines that they need included.

    python benchmarks/cautions.py

The same loops, pairs and claims as in `lines.py`: on, at most 1.05 on the tiny loop and 1.02 on
the small one; closed, 1.00; nothing kept that grows. The time between two cells, in which the page
asks, is printed apart: it is no part of a cell.
"""

from __future__ import annotations

import sys
import time

import lines as of_lines
from torchenstein import cautions, inspector


def asking() -> None:
    """Print how long the answer to the page takes after a cell that trains."""
    shell = of_lines.InteractiveShell.instance()
    cautions.install(shell)
    sizes, batch, steps, _ = of_lines.SIZES["small"]
    shell.run_cell(of_lines.MODULES.format(sizes=sizes, batch=batch, steps=steps), cell_id="setup")
    spent = []
    for _ in range(of_lines.ROUNDS):
        shell.run_cell(of_lines.LOOPS["mod"], cell_id="loop")
        start = time.perf_counter()
        inspector.reply("cautions")
        spent.append(time.perf_counter() - start)
    cautions.uninstall()
    print(f"answer after a cell: {1000 * of_lines.statistics.median(spent):.1f} ms")


if __name__ == "__main__":
    of_lines.lines = cautions
    code = of_lines.main()
    asking()
    sys.exit(code)
