"""Opening JupyterLab: ports, browsers, the address that is printed, and the way out."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.lab import jupyter
from course.lab.console import Problem
from course.lab.environment import Environment
from tests.course.lab_fakes import write

SERVER = """
import http.server, signal, sys
options = dict(word.partition("=")[::2] for word in sys.argv[1:])
print("the server says hello")
if "--fail" in options:
    sys.exit("no such option: --fail")
class Silent(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(403)
    def log_message(self, *words):
        pass
if "--stubborn" in options:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
with http.server.HTTPServer(("localhost", int(options["--ServerApp.port"])), Silent) as server:
    server.serve_forever()
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket that listens on a port of localhost."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment whose `python -m jupyter lab` is a small server."""
    write(tmp_path, {"fake/jupyter.py": SERVER, "workbench/lesson.ipynb": "{}"})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "fake"))
    monkeypatch.setattr(jupyter, "say", say_and_press_ctrl_c)
    monkeypatch.setattr(jupyter, "A_MOMENT", 0.1)
    (tmp_path / "prefix").mkdir()
    return Environment(tmp_path, tmp_path / "prefix", Path(sys.executable), own=False)


def test_a_port_in_use_is_passed_over_and_said(
    listener: socket.socket, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = listener.getsockname()[1]
    assert not jupyter.is_free(taken)
    chosen = jupyter.choose_port(taken)
    assert chosen > taken
    assert f"Port {taken} is in use; the lab takes {chosen}." in capsys.readouterr().out


def test_a_port_in_use_on_the_other_localhost_is_in_use_too() -> None:
    if not socket.has_dualstack_ipv6():
        return
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        names_both = any(
            found[0] == socket.AF_INET6 for found in socket.getaddrinfo("localhost", 1)
        )
        assert jupyter.is_free(taken.getsockname()[1]) != names_both


def test_no_free_port_at_all_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jupyter, "is_free", lambda port: False)
    with pytest.raises(Problem, match="No port from 8888 to 8937 is free") as caught:
        jupyter.choose_port(8888)
    assert "--port 9000" in caught.value.mend


def test_a_linux_without_a_display_has_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert not jupyter.has_browser({})


def test_a_machine_without_any_browser_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr("webbrowser.get", none)
    assert not jupyter.has_browser({"DISPLAY": ":0"})
    monkeypatch.setattr("webbrowser.get", lambda: None)
    assert jupyter.has_browser({"DISPLAY": ":0"})


def say_and_press_ctrl_c(line: str) -> None:
    """Print a line; press Ctrl-C where the reader is told that it closes the lab."""
    print(line)
    if "Ctrl-C here closes the lab" in line:
        # Not by a signal: whoever runs the tests in the background has it ignored.
        raise KeyboardInterrupt


def open_until_interrupted(environment: Environment, *extra: str, browser: bool = False) -> int:
    return jupyter.serve(
        environment,
        environment.root / "workbench",
        first_port=8975,
        open_browser=browser,
        extra=extra,
    )


def test_the_lab_opens_on_the_start_page_and_ctrl_c_closes_it(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert open_until_interrupted(environment) == 0
    said = capsys.readouterr().out
    assert "The lab is open at  http://localhost:89" in said
    assert "/lab?token=" in said
    assert f"The lab is closed. Your work is in {environment.root / 'workbench'}." in said


def test_without_a_browser_the_address_is_still_said(
    environment: Environment,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(jupyter, "has_browser", lambda: False)
    open_until_interrupted(environment, browser=True)
    said = capsys.readouterr().out
    assert "No browser can be opened from here: open the address below in one." in said
    assert "The lab is open at" in said
    assert "open_browser=False" in environment.log.read_text(encoding="utf-8")


def test_a_lab_that_does_not_start_shows_the_end_of_its_log(environment: Environment) -> None:
    with pytest.raises(Problem) as caught:
        jupyter.serve(environment, environment.root / "workbench", extra=["--fail"])
    assert str(environment.log) in caught.value.message
    assert "| the server says hello" in caught.value.mend
    assert "| no such option: --fail" in caught.value.mend


def test_a_lab_that_will_not_close_is_closed_by_force(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jupyter, "FAREWELL", 0.2)
    assert open_until_interrupted(environment, "--stubborn") == 0


def test_the_token_is_neither_on_the_command_line_nor_in_the_log(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    open_until_interrupted(environment)
    token = re.findall(r"token=([0-9a-f]{48})\n", capsys.readouterr().out)[0]
    log = environment.log.read_text(encoding="utf-8")
    assert "jupyter lab" in log
    assert token not in log


def test_our_settings_come_after_the_persons_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "theirs")
    assert jupyter.config_path() == os.pathsep.join(["theirs", str(jupyter.CONFIG)])


def test_the_lab_asks_the_network_for_nothing() -> None:
    stored = (jupyter.CONFIG / "labconfig/default_setting_overrides.json").read_text("utf-8")
    settings = json.loads(stored)["@jupyterlab/apputils-extension:notification"]
    assert settings == {"checkForUpdates": False, "fetchNews": "false"}
