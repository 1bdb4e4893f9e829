"""How sandboxes end, and that nothing is left of them."""

from typing import Any

import pytest


def test_an_interrupt_reaches_the_learner_as_in_a_terminal(server: Any) -> None:
    result = server.run("sleep", seconds=60, then="interrupt")
    assert result.value == "KeyboardInterrupt"
    assert result.ended == "exited with 0"


@pytest.mark.parametrize("attack", ["sleep", "sleep_with_children"])
def test_it_ends_when_nobody_holds_its_lifeline(server: Any, attack: str) -> None:
    result = server.run(attack, seconds=60, then="hang up")
    assert result.ended == "was stopped by the grader"
    assert result.gone


def test_it_ends_with_its_warden(server: Any) -> None:
    result = server.run("sleep", seconds=60, then="kill the warden")
    assert result.status is None
    assert result.gone


@pytest.mark.parametrize("attack", ["daemon", "hop"])
def test_what_it_started_is_gone_before_it_is_reported(server: Any, attack: str) -> None:
    result = server.run(attack)
    assert result.in_time
    assert result.ended == "exited with 0"
    assert result.gone


def test_a_directory_can_be_used_again(server: Any) -> None:
    policy = {"directory": str(server.directory())}
    for _ in range(2):
        assert server.run("write", folders=["."], policy=policy).value == ["done"]
