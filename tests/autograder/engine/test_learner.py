"""The judge's hold on a process that ends, hangs and lies: it is started again, and limits hold."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from torchgrade.engine.channel import Closed, Malformed, Message, TooSlow
from torchgrade.engine.learner import Cell, Learner, LearnerEnded
from torchgrade.engine.task import Layer, Limits

Act = Callable[[], Message]


class Scripted:
    """A process that does what the source of a cell, or the name of a request, tells it."""

    def __init__(self, log: list[str]) -> None:
        self.layers = [Layer("none", False)]
        self._log = log
        self._reply: Act = dict

    def send(self, message: Message, deadline: float) -> None:
        if "do" not in message:  # the answer to a call back
            self._reply = lambda: {"value": message}
            return
        word = str(message.get("source", message["do"]))
        self._log.append(word)
        self._reply = getattr(self, f"when_{word}", lambda: {"value": word, "outputs": []})

    def receive(self, deadline: float) -> Message:
        return self._reply()

    def when_die(self) -> Message:
        raise Closed("gone")

    def when_lie(self) -> Message:
        raise Malformed("an answer to another question")

    def when_hang(self) -> Message:
        raise TooSlow

    def when_slow(self) -> Message:
        self._reply = lambda: {"stopped": True, "outputs": []}
        raise TooSlow

    def when_late(self) -> Message:
        self._reply = lambda: {"outputs": ["KeyboardInterrupt"]}
        raise TooSlow

    def when_back(self) -> Message:
        return {"callback": 1, "args": (2,), "kwargs": {}}

    def when_wrong(self) -> Message:
        return {"callback": 99, "args": (), "kwargs": {}}

    def interrupt(self) -> None:
        self._log.append("interrupted")

    def end(self) -> tuple[str, float]:
        self._log.append("ended")
        return "exited with 3", 12.0


def started(log: list[str], **limits: Any) -> Learner:
    callbacks: dict[int, Callable[..., Any]] = {1: lambda args, kwargs: args[0] + 1}
    return Learner(lambda deadline: Scripted(log), Limits(**limits), callbacks)


def run(learner: Learner, *sources: str) -> list[str]:
    """Run cells; what each came to."""
    came = []
    for source in sources:
        try:
            reply = learner.run(Cell(source, source))
            came.append(str(reply.get("stopped", "ran")))
        except LearnerEnded as ended:
            came.append(str(ended))
    return came


def test_a_new_process_runs_the_earlier_cells_again_but_not_the_one_that_ended_it() -> None:
    log: list[str] = []
    came = run(started(log), "a", "die", "b")
    assert came == ["ran", "its process exited with 3 while this ran", "ran"]
    assert log == ["a", "die", "ended", "a", "b"]


def test_a_call_that_ends_the_process_fails_and_the_next_one_is_answered() -> None:
    log: list[str] = []
    learner = started(log)
    run(learner, "a")
    with pytest.raises(LearnerEnded, match="exited with 3"):
        learner.ask({"do": "die"})
    assert learner.ask({"do": "x"})["value"] == "x"
    assert log == ["a", "die", "ended", "a", "x"]


def test_a_lie_ends_the_process_and_says_what_was_wrong() -> None:
    assert "another question" in run(started([]), "lie")[0]


def test_what_can_be_interrupted_lives_on() -> None:
    log: list[str] = []
    learner = started(log, cell_seconds=7)
    assert run(learner, "late", "b") == ["it ran for more than 7 s", "ran"]
    with pytest.raises(LearnerEnded, match="more than 7 s"):
        learner.ask({"do": "slow"})
    assert "ended" not in log


def test_what_cannot_be_interrupted_is_ended() -> None:
    log: list[str] = []
    assert run(started(log), "hang") == [
        "it ran for more than 30 s and could not be interrupted while this ran"
    ]
    assert log == ["hang", "interrupted", "ended"]


def test_after_so_many_ends_the_rest_is_given_up() -> None:
    log: list[str] = []
    came = run(started(log, deaths=2), "die", "die", "die", "a")
    assert "3rd time" in came[3]
    assert "a" not in log


def test_a_notebook_that_takes_too_long_is_given_up() -> None:
    learner = started([], notebook_seconds=0.05)
    assert run(learner, "a") == ["ran"]
    time.sleep(0.06)
    assert "0.05 s" in run(learner, "b")[0]


def test_the_learners_code_calls_functions_of_the_test_and_no_others() -> None:
    learner = started([])
    assert learner.ask({"do": "back"}) == {"value": {"value": 3}}
    with pytest.raises(LearnerEnded, match="not given"):
        learner.ask({"do": "wrong"})


def test_no_except_clause_of_a_test_takes_an_end_for_an_error() -> None:
    assert not issubclass(LearnerEnded, Exception)
