"""What is said when a program that runs in the background fails: which, why, and what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from course.lab.console import Problem
from course.lab.logs import WIDTH, run_logged, tail
from course.lab.node import JLPM


def failed(tmp_path: Path, said: str, *words: str) -> Problem:
    """Run a program that says something on both streams and fails; return what the lab says."""
    program = tmp_path / "program.py"
    program.write_text(f"import sys; print('on it'); sys.exit({said!r})", encoding="utf-8")
    with pytest.raises(Problem) as caught:
        run_logged([sys.executable, str(program), *words], tmp_path / "log", tmp_path, None)
    return caught.value


def test_a_program_that_works_is_quiet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run_logged([sys.executable, "-c", "print('fine')"], tmp_path / "log", tmp_path, None)
    assert capfd.readouterr() == ("", "")
    assert tail(tmp_path / "log") == ["fine"]


def test_a_failure_shows_the_end_of_its_own_log_and_what_to_do(tmp_path: Path) -> None:
    run_logged([sys.executable, "-c", "print('earlier')"], tmp_path / "log", tmp_path, None)
    problem = failed(tmp_path, "it broke", "install")
    assert "failed (exit status 1)" in problem.message
    assert str(tmp_path / "log") in problem.message
    lines = problem.mend.splitlines()
    assert {"  | on it", "  | it broke"} == set(lines[:-1])
    assert lines[-1] == "Run the command again: it goes on where it stopped."


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("YN0001: Error: ENOSPC: write", "The disk is full"),
        ("Temporary failure in name resolution", "The network did not answer"),
        ("YN0001: RequestError: getaddrinfo ENOTFOUND", "The network did not answer"),
        ("PermissionError: [Errno 13] Permission denied", "Make sure that you own this folder"),
    ],
)
def test_a_known_trouble_comes_with_its_mend(tmp_path: Path, said: str, mend: str) -> None:
    assert mend in failed(tmp_path, said).mend.splitlines()[-1]


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="nowhere could not be started"):
        run_logged([str(tmp_path / "nowhere")], tmp_path / "log", tmp_path, None)


def test_jupyters_yarn_is_called_by_its_name(tmp_path: Path) -> None:
    command = [sys.executable, *JLPM, "install", "--immutable"]
    with pytest.raises(Problem, match=r"`jlpm install --immutable \.\.\.` failed"):
        run_logged(command, tmp_path / "log", tmp_path, None)


def test_long_logs_and_long_lines_are_cut(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\n$ program\n" + "\n".join(f"{n} " + "x" * 500 for n in range(100)), "utf-8")
    lines = tail(log, 5)
    assert [line.split()[0] for line in lines] == ["95", "96", "97", "98", "99"]
    assert all(len(line) == WIDTH for line in lines)
