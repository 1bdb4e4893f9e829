"""The recorder in a real kernel: async cells, the stop button, a restart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.extension.kernel import Kernel

ASK = '"lines"'


def lines_of(kernel: Kernel, cell_id: str) -> list[tuple[Any, ...]]:
    cells = {cell["cell_id"]: cell["lines"] for cell in kernel.ask(ASK)["cells"]}
    return [(line["line"], line["name"], line["shape"]) for line in cells[cell_id]]


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    assert kernel.ask(ASK)["watching"] is False
    assert kernel.ask(f"{ASK}, watch=True")["watching"] is True
    yield kernel
    kernel.stop()


def test_the_cell_that_imports_torch_shows_its_lines(kernel: Kernel) -> None:
    assert kernel.run("import torch\nx = torch.ones(2)\nx", "first")["status"] == "ok"
    assert lines_of(kernel, "first") == [(1, "x", [2]), (2, None, [2])]


def test_an_async_cell_shows_its_lines(kernel: Kernel) -> None:
    code = "import asyncio, torch\nx = torch.ones(2)\nawait asyncio.sleep(0.01)\ny = x[None]"
    assert kernel.run(code, "async")["status"] == "ok"
    assert lines_of(kernel, "async") == [(1, "x", [2]), (3, "y", [1, 2])]


def test_the_stop_button_stops_a_loop_at_once(kernel: Kernel) -> None:
    code = "import torch\nn = 0\nx = torch.ones(2)\nwhile True:\n    x = x + 1\n    n += 1"
    for number in range(5):
        waiting = kernel.start(code, "loop")
        time.sleep(0.3 + 0.05 * number)
        kernel.interrupt()
        reply = kernel.finish(waiting)
        assert reply["ename"] == "KeyboardInterrupt"
        assert (4, "x", [2]) in lines_of(kernel, "loop")
        assert kernel.ask(ASK)["problem"] is None
    assert kernel.run("y = torch.ones(3)", "after")["status"] == "ok"
    assert lines_of(kernel, "after") == [(0, "y", [3])]


def test_what_a_running_cell_has_made_so_far_is_there_after_a_failure(kernel: Kernel) -> None:
    reply = kernel.run("import torch\nx = torch.ones(2)\nx @ torch.ones(3)\ny = x", "failed")
    assert (reply["ename"], lines_of(kernel, "failed")) == ("RuntimeError", [(1, "x", [2])])
    trace = "\n".join(reply["traceback"])
    assert "torchenstein" not in trace


def test_the_debugger_stops_and_steps_at_the_learners_lines(kernel: Kernel) -> None:
    code = (
        "import torch\ndef double(x):\n    y = x * 2\n    return y\n"
        "a = torch.ones(3)\nb = double(a)\nc = b[None]"
    )
    kernel.debug("initialize", adapterID="", pathFormat="path", linesStartAt1=True)
    kernel.debug("attach")
    path = kernel.debug("dumpCell", code=code)["sourcePath"]
    kernel.debug("setBreakpoints", source={"path": path}, breakpoints=[{"line": 3}])
    kernel.debug("configurationDone")
    waiting = kernel.start(code, "debugged")
    lines = []
    for command in ("next", "next", "continue"):
        thread = kernel.debug_event("stopped")["threadId"]
        frame = kernel.debug("stackTrace", threadId=thread)["stackFrames"][0]
        lines.append((frame["name"], frame["line"]))
        kernel.debug(command, threadId=thread)
    assert kernel.finish(waiting)["status"] == "ok"
    kernel.debug("disconnect", restart=False, terminateDebuggee=False)
    assert lines[:2] == [("double", 3), ("double", 4)]
    # Back in the line that called, or at the next one: that depends on the Python.
    assert lines[2] in [("<module>", 6), ("<module>", 7)]
    # Marks, on 3.11, would be stepped into: only what is there at the end is shown.
    assert lines_of(kernel, "debugged")[-1] == (6, "c", [1, 3])
    assert kernel.run(code, "not debugged")["status"] == "ok"
    assert lines_of(kernel, "not debugged")[:3] == [(1, "x", [3]), (2, "y", [3]), (3, None, [3])]


def test_a_restart_forgets_and_is_watched_again_when_asked(kernel: Kernel) -> None:
    kernel.restart()
    assert kernel.ask(ASK)["watching"] is False
    assert kernel.ask(f"{ASK}, watch=True")["cells"] == []
    assert kernel.run("import torch\nx = torch.ones(4)\nn = 1", "again")["status"] == "ok"
    assert lines_of(kernel, "again") == [(1, "x", [4])]
