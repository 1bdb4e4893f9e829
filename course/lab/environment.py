"""The Python environment of the lab: where it is, what runs in it, how a broken one is mended."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.lab.console import Problem
from course.lab.logs import run_logged

OURS = ".torchenstein"


@dataclass(frozen=True)
class Environment:
    """A virtual or conda environment at `prefix`, used for the checkout at `root`."""

    root: Path
    prefix: Path
    python: Path
    own: bool
    """True for the `.venv` that this command makes (again); False for the caller's own."""

    @property
    def scripts(self) -> Path:
        return self.python.parent

    @property
    def state(self) -> Path:
        """The folder of the stamps; what it holds belongs to this command."""
        return self.prefix / OURS

    @property
    def log(self) -> Path:
        return self.prefix / "lab.log"

    def variables(self, **extra: str) -> dict[str, str]:
        """The caller's environment variables with this environment's programs first on PATH."""
        variables = {**os.environ, "PYTHONUTF8": "1", **extra}
        variables["PATH"] = os.pathsep.join([str(self.scripts), os.environ.get("PATH", "")])
        if self.own:
            variables["VIRTUAL_ENV"] = str(self.prefix)
            for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):
                variables.pop(name, None)
        return variables

    def run(self, *arguments: str, cwd: Path | None = None, **extra: str) -> None:
        """Run this environment's Python with `arguments`; its output goes to the log.

        Raises Problem with the last lines of the log when the exit status is not zero.
        """
        run_logged(
            [str(self.python), *arguments], self.log, cwd or self.root, self.variables(**extra)
        )

    def call(self, arguments: Sequence[str], cwd: Path | None = None, **extra: str) -> int:
        """Run this environment's Python in the foreground; return the exit status."""
        return subprocess.call(
            [str(self.python), *arguments], cwd=cwd or self.root, env=self.variables(**extra)
        )

    def pip(self, *arguments: str) -> None:
        """Run pip, quietly and without questions. Raises Problem."""
        options = ["--disable-pip-version-check", "--no-input"]
        self.run("-m", "pip", *arguments[:1], *options, *arguments[1:])


def own(root: Path) -> Environment:
    """The environment that this command keeps in the checkout."""
    prefix = root / ".venv"
    python = prefix / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return Environment(root, prefix, python, own=True)


def current(root: Path) -> Environment:
    """The environment of the Python that runs this command. Raises Problem outside any."""
    prefix = Path(sys.prefix)
    if sys.prefix == sys.base_prefix and not (prefix / "conda-meta").is_dir():
        raise Problem(
            "--here needs an active environment, and this Python belongs to the system.",
            "Activate a virtual or conda environment first, or leave --here out to get a .venv.",
        )
    return Environment(root, prefix, Path(sys.executable), own=False)


def in_our_conda(variables: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the conda environment of environment.yml is the active one."""
    prefix = variables.get("CONDA_PREFIX", "")
    named = variables.get("CONDA_DEFAULT_ENV") == "torchenstein"
    return named and bool(prefix) and Path(prefix) == Path(sys.prefix)


def is_healthy(environment: Environment) -> bool:
    """Tell whether the environment's Python starts, is new enough and has pip."""
    if not environment.python.exists():
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        done = subprocess.run(
            [str(environment.python), "-c", probe],
            env=environment.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def make(environment: Environment) -> None:
    """Make the virtual environment, or make a broken one again.

    Raises Problem when Python lacks the parts, or when the folder holds something else.
    """
    require_venv()
    prefix = environment.prefix
    known = (prefix / "pyvenv.cfg").exists() or environment.state.exists()
    if prefix.is_file() or (prefix.is_dir() and not known and any(prefix.iterdir())):
        raise Problem(
            f"{prefix} is there, but it is not a Python environment.",
            "Move it somewhere else and run the command again; nothing in it was touched.",
        )
    # All of a known one came from package indexes; the log may say what broke it.
    environment.state.mkdir(parents=True, exist_ok=True)
    for entry in prefix.iterdir():
        if entry == environment.log or entry == environment.state:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    for stamp in environment.state.iterdir():
        stamp.unlink()
    run_logged([sys.executable, "-m", "venv", str(prefix)], environment.log, environment.root, None)


def require_venv() -> None:
    """Raise Problem when this Python cannot make environments (Debian packs the parts apart)."""
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise Problem(
        "This Python cannot make virtual environments: its venv or ensurepip module is missing.",
        f"On Debian and Ubuntu:  sudo apt install python{version}-venv\n"
        "Elsewhere: install Python from https://www.python.org/downloads/. Then run it again.",
    )
