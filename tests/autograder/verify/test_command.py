"""`torchgrade verify` and `torchgrade lint` as a person meets them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torchgrade.cli import COMMANDS, main
from torchgrade.verify import command, lint_command, shares
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


def test_two_at_once_prove_every_lesson_and_tell_of_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(small_lesson(), tmp_path)
    for name in ("02_broken", "03_broken"):
        path.with_name(f"{name}.ipynb").write_text("{")
    results = tmp_path / "results.json"
    assert main(["verify", "--jobs", "2", "--json", str(results), str(path.parent)]) == 1
    shown = capsys.readouterr().out
    assert "90_examples/01_rows.ipynb · source · student · judge · " in shown
    assert shown.count("1 error (") == 2
    assert "03_broken.ipynb: is not JSON" in shown
    assert "3 of 3 lessons failed" in shown
    names = [lesson["notebook"] for lesson in json.loads(results.read_text())["lessons"]]
    assert names == [f"90_examples/{one}.ipynb" for one in ("01_rows", "02_broken", "03_broken")]


def test_a_share_that_cannot_be_proved_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(small_lesson(), tmp_path)
    path.with_name("02_rows.ipynb").write_text(path.read_text())
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    assert main(["verify", "--jobs", "2", str(path.parent)]) == 2
    assert "not all lessons could be proved" in capsys.readouterr().err


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 5))
def test_shares_hold_every_lesson_once_and_weigh_about_the_same(
    sizes: list[int], jobs: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / str(i) for i in range(len(sizes))]
        for path, size in zip(paths, sizes, strict=True):
            path.write_bytes(b"x" * size)
        made = shares.shares(paths, jobs)
        weights = [sum(max(1, path.stat().st_size) for path in share) for share in made]
    assert sorted(path for share in made for path in share) == sorted(paths)
    assert all(made)
    assert max(weights) - min(weights) <= max(1, max(sizes))


@pytest.mark.parametrize("many", [1, 2])
def test_an_interrupt_ends_it_and_leaves_no_process(tmp_path: Path, many: int) -> None:
    notebook = small_lesson()
    mark = tmp_path / "running"
    notebook.cells.insert(2, code("wait", (
        f"import os, pathlib, time\npathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(60)")))  # fmt: skip
    path = write(notebook, tmp_path)
    if many == 2:
        path.with_name("02_broken.ipynb").write_text("{")
    process = subprocess.Popen(
        [sys.executable, "-m", "torchgrade.cli", "verify", "--jobs", "2", str(path.parent)],
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
