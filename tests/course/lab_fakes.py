"""A checkout in miniature and an environment that notes what would be run in it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from course.lab.environment import Environment

FILES = {
    "requirements.txt": "torch\n",
    "requirements-test.txt": "-r requirements.txt\npytest\n",
    "constraints.txt": "torch==2.13.0\n",
    "autograder/pyproject.toml": "[project]\n",
    "extension/package.json": "{}\n",
    "extension/yarn.lock": "\n",
    "extension/src/index.ts": "export {};\n",
    "extension/torchenstein/__init__.py": "\n",
}
KERNEL = "share/jupyter/kernels/python3/kernel.json"


def write(root: Path, files: dict[str, str]) -> Path:
    """Write `files` (relative path -> text) under `root` and return it."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@dataclass(frozen=True)
class NotedEnvironment(Environment):
    """Notes pip's and Python's arguments instead of running them, and leaves what they would."""

    noted: list[str] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    """Exit statuses of `call`, by the last argument."""

    def run(self, *arguments: str, cwd: Path | None = None, **extra: str) -> None:
        self.noted.append(" ".join(arguments))
        if "ipykernel" in arguments or str(self.root / "requirements.txt") in arguments:
            write(self.prefix, {KERNEL: "{}"})
        if arguments[-1] == "build:prod":
            write(self.root / "extension", {"torchenstein/labextension/package.json": "{}"})
        if arguments[-1] == "--immutable":
            (self.root / "extension" / "node_modules").mkdir(exist_ok=True)

    def call(self, arguments: object, cwd: Path | None = None, **extra: str) -> int:
        assert isinstance(arguments, list)
        self.noted.append(" ".join(arguments))
        return self.statuses.get(arguments[-1], 0)


def noted(
    root: Path, *, own: bool = True, statuses: dict[str, int] | None = None
) -> NotedEnvironment:
    """An environment for the checkout at `root`; the caller's own Python does for it."""
    prefix = root / ".venv"
    python = Path(sys.executable)
    if own:
        python = prefix / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    return NotedEnvironment(root, prefix, python, own=own, statuses=statuses or {})
