"""Frames over two pipes: whole messages in order, and an end that is noticed."""

import io
import os
import threading
import time
from collections.abc import Callable

import pytest
from torchgrade.engine.channel import Closed, TooSlow, plain_frame
from torchgrade.engine.pipes import Pipes


def ends(hung_up: Callable[[], None] | None = None) -> tuple[Pipes, Pipes]:
    """Two ends of one conversation; the second is told when the first hangs up."""
    (source, their_sink), (their_source, sink) = os.pipe(), os.pipe()
    return (
        Pipes(io.FileIO(source), io.FileIO(sink, "w")),
        Pipes(io.FileIO(their_source), io.FileIO(their_sink, "w"), hung_up),
    )


def test_messages_of_every_size_arrive_in_order() -> None:
    one, other = ends()
    x = list(range(1_000_000))
    for number in range(3):
        one.send(plain_frame({"number": number, "x": x[: 10**number]}))
    one.send(plain_frame({"x": x}))
    for number in range(3):
        assert other.receive(time.monotonic() + 10)["number"] == number
    assert other.receive()["x"] == x
    other.send(plain_frame({"answer": True}))
    assert one.receive() == {"answer": True}
    one.close()
    other.close()


def test_silence_is_too_slow_and_a_hang_up_is_noticed_at_once() -> None:
    hung_up = threading.Event()
    one, other = ends(hung_up.set)
    with pytest.raises(TooSlow):
        other.receive(time.monotonic() + 0.05)
    one.send(plain_frame({"last": 1}))
    one.close()
    assert hung_up.wait(10)
    assert other.receive() == {"last": 1}
    for _ in range(2):
        with pytest.raises(Closed):
            other.receive()
    with pytest.raises(Closed):
        one.send(plain_frame({}))
    other.close()
    with pytest.raises(Closed):
        one.receive()


def test_a_frame_that_breaks_off_is_a_hang_up() -> None:
    source, sink = os.pipe()
    other = Pipes(io.FileIO(source), io.FileIO(os.open(os.devnull, os.O_WRONLY), "w"))
    os.write(sink, plain_frame({"word": "broken off"})[:-3])
    os.close(sink)
    with pytest.raises(Closed):
        other.receive(time.monotonic() + 10)
    other.close()
