"""`lab.py` itself: what it says to a Python that is too old, and to a wrong command line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lab

ROOT = Path(__file__).resolve().parents[2]


def older_pythons() -> Iterator[Path]:
    """Yield the Pythons before 3.11 that are on this machine."""
    homes = sorted((Path.home() / ".pyenv/versions").glob("*/bin/python"))
    named = [
        Path(folder) / f"python{version}"
        for folder in os.environ.get("PATH", "").split(os.pathsep)
        for version in ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10")
    ]
    for python in [*homes, *named]:
        if python.is_file():
            test = "import sys; sys.exit(sys.version_info >= (3, 11))"
            if subprocess.call([python, "-c", test], stderr=subprocess.DEVNULL) == 0:
                yield python


def test_every_older_python_here_gets_one_clear_message() -> None:
    commands = [[str(python), "lab.py", "open"] for python in older_pythons()]
    # Where none is, this Python says that it is one.
    pretended = "import sys; sys.version_info = (3, 10, 2); import lab; sys.exit(lab.main())"
    commands.append([sys.executable, "-c", pretended])
    for command in commands:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "Torchenstein needs Python 3.11 or newer, and this is Python" in done.stderr
        assert "Traceback" not in done.stderr
        assert "SyntaxError" not in done.stderr


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10)])
def test_an_old_python_is_told_what_is_needed(
    version: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    message = lab.too_old(version)
    assert f"this is Python {version[0]}.{version[1]}." in message
    assert "https://www.python.org/downloads/" in message


def test_an_old_python_is_shown_the_newer_one_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python3.12").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["lab.py", "open"])
    assert "run python3.12 lab.py open" in lab.too_old((3, 9))


@pytest.mark.parametrize("version", [(3, 11), (3, 14), (4, 0)])
def test_a_new_enough_python_is_told_nothing(version: tuple[int, int]) -> None:
    assert lab.too_old(version) == ""


def test_a_wrong_command_names_the_right_ones() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "lab.py", "opne"], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert all(name in done.stderr for name in ("open", "build", "test"))


def test_nothing_but_the_standard_library_is_needed_to_start() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from course.lab import commands, stages;"
        "outside = {name.partition('.')[0] for name in sys.modules}"
        " - set(sys.stdlib_module_names) - {'course', '__main__'};"
        "print(sorted(outside)); sys.exit(bool(outside))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stdout + done.stderr
