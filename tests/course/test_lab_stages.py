"""The test command: which stages run, what a failed one does, and what is said at the end."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from course.lab import chromium, commands, stages
from course.lab.console import Problem
from course.lab.node import JLPM
from tests.course.lab_fakes import noted

ALL = ["lint", "unit", "verify", "release", "grades", "faults", "classroom", "browser"]


def names(chosen: list[stages.Stage]) -> list[str]:
    return [stage.name for stage in chosen]


def test_all_stages_run_unless_some_are_named() -> None:
    assert names(stages.select([], fast=False)) == ALL
    assert names(stages.select(["unit", "lint"], fast=False)) == ["lint", "unit"]


def test_fast_leaves_out_the_long_stages() -> None:
    assert names(stages.select([], fast=True)) == ["lint", "unit", "verify", "release"]
    assert names(stages.select(["browser"], fast=True)) == ["browser"]


def test_a_stage_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        commands.parser().parse_args(["test", "unti"])
    assert "unti" in capsys.readouterr().err
    assert commands.parser().parse_args(["test"]).stage == []
    assert commands.parser().parse_args(["test", "lint", "unit"]).stage == ["lint", "unit"]


def test_a_failed_stage_does_not_stop_the_others_and_is_named_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = noted(tmp_path, statuses={"source": 1})
    assert stages.run(environment, stages.select(["verify", "release"], fast=False)) == 1
    assert environment.noted == [
        "-m torchgrade.cli verify source",
        "-m torchgrade.cli build --check",
    ]
    table = capsys.readouterr().out.partition("stage      seconds")[2].splitlines()
    assert table[1].startswith("verify")
    assert table[1].endswith("failed: torchgrade.cli verify source")
    assert table[2].endswith("passed")


def test_every_command_of_a_stage_runs_whatever_fails(tmp_path: Path) -> None:
    environment = noted(tmp_path, statuses={".": 1})
    assert stages.run(environment, stages.select(["lint"], fast=False)) == 1
    assert len(environment.noted) == 4


def test_options_after_the_dashes_go_to_pytest_alone(tmp_path: Path) -> None:
    environment = noted(tmp_path)
    assert stages.run(environment, stages.select(["unit"], fast=False), ["-k", "copies"]) == 0
    python, typescript = environment.noted
    assert python.endswith("-k copies")
    assert typescript == " ".join([*JLPM, "test"])


def test_without_a_chromium_the_browser_tests_say_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stages, "find_chromium", lambda environment: None)
    environment = noted(tmp_path)
    assert stages.run(environment, stages.select(["browser"], fast=False)) == 0
    assert environment.noted == []
    said = capsys.readouterr().out
    assert "did not run: no Chromium is here and none could be installed." in said
    assert "passed" not in said


def test_a_chromium_that_does_not_start_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("not a program", encoding="utf-8")
    broken.chmod(0o755)
    assert chromium.first_that_runs(iter([tmp_path / "missing", broken])) is None


def test_what_comes_after_the_dashes_is_not_ours() -> None:
    assert commands.split(["open", "--", "--debug"]) == (["open"], ["--debug"])
    assert commands.split(["test", "unit"]) == (["test", "unit"], [])


def test_a_problem_is_one_message_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Problem("The cable is out.", "Put it in.")

    monkeypatch.setattr(commands, "prepare", broken)
    assert commands.run(["test", "lint"], tmp_path) == 1
    assert capsys.readouterr().err == "\nlab: The cable is out.\n     Put it in.\n"


def test_tests_in_the_background_of_a_script_can_interrupt_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "prepare", lambda *_, **__: None)
    seen: list[object] = []

    def note(*_: object) -> int:
        seen.append(signal.getsignal(signal.SIGINT))
        return 0

    monkeypatch.setattr(stages, "run", note)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert commands.run(["test", "lint"], tmp_path) == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.default_int_handler]


def test_a_disk_that_is_full_before_the_workbench_is_one_message_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(commands, "prepare", full)
    assert commands.run(["build"], tmp_path) == 1
    assert "lab: The disk is full." in capsys.readouterr().err
