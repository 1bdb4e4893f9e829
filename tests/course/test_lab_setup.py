"""Setting up: what is due is done, in order, once; what broke is made again."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from pathlib import Path

import pytest

from course.lab import environment as environments
from course.lab import setup
from course.lab.console import Problem
from course.lab.setup import prepare
from tests.course.lab_fakes import FILES, KERNEL, NotedEnvironment, noted, write


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NotedEnvironment:
    """A checkout in miniature whose .venv is made in an instant and is sound while it is there."""
    monkeypatch.setattr(environments, "is_healthy", lambda environment: environment.python.exists())
    monkeypatch.setattr(
        environments, "make", lambda environment: write(environment.python.parent, {"python": ""})
    )
    monkeypatch.setattr(setup, "ensure_node", lambda environment: None)
    environment = noted(write(tmp_path, FILES))
    return dataclasses.replace(environment, python=environment.prefix / "bin/python")


def work_done(environment: NotedEnvironment, *, tests: bool = False) -> list[str]:
    """Prepare, and return the last word of each command that was run."""
    environment.noted.clear()
    prepare(environment, tests=tests)
    return [Path(line.split()[-1]).name for line in environment.noted]


def test_the_first_set_up_installs_builds_and_installs_ours_in_this_order(
    checkout: NotedEnvironment,
) -> None:
    done = work_done(checkout)
    assert done == ["requirements.txt", "--immutable", "build:prod", "autograder", "extension"]


def test_the_packages_are_installed_at_their_pins(checkout: NotedEnvironment) -> None:
    prepare(checkout)
    assert f"-c {checkout.root / 'constraints.txt'}" in checkout.noted[0]
    assert not any("index" in line for line in checkout.noted)


def test_a_second_set_up_does_nothing(checkout: NotedEnvironment) -> None:
    prepare(checkout, tests=True)
    assert work_done(checkout, tests=True) == []
    assert work_done(checkout) == []


def test_the_tests_need_only_their_own_packages_more(checkout: NotedEnvironment) -> None:
    prepare(checkout)
    assert work_done(checkout, tests=True) == ["requirements-test.txt"]


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("requirements.txt", ["requirements.txt"]),
        ("constraints.txt", ["requirements.txt"]),
        ("extension/src/index.ts", ["build:prod", "autograder", "extension"]),
        ("extension/torchenstein/__init__.py", ["autograder", "extension"]),
        ("extension/yarn.lock", ["--immutable", "build:prod", "autograder", "extension"]),
        ("autograder/pyproject.toml", ["autograder", "extension"]),
    ],
)
def test_what_changed_is_done_again_and_nothing_else(
    checkout: NotedEnvironment, changed: str, again: list[str]
) -> None:
    prepare(checkout)
    write(checkout.root, {changed: "# changed\n"})
    assert work_done(checkout) == again


def test_whoever_deletes_the_build_tools_can_still_open_the_lab(
    checkout: NotedEnvironment,
) -> None:
    prepare(checkout)
    shutil.rmtree(checkout.root / "extension/node_modules")
    assert work_done(checkout) == []
    assert work_done(checkout, tests=True) == ["requirements-test.txt", "--immutable"]


def test_a_missing_kernel_is_installed_again(checkout: NotedEnvironment) -> None:
    prepare(checkout)
    (checkout.prefix / KERNEL).unlink()
    assert work_done(checkout)[0] == "requirements.txt"
    assert (checkout.prefix / KERNEL).is_file()


def test_kernel_files_that_pip_believes_are_there_are_forced(
    checkout: NotedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip leaves an installed ipykernel alone, although its kernel.json has been deleted."""
    monkeypatch.setattr(setup, "has_kernel", lambda environment: False)
    setup.install_packages(checkout, checkout.root / "requirements.txt", cpu=False)
    assert "--force-reinstall --no-deps ipykernel" in checkout.noted[-1]


def test_a_step_that_failed_is_done_again_and_those_before_are_not(
    checkout: NotedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(environment: NotedEnvironment) -> None:
        raise Problem("The network did not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(setup, "install_ours", broken)
        with pytest.raises(Problem, match="network"):
            prepare(checkout)
    assert work_done(checkout) == ["autograder", "extension"]


def test_the_lab_after_live_reload_is_the_installed_one_again(checkout: NotedEnvironment) -> None:
    prepare(checkout)
    built = checkout.root / "extension/torchenstein/labextension"
    link = setup.link_of_live_reload(checkout)
    link.parent.mkdir(parents=True)
    link.symlink_to(built)
    assert work_done(checkout) == ["autograder", "extension"]
    assert not link.is_symlink()
    assert (built / "package.json").is_file()


def test_a_broken_environment_is_made_again_with_everything_in_it(
    checkout: NotedEnvironment, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(checkout)
    checkout.python.unlink()
    done = work_done(checkout)
    assert done == ["requirements.txt", "build:prod", "autograder", "extension"]
    assert "The environment in .venv is broken or unfinished" in capsys.readouterr().out


def test_an_environment_of_the_callers_is_never_made_again(tmp_path: Path) -> None:
    environment = dataclasses.replace(
        noted(write(tmp_path, FILES), own=False), python=tmp_path / "missing/python"
    )
    with pytest.raises(Problem, match="has no working pip"):
        prepare(environment)
    assert environment.noted == []


def test_another_python_that_starts_the_command_repeats_nothing(
    checkout: NotedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(checkout)
    monkeypatch.setattr(sys, "version", "3.99.0")
    assert work_done(checkout) == []


def test_a_half_made_environment_becomes_a_working_one(tmp_path: Path) -> None:
    """The real thing: killed between the first folders and pip."""
    environment = environments.own(tmp_path)
    write(
        environment.prefix, {"pyvenv.cfg": "home = /nowhere\n", "lib/half": "", "lab.log": "old\n"}
    )
    assert not environments.is_healthy(environment)
    environments.make(environment)
    assert environments.is_healthy(environment)
    assert not (environment.prefix / "lib/half").exists()
    assert environment.log.read_text(encoding="utf-8").startswith("old\n")
    os.replace(environment.python, environment.python.with_name("moved"))
    assert not environments.is_healthy(environment)


def test_a_folder_that_is_no_environment_is_kept(tmp_path: Path) -> None:
    diary = write(tmp_path, {".venv/diary": "mine"}) / ".venv/diary"
    with pytest.raises(Problem, match="not a Python environment"):
        environments.make(environments.own(tmp_path))
    assert diary.read_text(encoding="utf-8") == "mine"
