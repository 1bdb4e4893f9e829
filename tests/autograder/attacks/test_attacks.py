"""Every attack against our engine: nothing is gained, and nothing honest is lost.

The corpus and the world are described in `corpus` and `world`. What each attack gained in stock
nbgrader is in `stock.json`.
"""

import base64
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.preprocessors import CheckCellMetadata, OverwriteCells, OverwriteKernelspec
from nbgrader.utils import determine_grade, is_grade
from torchgrade.engine.engine import Engine
from torchgrade.engine.task import Graded, Limits, Task
from torchgrade.nbgrader.grading import IgnoreStderr
from torchgrade.nbgrader.sanitize import SettleCells

from tests.autograder.attacks import course as place
from tests.autograder.attacks.corpus import POINTS, load, names
from tests.autograder.attacks.evidence import loot, lost, outputs, stolen
from tests.autograder.attacks.processes import descendants
from tests.autograder.attacks.submission import submission
from tests.autograder.attacks.world import MARK, Listeners, World, changed, read_secrets
from tests.autograder.nbgrader.notebooks import read

SETTLE = (SettleCells, OverwriteKernelspec, OverwriteCells, CheckCellMetadata)
LIMITS = Limits(
    cell_seconds=5, notebook_seconds=30, memory_mib=2048, file_mib=16, disk_mib=64, output_kib=256
)
LARGEST = 4 * 2**20  # bytes of a graded notebook: the limit of each cell's output, and some room
ALL_POINTS = sum(POINTS.values())


@pytest.mark.parametrize("name", names())
def test_an_attack_gains_nothing(
    name: str, world: World, listeners: Listeners, engine: Engine, gradebook: Path
) -> None:
    attack = load(name).placed(world.places(listeners))
    notebook = settled(submission(attack, place.released(world.course)), world, gradebook)
    listeners.contacts.clear()
    before, running = world.snapshot(), descendants(os.getpid())
    start = time.monotonic()
    graded = engine.grade(task(name, notebook, world))
    seconds = time.monotonic() - start
    scores = points(graded)
    found = {
        "points stolen": stolen(attack, scores),
        "honest points lost": lost(attack, scores),
        "secrets in its outputs": read_secrets(outputs(graded.notebook)),
        "loot": loot(graded.notebook),
        "contacts": list(listeners.contacts),
        "files changed": changed(before, world.snapshot()),
        "files left": [path for path in [*attack.leaves, *strewn()] if Path(path).exists()],
        "processes left": left(running),
        "too slow": seconds if seconds > attack.seconds else 0,
        "too much output": max(0, len(json.dumps(graded.notebook)) - LARGEST),
        "neighbour's points lost": ALL_POINTS - neighbours_points(engine, world, gradebook),
    }
    assert {kind: what for kind, what in found.items() if what} == {}, graded.problems


def test_honest_work_gets_all_its_points_beside_the_attacks(
    engine: Engine, world: World, gradebook: Path
) -> None:
    assert neighbours_points(engine, world, gradebook) == ALL_POINTS


def settled(notebook: NotebookNode, world: World, gradebook: Path) -> NotebookNode:
    """The submission as nbgrader gives it to the engine: graded cells are the gradebook's."""
    nbgrader = {"notebook": place.NOTEBOOK, "assignment": place.ASSIGNMENT}
    resources: Mapping[str, Any] = {
        "nbgrader": {**nbgrader, "student": place.NEIGHBOUR, "db_url": f"sqlite:///{gradebook}"}
    }
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    for step in SETTLE:
        notebook, resources = step().preprocess(notebook, resources)
    return notebook


def task(name: str, notebook: NotebookNode, world: World) -> Task:
    """The notebook with its data, and limits small enough to be reached in seconds."""
    source = world.course / "source" / place.ASSIGNMENT
    data = base64.b64encode((source / "numbers.txt").read_bytes()).decode()
    given = json.loads((source / "target.ipynb").read_text())
    return Task(
        name=name, notebook=notebook, given=given, files={"numbers.txt": data}, limits=LIMITS
    )


def points(graded: Graded) -> dict[str, float | None]:
    """The score of each test cell as nbgrader reads it from the graded notebook."""
    notebook, _ = IgnoreStderr().preprocess(nbformat.from_dict(graded.notebook), {})
    return {
        cell.metadata.nbgrader["grade_id"]: determine_grade(cell)[0]
        for cell in notebook.cells
        if is_grade(cell)
    }


def neighbours_points(engine: Engine, world: World, gradebook: Path) -> float:
    """What an honest submission gets from the same engine, now."""
    folder = world.course / "submitted" / place.NEIGHBOUR / place.ASSIGNMENT
    notebook = settled(read(folder / "target.ipynb"), world, gradebook)
    graded = engine.grade(task(place.NEIGHBOUR, notebook, world))
    return sum(score or 0.0 for score in points(graded).values())


def left(before: Mapping[int, str]) -> list[str]:
    """What still runs and did not before; what is being killed has a second to be gone."""
    for _ in range(10):
        now = descendants(os.getpid())
        if not now.keys() - before.keys():
            return []
        time.sleep(0.1)
    return [now[pid] for pid in now.keys() - before.keys()]


def strewn() -> list[str]:
    """Files of an attack where everybody may write, and where Python imports from."""
    folders = [Path(folder) for folder in ("/tmp", "/var/tmp", "/dev/shm", *sys.path)]
    names = (f"{MARK}*", "torchgrade_attack*")
    return [str(path) for folder in folders for name in names for path in folder.glob(name)]
