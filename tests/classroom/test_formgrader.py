"""The formgrader in a running JupyterLab: its button makes what the command makes."""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
from nbformat.v4 import new_markdown_cell
from torchgrade.nbgrader.build import build

from tests.autograder.nbgrader.notebooks import MODULE, find, make_course, read, write
from tests.classroom.classroom import Classroom

pytestmark = pytest.mark.journey

TOKEN = "formgrader-test"
PATIENCE = 60  # seconds for the server to come up


class Server:
    """A JupyterLab in a course, spoken to with its token."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, path: str, method: str = "GET") -> str:
        request = urllib.request.Request(
            self.address + path, method=method, headers={"Authorization": f"token {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            text: str = reply.read().decode()
            return text


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    room = Classroom(tmp_path_factory.mktemp("class"), MODULE)
    make_course(room.course)
    return room


@pytest.fixture(scope="module")
def server(room: Classroom) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    log = room.root / "server.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            command, cwd=room.course, env=room.environment("instructor"), stdout=sink, stderr=sink
        )
        try:
            found = Server(port)
            wait_for(found, log)
            yield found
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(server: Server, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            server.ask("/api/status")
        except (URLError, ConnectionError):
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.3)
        else:
            return


def test_the_formgrader_opens(server: Server) -> None:
    assert "formgrader" in server.ask("/formgrader")


def test_its_button_makes_the_student_version_with_hints(server: Server, room: Classroom) -> None:
    reply = json.loads(server.ask(f"/formgrader/api/assignment/{MODULE}/assign", "POST"))
    assert reply["success"], reply
    nb = read(room.course / "release" / MODULE / "01_softmax.ipynb")
    assert len(find(nb, "softmax").metadata.torchenstein.hints) == 3
    assert nb.metadata.torchenstein.unlock == {"2": "attempt", "3": "failed check"}
    assert build(room.course, check=True) == 0
    assignments = json.loads(server.ask("/formgrader/api/assignments"))
    assert [(a["name"], a["max_score"]) for a in assignments] == [(MODULE, 7.0)]


def test_a_students_script_does_not_run_where_a_grader_reads(
    server: Server, room: Classroom
) -> None:
    server.ask(f"/formgrader/api/assignment/{MODULE}/assign", "POST")
    folder = room.course / "submitted" / "eve" / MODULE
    shutil.copytree(room.course / "release" / MODULE, folder)
    nb = read(folder / "01_softmax.ipynb")
    script = "<script>fetch('/formgrader/api/grades')</script><b>done</b>"
    answer = find(nb, "softmax")
    answer.source += f"\n\nfrom IPython.display import HTML\n\ndisplay(HTML({script!r}))"
    nb.cells.append(new_markdown_cell(f"{script} <img src=x onerror='fetch(1)'>"))
    write(nb, folder / "01_softmax.ipynb")
    path = f"/formgrader/api/submission/{MODULE}/eve/autograde"
    reply = json.loads(server.ask(path, "POST"))
    assert reply["success"], reply
    submissions = json.loads(server.ask(f"/formgrader/api/submitted_notebooks/{MODULE}/01_softmax"))
    page = server.ask(f"/formgrader/submissions/{submissions[0]['id']}/")
    assert "<b>done</b>" in page
    assert "<script>fetch" not in page
    assert "onerror" not in page
