"""When a sandbox will not start."""

import sys
from pathlib import Path
from typing import Any

import pytest

BOTH = ("namespaces", "credentials", "landlock")


def test_without_a_process_boundary_it_refuses(server: Any) -> None:
    result = server.run("nothing", without=BOTH)
    assert result.refused == "NoProcessBoundary"
    assert "namespaces: switched off" in result.message
    assert "--unprotected" in result.message


def test_without_a_process_boundary_it_runs_if_told_to(server: Any) -> None:
    result = server.run("honest", without=(*BOTH, "seccomp"), policy={"unprotected": True})
    assert result.ended == "exited with 0", result


def test_a_hidden_place_among_the_readable_is_refused(server: Any) -> None:
    result = server.run("nothing", policy={"hidden": [str(Path(sys.prefix, "lib"))]})
    assert result.refused == "HiddenPlaceExposed"
    assert "must stay hidden" in result.message


def test_a_course_around_the_environment_is_fine(server: Any) -> None:
    hidden = str(Path(sys.prefix).parent)
    result = server.run("read", paths=[hidden, f"{hidden}/README.md"], policy={"hidden": [hidden]})
    assert "done" not in result.value[1:]


def test_nothing_to_hide_with_is_refused(start: Any, server: Any, tmp_path: Path) -> None:
    if server.situation.name not in ("closed", "docker", "root"):
        pytest.skip("without Landlock and namespaces there is no boundary at all")
    result = server.run(
        "nothing", without=("namespaces", "landlock"), policy={"hidden": [str(tmp_path)]}
    )
    assert result.refused in ("HiddenPlaceExposed", "NoProcessBoundary")
    assert "Missing are" in result.message
