"""The route `torchenstein/progress`, asked over HTTP."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from torchenstein.server import ProgressReader
from tornado.httpclient import HTTPClientError

from tests.extension.server.notebooks import COURSE, answer, lesson, put

pytest_plugins = ("pytest_jupyter.jupyter_server",)

Fetch = Callable[..., Awaitable[Any]]
ROUTE = ("torchenstein", "progress")


async def test_tells_the_course_and_the_progress(jp_fetch: Fetch, jp_root_dir: Path) -> None:
    put(jp_root_dir / ".torchenstein" / "course.json", COURSE)
    cells = [answer("a", passed=True), answer("b", attempted=True), answer("c")]
    put(jp_root_dir / "01_tensors" / "06.ipynb", lesson("01_tensors/06", *cells))
    reply = await jp_fetch(*ROUTE)
    assert reply.code == 200
    assert reply.headers["Content-Type"].startswith("application/json")
    assert json.loads(reply.body) == {
        "course": COURSE,
        "lessons": [
            {
                "path": "01_tensors/06.ipynb",
                "slug": "01_tensors/06",
                "title": "A lesson",
                "exercises": 3,
                "passed": 1,
                "attempted": 2,
            }
        ],
    }


async def test_answers_where_there_is_no_course(jp_fetch: Fetch, jp_root_dir: Path) -> None:
    put(jp_root_dir / "mine.ipynb", lesson("mine"))
    reply = await jp_fetch(*ROUTE)
    assert json.loads(reply.body) == {"course": None, "lessons": []}


@pytest.mark.parametrize("token", ["", "token wrong"])
async def test_is_closed_without_the_token(jp_fetch: Fetch, token: str) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(*ROUTE, headers={"Authorization": token})
    assert refused.value.code in (401, 403)


async def test_is_closed_to_whoever_may_not_read_the_contents(
    jp_fetch: Fetch, jp_serverapp: ServerApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(handler: object, user: object, action: str, resource: str) -> bool:
        asked.append((action, resource))
        return False

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", refuse)
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(*ROUTE)
    assert refused.value.code == 403
    assert asked == [("read", "contents")]


async def test_only_reads(jp_fetch: Fetch) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(*ROUTE, method="POST", body="{}")
    assert refused.value.code == 405


async def test_the_server_answers_others_while_notebooks_are_read(
    jp_fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def slow(reader: ProgressReader) -> dict[str, Any]:
        assert go.wait(30)
        return {"course": None, "lessons": []}

    monkeypatch.setattr(ProgressReader, "read", slow)
    waiting = asyncio.ensure_future(jp_fetch(*ROUTE))
    try:
        # Were the reading on the server's own thread, this would never come back.
        other = await asyncio.wait_for(jp_fetch("api", "status"), 20)
        assert other.code == 200
        assert not waiting.done()
    finally:
        go.set()
    assert (await waiting).code == 200


def test_a_kernel_that_imports_the_inspector_gets_no_server() -> None:
    code = (
        "import sys, torchenstein.inspector\n"
        "heavy = {'jupyter_server', 'tornado', 'nbformat', 'jupyter_core', 'torchenstein.server'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
