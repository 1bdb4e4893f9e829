"""`torchgrade verify` and `torchgrade lint` as a person meets them."""

import json
import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from torchgrade.cli import COMMANDS, main
from torchgrade.verify import command, lint_command
from torchgrade.verify.fix import canonical
from torchgrade.verify.limits import Limits

from tests.autograder.verify.small_lesson import SMALL, cell, code, small_lesson, write

QUICK = replace(SMALL, seeds=(0,), threads=(1,), dtypes=("float32",))


def test_a_proved_lesson_exits_with_0_and_shows_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(small_lesson(), tmp_path)
    results = tmp_path / "results.json"
    assert command.run(Namespace(paths=[path.parent], json=results), QUICK) == 0
    shown = capsys.readouterr().out
    assert "90_examples/01_rows.ipynb · source · student · judge · holds" in shown
    assert "90_examples/01_rows softmax" in shown
    assert "1 lesson proved in" in shown
    assert "Accelerator" in shown
    found = json.loads(results.read_text())
    assert (found["version"], found["passed"]) == (1, True)
    (lesson,) = found["lessons"]
    assert lesson["notebook"] == "90_examples/01_rows.ipynb"
    assert sum(one["killed"] for one in lesson["exercises"]) == 6
    assert lesson["source_seconds"] > 0


def test_a_broken_lesson_exits_with_1_and_the_others_are_still_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(small_lesson(), tmp_path)
    broken = path.with_name("00_broken.ipynb")
    broken.write_text("{")
    assert command.run(Namespace(paths=[path.parent], json=None), QUICK) == 1
    shown = capsys.readouterr().out
    assert "error: 90_examples/00_broken.ipynb: is not JSON" in shown
    assert "1 of 2 lessons failed" in shown
    assert "01_rows.ipynb · source · student · judge · holds" in shown


@pytest.mark.parametrize("name", ["verify", "lint"])
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nowhere.ipynb", "no such file or folder"),
        ("notes.txt", "not a notebook"),
        ("empty", "there is no notebook in this folder"),
    ],
)
def test_a_bad_path_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, given: str, message: str
) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty").mkdir()
    assert main([name, str(tmp_path / given)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1


def test_a_machine_with_only_torch_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(COMMANDS, "verify", ("a_package_that_is_not_here.command", "prove"))
    assert main(["verify", "x.ipynb"]) == 2
    assert capsys.readouterr().err == (
        "torchgrade verify needs the package a_package_that_is_not_here; "
        "install it with: pip install 'torchgrade[course]'\n"
    )


def test_results_that_cannot_be_written_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.ipynb"
    path.write_text("{")
    assert command.run(Namespace(paths=[path], json=tmp_path / "no" / "file.json"), QUICK) == 2
    assert "cannot write" in capsys.readouterr().err


def test_an_interrupt_ends_it_and_leaves_no_process(tmp_path: Path) -> None:
    notebook = small_lesson()
    mark = tmp_path / "running"
    notebook.cells.insert(2, code("wait", (
        f"import os, pathlib, time\npathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(60)")))  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "torchgrade.cli", "verify", str(write(notebook, tmp_path))],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (mark.exists() and mark.read_text()) and time.monotonic() < deadline:
        time.sleep(0.1)
    child = int(mark.read_text())
    process.send_signal(signal.SIGINT)
    shown, _ = process.communicate(timeout=30)
    assert process.returncode == command.INTERRUPTED
    assert "Interrupted; nothing is left running." in shown
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child)


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_lint_prints_findings_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(small_lesson(), tmp_path)
    assert lint_command.run(Namespace(paths=[path], fix=False), SMALL) == 0
    assert capsys.readouterr().out == ""
    assert lint_command.run(Namespace(paths=[path], fix=False), Limits()) == 1
    assert "[prose]" in capsys.readouterr().out


def test_fix_rewrites_form_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = small_lesson()
    wanted = write(notebook, tmp_path).read_text()
    cell(notebook, "example").execution_count = 7
    cell(notebook, "example").outputs = [nbformat.v4.new_output("stream", text="hi\n")]
    cell(notebook, "example").metadata["execution"] = {"iopub.status.busy": "now"}
    notebook.metadata.language_info["version"] = "3.99"
    notebook.metadata["jupytext"] = {"formats": "ipynb"}
    path = write(notebook, tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=4))
    os.chmod(path, 0o640)
    assert lint_command.run(Namespace(paths=[path], fix=True), SMALL) == 0
    assert "rewritten in the canonical form" in capsys.readouterr().out
    assert path.read_text() == wanted
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert lint_command.run(Namespace(paths=[path], fix=True), SMALL) == 0
    assert capsys.readouterr().out == ""


def test_the_canonical_form_is_its_own(tmp_path: Path) -> None:
    text = write(small_lesson(), tmp_path).read_text()
    assert canonical(text) == text
    assert canonical(canonical(text.replace("\n", "\r\n"))) == text
