"""Runs stock nbgrader on one attack: the part of `stock` that runs in the container.

    python -m tests.autograder.attacks.inside WORLD ASSIGNMENT

Sockets listen here, and what is left running is counted here. All else is read from the files.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.autograder.attacks.corpus import filled
from tests.autograder.attacks.processes import adopt_orphans, descendants
from tests.autograder.attacks.world import Listeners, World

PATIENCE = 500.0  # seconds for one command


def grade(world: World, assignment: str) -> dict[str, Any]:
    """Grade what was submitted, in one command, and make the feedback pages."""
    with adopt_orphans(), Listeners(world.root / "socket") as listeners:
        for path in world.course.glob("submitted/*/*/*.ipynb"):
            path.write_text(filled(path.read_text(), world.places(listeners)))
        start = time.monotonic()
        status = nbgrader(world, "autograde", assignment)
        seconds = time.monotonic() - start
        left = descendants(os.getpid())
        for pid in left:
            os.kill(pid, signal.SIGKILL)
    if (world.course / "wants feedback").exists():
        nbgrader(world, "generate_feedback", assignment)
    return {
        "reached": sorted(set(listeners.contacts)),
        "left running": len(left),
        "status": status,
        "seconds": round(seconds, 1),
        "peak MiB": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def nbgrader(world: World, *words: str) -> int:
    """Run a command in the course, as an instructor would; its exit status."""
    command = subprocess.Popen(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=world.course,
        env={**os.environ, **world.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return command.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        command.kill()
        return command.wait()


if __name__ == "__main__":
    found = World(Path(sys.argv[1]))
    (found.root / "seen.json").write_text(json.dumps(grade(found, sys.argv[2])))
