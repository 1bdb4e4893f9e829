"""Making the environment: which steps there are, which are due, how each one is done."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from course.lab import environment as environments
from course.lab import stamps
from course.lab.console import Problem, say, step
from course.lab.environment import Environment
from course.lab.node import JLPM, ensure_node

CPU_INDEX = "https://download.pytorch.org/whl/cpu"


@dataclass(frozen=True)
class Step:
    """A step of the set-up: `value` is the hash of its inputs, `stamp` where it is kept."""

    title: str
    run: Callable[[], None]
    stamp: Path
    value: str
    present: bool = True
    """False when what the step made is gone although its stamp is there."""

    @property
    def due(self) -> bool:
        return not (self.present and stamps.is_fresh(self.stamp, self.value))


def prepare(environment: Environment, *, tests: bool = False, cpu: bool = False) -> None:
    """Bring the environment up to date with the checkout, doing only what is due.

    `tests` adds what the tests need; `cpu` takes PyTorch's CPU build. Raises Problem.
    """
    healthy = environments.is_healthy(environment)
    if not healthy and not environment.own:
        raise Problem(
            f"The active environment at {environment.prefix} has no working pip.",
            "Install pip in it, or leave --here out: then .venv is made for you.",
        )
    if not healthy and environment.prefix.exists():
        say("The environment in .venv is broken or unfinished; making it again.")
    due = [one for one in steps(environment, tests=tests, cpu=cpu) if one.due or not healthy]
    total = len(due) + (not healthy)
    if not healthy:
        if not cpu:
            advise_on_size()
        with step(1, total, "Making a Python environment in .venv"):
            environments.make(environment)
    for number, one in enumerate(due, start=total - len(due) + 1):
        with step(number, total, one.title):
            one.run()
            stamps.write(one.stamp, one.value)


def advise_on_size() -> None:
    """Say how to avoid the large GPU build of torch where it would be of no use."""
    if sys.platform == "linux" and not shutil.which("nvidia-smi"):
        say("No NVIDIA GPU seen: `python lab.py open --cpu` downloads 2 GB less.")


def steps(environment: Environment, *, tests: bool = False, cpu: bool = False) -> list[Step]:
    """List the steps in their order; each one hashes its inputs as they are now."""
    root, state = environment.root, environment.state
    extension, autograder = root / "extension", root / "autograder"
    modules = extension / "node_modules"
    # A moved checkout makes everything again; so does another Python in the caller's environment.
    # Which Python started this command is no matter to a .venv, which keeps its own.
    facts = (str(root), str(environment.python), "" if environment.own else sys.version)
    lists = ["requirements.txt", "requirements-test.txt"] if tests else ["requirements.txt"]
    pins = root / "constraints.txt"
    wanted = [
        Step(
            "Installing the packages" + (" of the tests" if "test" in name else ""),
            partial(install_packages, environment, root / name, cpu),
            state / f"{name}.stamp",
            stamps.digest(root, [pins, *(root / earlier for earlier in lists[: i + 1])], *facts),
            present=has_kernel(environment),
        )
        for i, name in enumerate(lists)
    ]
    written = list(stamps.sources(extension))
    build = Step(
        "Building the extension",
        partial(jlpm, environment, "run", "build:prod"),
        state / "extension-build.stamp",
        stamps.digest(root, [path for path in written if path.suffix != ".py"], *facts),
        present=(extension / "torchenstein" / "labextension" / "package.json").exists(),
    )
    tools = [extension / name for name in ("package.json", "yarn.lock", ".yarnrc.yml")]
    fetch = Step(
        "Fetching what the extension is built with",
        partial(jlpm, environment, "install", "--immutable"),
        modules / ".torchenstein.stamp",
        stamps.digest(root, [path for path in tools if path.exists()], str(root)),
    )
    # Half a gigabyte that only building and testing need: whoever deletes it may do without.
    wanted += [fetch, build] if tests or build.due else [build]
    install = Step(
        "Installing the autograder and the extension",
        partial(install_ours, environment),
        state / "distributions.stamp",
        stamps.digest(root, [autograder / "pyproject.toml", *written], *facts),
        present=not link_of_live_reload(environment).is_symlink(),
    )
    return [*wanted, install]


def link_of_live_reload(environment: Environment) -> Path:
    """Where `jupyter-builder develop` puts a link into the checkout, and an install the files."""
    return environment.prefix / "share" / "jupyter" / "labextensions" / "torchenstein"


def has_kernel(environment: Environment) -> bool:
    """Tell whether the environment holds the Python kernel that the lessons name."""
    return (
        environment.prefix / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    ).is_file()


def install_packages(environment: Environment, listed: Path, cpu: bool) -> None:
    """Install the packages `listed` at their pins, and the kernel anew if its files are gone."""
    pins = ["-c", str(environment.root / "constraints.txt")]
    index = ["--extra-index-url", CPU_INDEX] if cpu else []
    environment.pip("install", *pins, *index, "-r", str(listed))
    if not has_kernel(environment):
        environment.pip("install", *pins, "--force-reinstall", "--no-deps", "ipykernel")


def install_ours(environment: Environment) -> None:
    """Install the course's two distributions from the checkout."""
    options = ["install", "--no-build-isolation", "--no-deps"]
    if link_of_live_reload(environment).is_symlink():
        # pip would follow it, and delete and write in the checkout.
        link_of_live_reload(environment).unlink()
    # The autograder is plain Python: an editable install follows `git pull` by itself.
    environment.pip(*options, "-e", str(environment.root / "autograder"))
    environment.pip(*options, "--force-reinstall", str(environment.root / "extension"))


def jlpm(environment: Environment, *arguments: str) -> None:
    """Run Jupyter's own yarn in the extension's folder, seeing to Node. Raises Problem."""
    ensure_node(environment)
    quiet = {"YARN_ENABLE_TELEMETRY": "0", "YARN_ENABLE_PROGRESS_BARS": "0"}
    folder = environment.root / "extension"
    environment.run(*JLPM, *arguments, cwd=folder, **quiet)
