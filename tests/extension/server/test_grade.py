"""Grading through the server: events as they come, one run a notebook, nothing left behind."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import torchenstein.server
from jupyter_server.serverapp import ServerApp
from torchenstein.server import grade
from torchenstein.server.grade import COMMAND, AlreadyGrading, Graders
from tornado.httpclient import HTTPClientError
from tornado.simple_httpclient import HTTPTimeoutError

from tests.autograder.grading import home
from tests.autograder.grading.home import make_home, rewrite

pytest_plugins = ("pytest_jupyter.jupyter_server",)

Fetch = Callable[..., Awaitable[Any]]
Event = dict[str, Any]
ROUTE = ("torchenstein", "grade")
PROGRAM = Path(home.__file__).with_name("fake_torchgrade.py")
FAKE = (sys.executable, str(PROGRAM), "--serve", "--unprotected")


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which a grader that ends leaves its process id."""
    mark = tmp_path / "closed"
    monkeypatch.setenv("FAKE_ENGINE_CLOSED", str(mark))
    return mark


@pytest.fixture(autouse=True)
def graders(closed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Graders]:
    """The server's graders, with the fake engine."""
    graders = Graders(FAKE)
    monkeypatch.setattr(torchenstein.server, "Graders", lambda: graders)
    yield graders
    graders.close()


@pytest.fixture
def lesson(jp_root_dir: Path) -> str:
    """The path, for the server, of a lesson in which one answer is right and one wrong."""
    path = make_home(jp_root_dir)
    rewrite(path, softmax='verdict("passed", 3)', double='verdict("failed", 0)')
    return path.relative_to(jp_root_dir).as_posix()


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    path = make_home(tmp_path / "endless")
    rewrite(path, softmax="sleep()")
    return path


def events(body: bytes | str) -> list[Event]:
    text = body.decode() if isinstance(body, bytes) else body
    return [json.loads(line) for line in text.splitlines() if line]


def ask(path: object) -> dict[str, Any]:
    return {"method": "POST", "body": json.dumps({"path": path})}


async def collect(graders: Graders, lesson: Path) -> list[Event]:
    return events("".join([line async for line in graders.grade(lesson)]))


async def until_a_cell_runs(lines: AsyncIterator[str]) -> None:
    async for line in lines:
        if '"cell"' in line:
            return


async def gone(mark: Path) -> None:
    """Wait until the grader has closed its engine and its process is no more."""
    for _ in range(200):
        await asyncio.sleep(0.1)
        if mark.exists() and mark.read_text():
            try:
                os.kill(int(mark.read_text()), 0)
            except ProcessLookupError:
                return
    raise AssertionError("the grader is still there")


async def test_a_server_that_ends_leaves_no_grader(
    graders: Graders, endless: Path, closed: Path
) -> None:
    async with aclosing(graders.grade(endless)) as lines:
        await until_a_cell_runs(lines)
        await asyncio.to_thread(graders.close)
        await gone(closed)


async def test_the_events_come_one_a_line(jp_fetch: Fetch, lesson: str) -> None:
    reply = await jp_fetch(*ROUTE, **ask(lesson))
    assert reply.headers["Content-Type"] == "application/x-ndjson"
    heard = events(reply.body)
    assert [event["event"] for event in heard if event["event"] != "cell"] == [
        "start",
        "test",
        "test",
        "end",
    ]
    assert heard[-1]["points"] == 3


async def test_whoever_hangs_up_ends_it(
    jp_fetch: Fetch, jp_root_dir: Path, endless: Path, closed: Path
) -> None:
    inside = endless.rename(jp_root_dir / "endless.ipynb")
    chunks: list[bytes] = []
    with pytest.raises(HTTPTimeoutError):
        await jp_fetch(
            *ROUTE, **ask(inside.name), request_timeout=15, streaming_callback=chunks.append
        )
    assert events(b"".join(chunks))[0]["event"] == "start", "events come while it goes on"
    await gone(closed)


@pytest.mark.parametrize(
    ("path", "status"),
    [("notes.txt", 400), (None, 400), ("../outside.ipynb", 404)],
)
async def test_only_notebooks_below_the_servers_folder_are_graded(
    jp_fetch: Fetch, jp_root_dir: Path, path: object, status: int
) -> None:
    make_home(jp_root_dir.parent / "home").rename(jp_root_dir.parent / "outside.ipynb")
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(*ROUTE, **ask(path))
    assert refused.value.code == status


async def test_a_notebook_that_is_not_there_is_told_in_words(jp_fetch: Fetch) -> None:
    reply = await jp_fetch(*ROUTE, **ask("gone.ipynb"))
    assert [event["event"] for event in events(reply.body)] == ["failed"]
    assert "If it was renamed or moved" in events(reply.body)[0]["message"]


async def test_is_closed_without_the_token(jp_fetch: Fetch, lesson: str) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(*ROUTE, **ask(lesson), headers={"Authorization": ""})
    assert refused.value.code in (401, 403)


@pytest.mark.parametrize("missing", [("read", "contents"), ("execute", "kernels")])
async def test_is_closed_to_whoever_may_not_read_or_run_here(
    jp_fetch: Fetch,
    jp_serverapp: ServerApp,
    lesson: str,
    missing: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def allow(handler: object, user: object, action: str, resource: str) -> bool:
        return (action, resource) != missing

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", allow)
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(*ROUTE, **ask(lesson))
    assert refused.value.code == 403


async def test_a_notebook_is_graded_once_at_a_time(
    graders: Graders, endless: Path, closed: Path
) -> None:
    async with aclosing(graders.grade(endless)) as lines:
        await anext(lines)
        with pytest.raises(AlreadyGrading):
            await collect(graders, endless)
        other = make_home(endless.parents[2] / "other")
        assert (await collect(graders, other))[-1]["event"] == "end"
        graders.stop(endless)
        rewrite(endless, softmax="")
        assert (await collect(graders, endless))[-1]["event"] == "end"
        assert [event["event"] for event in events("".join([line async for line in lines]))] == [
            "cell",
            "cell",
        ]
    await gone(closed)


async def test_the_next_run_finds_the_grader_warm(endless: Path, closed: Path) -> None:
    rewrite(endless, softmax="")
    graders = Graders(FAKE, keep=1)
    await collect(graders, endless)
    began = time.monotonic()
    await collect(graders, endless)
    assert time.monotonic() - began < 1
    assert not closed.exists()
    await gone(closed)


async def test_a_grader_that_ends_by_itself_is_told_in_words(endless: Path) -> None:
    graders = Graders([sys.executable, "-c", "raise SystemExit(3)"])
    for _ in range(2):
        [failed] = await collect(graders, endless)
        assert failed["event"] == "failed"
        assert "ended by itself (status 3)" in failed["message"]


async def test_a_silent_grader_is_heard_of(
    graders: Graders, endless: Path, monkeypatch: pytest.MonkeyPatch, closed: Path
) -> None:
    monkeypatch.setattr(grade, "SILENCE", 0.2)
    async with aclosing(graders.grade(endless)) as lines:
        heard = []
        async for line in lines:
            heard.append(line)
            if len(events("".join(heard))) > 2 and heard[-2:] == ["\n", "\n"]:
                break
    await gone(closed)


async def test_a_grader_that_does_not_leave_is_ended(
    endless: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grade, "FAREWELL", 0.2)
    mark = tmp_path / "stubborn"
    code = (
        "import os, pathlib, sys, time\n"
        "sys.stdin.readline()\n"
        f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n"
        'print(\'{"event": "start"}\', flush=True)\n'
        "time.sleep(600)\n"
    )
    async with aclosing(Graders([sys.executable, "-c", code]).grade(endless)) as lines:
        assert events(await anext(lines))[0]["event"] == "start"
    await gone(mark)


def test_a_file_beside_the_notebook_is_not_taken_for_a_package(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit(9)")
    command = [*COMMAND[: COMMAND.index("--serve")], "--help"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60, stdout=subprocess.DEVNULL)
