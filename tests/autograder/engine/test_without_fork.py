"""The engine where there is no fork: the same verdicts from a judge's process and plain kernels."""

import base64
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from torchgrade.engine import engine as engines
from torchgrade.engine.engine import Engine, NotProtected
from torchgrade.engine.task import GradingFailed

from tests.autograder.engine.test_engine import IMPORTS, RIGHT, graded_cell, scores, task, texts


@pytest.fixture(autouse=True)
def no_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "FORKS", False)


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(unprotected=True) as engine:
        yield engine


def test_verdicts_events_and_outputs_are_those_of_the_forked_path(engine: Engine) -> None:
    applies = "def apply(function, x): return function(x)"
    asked = task(
        *(IMPORTS, RIGHT, graded_cell("double")),
        *("def twice(x): return x ** 2\n1 + 1", graded_cell("twice")),
        *("def thrice(x): raise NotImplementedError()", graded_cell("thrice")),
        *("print(open('data/n.txt').read())", graded_cell("missing")),
        *(applies, graded_cell("apply", "assert apply(lambda x: x + 1, 2) == 3")),
        *("import os\ndef leaves(x): os._exit(3)", graded_cell("leaves")),
        *("while True: pass", "def hangs(x):\n    while True: pass", graded_cell("hangs")),
        *("def late(x): return 2 * x", graded_cell("late")),
        cell_seconds=3.0,
        notebook_seconds=300.0,
    )
    heard: list[dict[str, Any]] = []
    files = {"data/n.txt": base64.b64encode(b"1 2 3").decode()}
    graded = engine.grade(replace(asked, files=files), heard.append)

    assert scores(graded) == [2.0, 0.0, 0.0, 0.0, None, 0.0, 0.0, 2.0]
    reports = [test.report for test in graded.tests if test.report]
    assert [report["status"] for report in reports] == [
        *("passed", "failed", "unfinished", "unfinished", "failed", "failed", "passed")
    ]
    assert reports[1]["mistake"] == "it is squared"
    assert [test.ended for test in graded.tests if test.ended] == [
        *("its process exited with 3", "it ran for more than 3 s")
    ]
    cells = graded.notebook["cells"]
    assert [cell["execution_count"] for cell in cells] == [*range(1, len(cells) + 1)]
    assert cells[3]["outputs"][0]["execution_count"] == 4
    assert "1 2 3" in texts(graded)
    assert "CellTimeoutError" in str(cells[13]["outputs"])
    assert [event["event"] for event in heard] == [
        "test" if cell["metadata"] else "cell" for cell in cells
    ]
    assert {layer.name: layer.active for layer in graded.layers} == {
        "process": True,
        "sandbox": False,
    }


def test_nothing_is_graded_where_nobody_has_said_that_it_may_be_unprotected() -> None:
    with Engine() as engine:
        engine.start()
        with pytest.raises(NotProtected, match=r"only on Linux.*--unprotected"):
            engine.grade(task(IMPORTS))


def judges() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [child for child in children if "torchgrade.engine.alone" in child.cmdline()]


@pytest.mark.parametrize("end", ["interrupt", "kill the judge"])
def test_a_task_that_is_broken_off_leaves_no_process_and_no_file(end: str, engine: Engine) -> None:
    seen: list[psutil.Process] = []
    places: list[Path] = []

    def break_off(event: dict[str, Any]) -> None:
        (judge,) = judges()
        seen.extend([judge, *judge.children(recursive=True)])
        places.append(Path(judge.cwd()))
        if end == "interrupt":
            raise KeyboardInterrupt
        os.kill(judge.pid, signal.SIGKILL)

    starts = "import os, time\nfor _ in range(3):\n    if not os.fork(): time.sleep(60)"
    broken = task(starts, "import time; time.sleep(60)", cell_seconds=50)
    with pytest.raises(KeyboardInterrupt if end == "interrupt" else GradingFailed):
        engine.grade(broken, break_off)
    _, alive = psutil.wait_procs(seen, timeout=5)
    assert len(seen) == 5
    assert alive == []
    assert not places[0].exists()


def test_an_engine_that_is_closed_ends_the_process_that_waits() -> None:
    with Engine(unprotected=True) as engine:
        started = time.monotonic()
        engine.start()
        first = time.monotonic() - started
        engine.start()
        assert time.monotonic() - started < 2 * first
        waiting = judges()
        assert len(waiting) == 1
    _, alive = psutil.wait_procs(waiting, timeout=5)
    assert alive == []
