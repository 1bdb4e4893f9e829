"""What a sandbox does not let through."""

import socket
from pathlib import Path
from typing import Any

import pytest
import torchgrade

REFUSED = {"PermissionError", "FileNotFoundError", "ProcessLookupError", "OSError"}


@pytest.fixture
def secret(server: Any) -> Path:
    """A file that everybody could read, were it not hidden."""
    course = server.folder / "course"
    course.mkdir(exist_ok=True)
    course.chmod(0o755)
    hidden: Path = course / "gradebook.db"
    hidden.write_text("hidden")
    hidden.chmod(0o666)
    return hidden


@pytest.mark.parametrize("without", [(), ("landlock",), ("seccomp",)], ids=str)
def test_nothing_is_read_that_is_not_needed(
    server: Any, secret: Path, without: tuple[str, ...]
) -> None:
    needed = {"closed": "landlock", "docker": "landlock", "restricted": "landlock seccomp"}
    if without and without[0] in needed.get(server.situation.name, ""):
        pytest.skip("refused there: see test_refusal")
    other = server.directory()
    (other / "answer.py").write_text("42")
    paths = [
        *(str(secret), str(secret.parent), str(other), str(other / "answer.py")),
        *("/etc/shadow", "/etc/hostname", f"/proc/{server.pid}/environ"),
        str(Path(__file__).parent),
    ]
    result = server.run(
        "read", paths=paths, without=without, policy={"hidden": [str(secret.parent)]}
    )
    assert result.ended == "exited with 0", result
    assert set(result.value) <= REFUSED, dict(zip(paths, result.value, strict=True))


def test_nothing_is_written_but_its_directory(server: Any, secret: Path) -> None:
    other, own = server.directory(), server.directory()
    folders = [
        str(other),
        str(secret.parent),
        "/usr",
        "/etc",
        str(Path(torchgrade.__file__).parent),
    ]
    result = server.run("write", folders=[*folders, str(own)], policy={"directory": str(own)})
    *elsewhere, here = result.value
    assert set(elsewhere) <= REFUSED
    assert here == "done"
    assert (own / "written").read_text() == "x"
    assert secret.read_text() == "hidden"


@pytest.mark.parametrize("without", [(), ("landlock",)], ids=str)
def test_no_socket_leads_out(server: Any, without: tuple[str, ...]) -> None:
    if without and server.situation.name in ("closed", "restricted"):
        pytest.skip("refused there: see test_refusal")
    path, abstract = str(server.folder / f"socket-{len(without)}"), f"torchgrade-test-{server.pid}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as unnamed,
    ):
        named.bind(path)
        unnamed.bind("\0" + abstract)
        named.listen()
        unnamed.listen()
        result = server.run(
            "connect", without=without, path=path, abstract=abstract, port=tcp.getsockname()[1]
        )
    assert result.value == ["PermissionError"] * 4


def test_the_server_is_out_of_reach(server: Any) -> None:
    result = server.run("reach", pid=server.pid)
    assert result.ended == "exited with 0", result
    assert set(result.value.values()) <= REFUSED, result.value
    assert result.signals == 0


@pytest.mark.parametrize("layer", ["landlock", "seccomp", "credentials", "namespaces"])
def test_the_server_is_out_of_reach_without_one_layer(server: Any, layer: str) -> None:
    result = server.run("reach", pid=server.pid, without=(layer,))
    if result.refused:
        assert result.refused == "NoProcessBoundary"
        return
    assert set(result.value.values()) <= REFUSED, result.value
    assert result.signals == 0


def test_signals_to_all_stay_inside(server: Any) -> None:
    result = server.run("kill_everything")
    assert result.signals == 0
    assert result.ended


def test_the_kernel_s_side_doors_are_shut(server: Any) -> None:
    value = server.run("change_the_kernel_s_mind").value
    assert set(value.values()) == {"Operation not permitted"}, value
