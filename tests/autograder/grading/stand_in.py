"""An engine that runs nothing: an answer says itself what its test comes to, `# gets 2`.

Run as a program it is `torchgrade` with this engine. From the environment: `STAND_IN_SECONDS` is
what a notebook takes, `STAND_IN_LOG` a file that gets a line for each notebook graded.
"""

import os
import re
import sys
import time
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbformat import from_dict
from nbformat.v4 import new_output
from torchgrade.engine.task import Graded, GradingFailed, Layer, Task, TestResult


class StandIn:
    """The face of `torchgrade.engine.engine.Engine`."""

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        self.settings = settings
        self.closed = False
        self.tasks: list[Task] = []

    def grade(self, task: Task) -> Graded:
        """Give each test the points of the answer before it; `# breaks` fails the engine."""
        self.tasks.append(task)
        time.sleep(float(os.environ.get("STAND_IN_SECONDS", "0")))
        notebook = from_dict(deepcopy(dict(task.notebook)))
        tests, gets, count = [], 0.0, 0
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            count += 1
            cell.execution_count = count
            about = cell.metadata.get("nbgrader", {})
            if about.get("solution"):
                if "# breaks" in cell.source:
                    raise GradingFailed("the judge's process has ended")
                found = re.search(r"# gets ([\d.]+)", cell.source)
                gets = float(found[1]) if found else 0.0
            elif about.get("grade"):
                data = {"text/plain": str(gets)}
                cell.outputs = [new_output("execute_result", data, execution_count=count)]
                tests.append(TestResult(about["grade_id"], None, gets, 0.1))
        notebook.metadata["language_info"] = {"name": "python"}
        if log := os.environ.get("STAND_IN_LOG"):
            with Path(log).open("a") as file:
                file.write(f"{task.name}\n")
        cells = {cell.id: 0.1 for cell in notebook.cells}
        layers = (Layer("nothing", active=True),)
        return Graded(task.name, notebook, tuple(tests), cells, layers=layers)

    def close(self) -> None:
        """Nothing was opened."""
        self.closed = True


if __name__ == "__main__":
    from torchgrade import cli
    from torchgrade.grading import classwork

    setattr(classwork, "make_engine", StandIn)  # noqa: B010
    sys.exit(cli.main())
