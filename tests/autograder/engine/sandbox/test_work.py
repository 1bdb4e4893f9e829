"""What lessons do works in every sandbox."""

from itertools import chain
from typing import Any

import pytest


def test_what_a_lesson_may_do(server: Any) -> None:
    result = server.run("honest")
    assert result.ended == "exited with 0", result
    value = result.value
    assert list(chain(*value["batches"])) == [float(index**2) for index in range(8)]
    assert value["doubled"] == 42
    assert value["asyncio"] == "exit 0"
    assert {"kept.txt", "tensor.pt"} <= set(value["ls"])
    assert value["python"] == "42\n"
    assert value["matmul"] == 64.0**3
    assert value["loaded"] == [1.0, 1.0]
    assert value["fresh"], "nothing was imported inside"


def test_it_sees_a_small_world_of_its_own(server: Any) -> None:
    directory = server.directory()
    result = server.run("where", policy={"directory": str(directory)})
    assert result.ended == "exited with 0", result
    value = result.value
    assert value["cwd"] == value["HOME"] == str(directory)
    assert "SECRET_TOKEN" not in value["names"]
    assert "SECRET_TOKEN" not in value["first"]
    assert "hunter2" not in value["shown"] + value["inherited"]
    assert "NBGRADER_EXECUTION" in value["names"]
    assert len(value["descriptors"]) == 1
    assert value["no_new_privs"] == 1
    kept = [4, 4, 4, 0, 0, 0] if server.situation.name == "closed" else [0] * 6
    assert value["capabilities"] in ([0] * 6, kept)


def test_a_sandbox_says_what_protects(server: Any) -> None:
    layers = {name: (active, detail) for name, active, detail in server.run("nothing").layers}
    assert set(layers) == {"namespaces", "landlock", "seccomp", "limits", "credentials"}
    for active, detail in layers.values():
        assert active == (detail == "")
    assert layers["namespaces"][0] == (server.situation.name in ("root", "user"))
    assert layers["credentials"][0] == (server.situation.name in ("root", "closed", "docker"))


def test_what_it_prints_to_descriptors_has_an_end(server: Any) -> None:
    assert server.run("print_without_end").value == "PermissionError"


@pytest.mark.parametrize("code", [0, 3])
def test_an_exit_status_is_reported(server: Any, code: int) -> None:
    assert server.run("leave", code=code).ended == f"exited with {code}"


def test_a_crash_is_reported(server: Any) -> None:
    assert server.run("crash").ended == "was killed (SIGSEGV)"


def test_unshared_memory_is_measured(server: Any) -> None:
    result = server.run("hold_memory", mib=128, processes=1)
    assert result.status is not None
    assert 0.98 * 128 <= result.status["peak_mib"] < 200  # the warden looks after each 2 percent
