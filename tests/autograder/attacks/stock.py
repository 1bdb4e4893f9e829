"""What each attack gains under stock nbgrader, recorded in `stock.json`.

    python -m tests.autograder.attacks.stock            # all, again; about 20 minutes
    python -m tests.autograder.attacks.stock NAME ...   # some

nbgrader's defaults, without any plug-in of this repository. All is graded in a container
(bubblewrap): its own processes, network and temporary files, everything else read-only, killed as
a whole at the end.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from sqlalchemy.exc import SQLAlchemyError

from tests.autograder.attacks import course as place
from tests.autograder.attacks.corpus import HERE, Attack, load, names
from tests.autograder.attacks.evidence import (
    leaked,
    live_markup,
    loot,
    lost,
    outputs,
    planted,
    stolen,
)
from tests.autograder.attacks.submission import submission
from tests.autograder.attacks.world import World, changed, read_secrets
from tests.autograder.nbgrader.notebooks import ROOT, read

RECORD = HERE / "stock.json"
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'stock'\n"
INWARD = {"torch", "python", "ipython", "torchgrade", "objects", "frames", "code"}
PATIENCE = 1200.0
MEMORY = 8 * 2**30
DISK = 2**29


def course(folder: Path) -> Path:
    """A course with stock configuration and the student version of the target."""
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    place.copy_source(folder)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", place.ASSIGNMENT]
    subprocess.run(
        command, cwd=folder, env=environment(), check=True, capture_output=True, timeout=120
    )
    return folder


def environment() -> dict[str, str]:
    """One thread, this checkout's modules, and the command `alembic` for new gradebooks."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def contained(root: Path, *command: str) -> list[str]:
    """A command in a container in which only `root` and temporary files can be written."""
    return [
        *("prlimit", f"--as={MEMORY}", "bwrap", "--unshare-all", "--uid", "1000", "--gid", "1000"),
        *("--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev"),
        *("--proc", "/proc", "--size", str(DISK), "--tmpfs", "/tmp"),
        *("--size", str(DISK), "--tmpfs", "/var/tmp", "--bind", str(root), str(root)),
        *("--chdir", str(ROOT), "--", *command),
    ]


def grade(group: list[str], prepared: Path) -> dict[str, dict[str, Any]]:
    """Grade attacks as a class, and an honest student after them, in a world of its own."""
    with workplace() as world:
        world.furnish()
        shutil.copytree(prepared, world.course)
        given = place.released(world.course)
        attacks = [load(name) for name in group]
        for attack in attacks:
            place.hand_in(world.course, attack.name, submission(attack, given))
        place.hand_in(world.course, place.NEIGHBOUR, place.neighbours(given))
        if any(attack.channel == "output" for attack in attacks):
            (world.course / "wants feedback").touch()
        before = world.snapshot()
        seen = _seen(world)
        written = changed(before, world.snapshot())
        return {
            attack.name: seen
            if "not run" in seen
            else evidence(world, attack, written, alone=len(group) == 1) | seen
            for attack in attacks
        }


@contextlib.contextmanager
def workplace() -> Iterator[World]:
    """A temporary world; removed by `rm`, because Python's own way ends at folders too deep."""
    folder = tempfile.mkdtemp(prefix="stock-")
    try:
        yield World(Path(folder))
    finally:
        subprocess.run(["rm", "-rf", folder], check=True)


def _seen(world: World) -> dict[str, Any]:
    """Run `inside` in the container; what it saw, or why it saw nothing."""
    module = [sys.executable, "-m", "tests.autograder.attacks.inside"]
    try:
        done = subprocess.run(
            contained(world.root, *module, str(world.root), place.ASSIGNMENT),
            env=environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        said = done.stderr[-500:]
    except subprocess.TimeoutExpired:
        said = f"not over after {PATIENCE:.0f} seconds; the container was killed"
    found = world.root / "seen.json"
    seen: dict[str, Any] = json.loads(found.read_text()) if found.exists() else {"not run": said}
    return seen


def evidence(world: World, attack: Attack, written: list[str], alone: bool) -> dict[str, Any]:
    """What the gradebook, the graded notebook, the feedback and the world say."""
    mine, beside = (scores(world, student) for student in (attack.name, place.NEIGHBOUR))
    graded = world.course / "autograded" / attack.name / place.ASSIGNMENT / "target.ipynb"
    page = world.course / "feedback" / attack.name / place.ASSIGNMENT / "target.html"
    shown = read(graded) if graded.exists() else {"cells": []}
    own = written if alone else [path for path in written if f"/{attack.name}/" in path]
    return {
        "points stolen": stolen(attack, mine),
        "honest points lost": lost(attack, mine),
        "graded": bool(mine) and None not in mine.values(),
        "read": sorted({*read_secrets(outputs(shown)), *leaked(own)}),
        "loot": len(loot(shown)),
        "written": [path.removeprefix(f"{world.root}/") for path in planted(own, attack.name)],
        "live markup": live_markup(page.read_text()) if page.exists() else 0,
        "neighbour's points": sum(score or 0.0 for score in beside.values()),
    }


def scores(world: World, student: str) -> dict[str, float | None]:
    """A student's scores; none if the gradebook has no submission, or is damaged."""
    with contextlib.suppress(MissingEntry, SQLAlchemyError):
        return place.scores(world.course, student)
    return {}


def groups(wanted: list[str]) -> list[list[str]]:
    """Attacks that stay in their own process form classes of ten; the others are graded alone."""
    runnable = [name for name in wanted if not load(name).stock]
    inward = [name for name in runnable if load(name).channel in INWARD]
    alone = [[name] for name in runnable if name not in inward]
    return [inward[start : start + 10] for start in range(0, len(inward), 10)] + alone


def record(wanted: list[str], jobs: int = 2) -> None:
    """Grade the named attacks and write what they gained into the record."""
    known = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    known |= {name: {"not run": load(name).stock} for name in wanted if load(name).stock}
    with tempfile.TemporaryDirectory(prefix="stock-course-") as folder:
        prepared = course(Path(folder) / "course")
        with ThreadPoolExecutor(jobs) as pool:
            for found in pool.map(lambda group: grade(group, prepared), groups(wanted)):
                known |= found
                for name, what in found.items():
                    print(f"{name}: {json.dumps(what)}", flush=True)
                table = {key: known[key] for key in sorted(known.keys() & set(names()))}
                RECORD.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    record(sys.argv[1:] or names())
