"""The tests in their stages: a line for each, its seconds, and a table at the end."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.lab.chromium import find_chromium
from course.lab.console import say, seconds
from course.lab.environment import Environment
from course.lab.node import JLPM

PYTEST = ("-m", "pytest", "-q")
TWO = ("-n", "2", "--dist", "loadfile")
THREE = ("-n", "3", "--dist", "loadfile")
"""So many processes, three where tests wait much; those of a file share one, and its set-up."""


@dataclass(frozen=True)
class Stage:
    """A name, what it shows, and its commands as arguments of the environment's Python."""

    name: str
    shows: str
    commands: tuple[tuple[str, ...], ...]
    long: bool = False
    needs: Callable[[Environment, dict[str, str]], str] | None = None
    """Brings what the stage needs into the variables; returns why it cannot run, or nothing."""


def chromium_or_why(environment: Environment, variables: dict[str, str]) -> str:
    """Put a Chromium into the variables, or return why the browser tests do not run."""
    program = find_chromium(environment)
    if program is None:
        return "no Chromium is here and none could be installed"
    variables["TORCHENSTEIN_CHROMIUM"] = str(program)
    return ""


STAGES = (
    Stage(
        "lint",
        "one style, sound types",
        (
            ("-m", "ruff", "check", "."),
            ("-m", "ruff", "format", "--check", "."),
            ("-m", "mypy"),
            (*JLPM, "lint:check"),
        ),
    ),
    Stage(
        "unit",
        "each part by itself",
        (
            (
                *(*PYTEST, "-m", "not journey", "tests"),
                *THREE,
                *("--ignore=tests/classroom", "--ignore=tests/extension/browser"),
            ),
            (*JLPM, "test"),
        ),
    ),
    Stage(
        "verify",
        "every lesson's exercises, proven",
        (("-m", "torchgrade.cli", "verify", "source"),),
    ),
    Stage("release", "release/ made from source/", (("-m", "torchgrade.cli", "build", "--check"),)),
    Stage(
        "grades",
        "three graders, one verdict",
        ((*PYTEST, "tests/autograder/same_grades", "-n", "2", "--maxschedchunk", "1"),),
        long=True,
    ),
    Stage(
        "faults",
        "killed, full, locked, broken: no grade lost",
        ((*PYTEST, "tests/autograder/faults", *TWO),),
        long=True,
    ),
    Stage("classroom", "nbgrader, end to end", ((*PYTEST, "tests/classroom", *TWO),), long=True),
    Stage(
        "browser",
        "the lab in a browser",
        ((*PYTEST, "tests/extension/browser", *TWO),),
        long=True,
        needs=chromium_or_why,
    ),
)
NAMES = tuple(stage.name for stage in STAGES)


def select(names: Sequence[str], *, fast: bool) -> list[Stage]:
    """Return the stages of these names in their order; all of them, or all short ones, for none."""
    if names:
        return [stage for stage in STAGES if stage.name in names]
    return [stage for stage in STAGES if not (fast and stage.long)]


def run(environment: Environment, chosen: Sequence[Stage], extra: Sequence[str] = ()) -> int:
    """Run the stages in order, all of them whatever fails; return 1 if one failed, else 0.

    `extra` is added to the command lines of pytest.
    """
    rows = []
    with tempfile.TemporaryDirectory(
        prefix="torchenstein-test-", ignore_cleanup_errors=True
    ) as home:
        for number, stage in enumerate(chosen, start=1):
            say(f"\n== [{number}/{len(chosen)}] {stage.name}: {stage.shows}")
            start = time.monotonic()
            outcome = run_stage(environment, stage, Path(home), extra)
            rows.append((stage.name, outcome, seconds(time.monotonic() - start)))
            say(f"== {stage.name}: {outcome}, {rows[-1][2]}")
    say("\nstage      seconds        outcome")
    for name, outcome, duration in rows:
        say(f"{name:<10} {duration:<14} {outcome}")
    return int(any(outcome.startswith("failed") for _, outcome, _ in rows))


def run_stage(environment: Environment, stage: Stage, home: Path, extra: Sequence[str]) -> str:
    """Run all of a stage's commands; return "passed", "failed: ..." or "not run: ..."."""
    variables = quiet_variables(home)
    why = stage.needs(environment, variables) if stage.needs else ""
    if why:
        say(f"The {stage.name} tests did not run: {why}.")
        return f"not run: {why}"
    failed = []
    for command in stage.commands:
        in_extension = command[: len(JLPM)] == JLPM
        more = extra if command[: len(PYTEST)] == PYTEST else ()
        cwd = environment.root / ("extension" if in_extension else ".")
        name = " ".join(("jlpm", *command[2:]) if in_extension else command[1:])
        say(f"-- {name}")
        if environment.call([*command, *more], cwd=cwd, **variables):
            failed.append(name)
    return f"failed: {'; '.join(failed)}" if failed else "passed"


def quiet_variables(home: Path) -> dict[str, str]:
    """One torch thread and nobody's own Jupyter settings: results mean the same everywhere."""
    return {
        # Thousands of processes are started: they find our modules compiled.
        "PYTHONDONTWRITEBYTECODE": "",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "CI": os.environ.get("CI", "true"),
    }
