"""`torchgrade run`: the events, the table, the exit status, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from torchgrade.cli import main
from torchgrade.grading.events import Event, Grader

from tests.autograder.grading import fake_engine
from tests.autograder.grading.home import make_home, rewrite

PROGRAM = [sys.executable, str(Path(__file__).with_name("fake_torchgrade.py"))]
PASSED = 'verdict("passed", 3)'
DOUBLE = 'verdict("passed", 2)'


@pytest.fixture(autouse=True)
def no_server_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is a stand-in here; nothing would use the server that is started early."""
    monkeypatch.setattr("torchgrade.grading.run.spawn_ahead", lambda: None)


@pytest.fixture(autouse=True)
def engines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[fake_engine.Engine]]:
    """The fake engines that a test opens."""
    monkeypatch.setattr("torchgrade.grading.events.engine_module", fake_engine.module())
    fake_engine.Engine.opened.clear()
    handler = signal.getsignal(signal.SIGTERM)
    yield fake_engine.Engine.opened
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    return make_home(tmp_path)


def grade(path: Path) -> list[Event]:
    heard: list[Event] = []
    with Grader(unprotected=True) as grader:
        grader.grade(path, heard.append)
    return heard


def kinds(events: list[Event]) -> list[str]:
    return [event["event"] for event in events]


def test_events_tell_the_plan_then_each_verdict_then_the_points(lesson: Path) -> None:
    rewrite(lesson, softmax=PASSED, double='verdict("partial", 0.5)')
    events = grade(lesson)
    start, end = events[0], events[-1]
    assert (start["event"], start["lesson"], start["hidden"]) == ("start", "01_softmax", True)
    assert start["exercises"][0] == {
        "grade_id": "test_softmax",
        "exercise": "softmax",
        "title": "softmax",
        "points": 3,
        "cell_id": "softmax",
    }
    tests = {event["grade_id"]: event for event in events if event["event"] == "test"}
    assert tests["test_double"]["cell_id"] == "double"
    assert (tests["test_double"]["status"], tests["test_double"]["score"]) == ("partial", 0.5)
    assert end == {"event": "end", "points": 3.5, "max_points": 5, "problems": ["a problem"]}
    cells = [(event["index"], event["of"]) for event in events if event["event"] == "cell"]
    assert cells == [(number, 6) for number in range(1, 7)]


@pytest.mark.parametrize(
    ("verdict", "status", "score"),
    [
        ('verdict("plain", 0)', "passed", 3),
        ('verdict("ended", 0)', "failed", 0),
        ('verdict("passed", 99)', "passed", 3),
    ],
)
def test_a_score_is_between_nothing_and_the_points(
    lesson: Path, verdict: str, status: str, score: float
) -> None:
    rewrite(lesson, softmax=verdict)
    test = next(event for event in grade(lesson) if event["event"] == "test")
    assert (test["status"], test["score"]) == (status, score)


def test_the_engine_gets_the_source_only_where_it_is(
    tmp_path: Path, engines: list[fake_engine.Engine]
) -> None:
    events = grade(make_home(tmp_path / "class", hidden=False))
    grade(make_home(tmp_path / "home"))
    open_only, full = engines[0].tasks[0], engines[1].tasks[0]
    assert (open_only.given, open_only.judge) == (None, False)
    assert full.given is not None
    assert full.judge
    assert events[0]["hidden"] is False
    assert events[-1]["points"] is None
    assert all(event["score"] is None for event in events if event["event"] == "test")


def test_one_engine_grades_one_lesson_after_another(
    lesson: Path, engines: list[fake_engine.Engine]
) -> None:
    heard: list[Event] = []
    with Grader(unprotected=True) as grader:
        grader.grade(lesson, heard.append)
        grader.grade(lesson, heard.append)
        assert not engines[0].closed
    assert len(engines) == 1
    assert engines[0].closed
    assert engines[0].unprotected
    assert kinds(heard).count("end") == 2


def test_a_grader_that_fails_gives_no_grades(lesson: Path) -> None:
    rewrite(lesson, softmax="break()")
    last = grade(lesson)[-1]
    assert last["event"] == "failed"
    assert "out of steam" in last["message"]


def test_a_machine_that_protects_nothing_grades_only_when_told_to(
    lesson: Path, capsys: pytest.CaptureFixture[str], engines: list[fake_engine.Engine]
) -> None:
    assert main(["run", str(lesson)]) == 2
    assert "Code of your own may run all the same, with --unprotected." in capsys.readouterr().err
    assert engines[0].hidden == [lesson.parents[2] / "source" / "01_small"]


def test_a_notebook_that_cannot_be_graded_starts_no_engine(
    tmp_path: Path, engines: list[fake_engine.Engine]
) -> None:
    assert kinds(grade(tmp_path / "gone.ipynb")) == ["failed"]
    assert engines == []


def test_the_terminal_shows_a_table_and_what_to_look_at_first(
    lesson: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(lesson, softmax=PASSED, double='verdict("failed", 0)')
    assert main(["run", str(lesson), "--unprotected"]) == 1
    shown = capsys.readouterr().out
    lines = [line.split() for line in shown.splitlines()]
    assert ["softmax", "✓", "passed", "3", "of", "3"] in lines
    assert ["double", "✗", "not", "yet", "0", "of", "2"] in lines
    assert ["Together", "3", "of", "5"] in lines
    assert "expected 1, got 2" in shown
    assert "This is what you get when x is squared." in shown
    assert "Note: a problem" in shown


def test_everything_passed_is_status_0(lesson: Path) -> None:
    rewrite(lesson, softmax=PASSED, double=DOUBLE)
    assert main(["run", str(lesson), "--unprotected"]) == 0


def test_the_terminal_says_when_only_the_open_examples_are_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_home(tmp_path, hidden=False)
    rewrite(path, softmax=PASSED, double=DOUBLE)
    assert main(["run", str(path), "--unprotected"]) == 0
    shown = capsys.readouterr().out
    assert "Only the open examples are here; your instructor's tests stay with them." in shown
    assert "of 3" not in shown


def test_wrong_use_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"]) == 2
    assert main(["run", str(tmp_path / "gone.ipynb")]) == 2
    said = capsys.readouterr()
    assert "name one lesson" in said.err
    assert "There is no gone.ipynb" in said.err


def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        env={**os.environ, **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_until(process: subprocess.Popen[str], kind: str) -> Event:
    assert process.stdout is not None
    for line in process.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == kind:
            return event
    raise AssertionError(f"it ended without {kind}")


def test_nothing_but_events_is_on_standard_output(lesson: Path) -> None:
    rewrite(lesson, softmax=PASSED, double="break()")
    with start(str(lesson), "--events", "--unprotected") as process:
        out, _ = process.communicate(timeout=60)
    assert kinds([json.loads(line) for line in out.splitlines()])[-1] == "failed"
    assert process.returncode == 2


def test_a_server_asks_for_one_lesson_after_another(lesson: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    with start("--serve", "--unprotected", FAKE_ENGINE_CLOSED=str(closed)) as process:
        assert process.stdin is not None
        for path in (lesson, tmp_path / "gone.ipynb", lesson):
            print(json.dumps({"lesson": str(path)}), file=process.stdin, flush=True)
        assert read_until(process, "end")["max_points"] == 5
        assert "There is no gone.ipynb" in read_until(process, "failed")["message"]
        assert read_until(process, "end")["max_points"] == 5
        assert not closed.exists()
        process.stdin.close()
        assert process.wait(30) != 0
    assert closed.exists(), "the engine is closed when the server goes"


@pytest.mark.parametrize("way", ["its input ends", "it is terminated"])
def test_it_ends_in_the_middle_of_a_lesson_and_closes_the_engine(
    way: str, lesson: Path, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    rewrite(lesson, softmax="sleep()")
    with start("--serve", "--unprotected", FAKE_ENGINE_CLOSED=str(closed)) as process:
        assert process.stdin is not None
        print(json.dumps({"lesson": str(lesson)}), file=process.stdin, flush=True)
        read_until(process, "cell")
        began = time.monotonic()
        if way == "its input ends":
            process.stdin.close()
        else:
            process.terminate()
        process.wait(30)
    assert time.monotonic() - began < 10
    assert closed.exists()
