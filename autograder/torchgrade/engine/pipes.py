"""Frames over two pipes, such as a process's standard input and output."""

import contextlib
import io
import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol

from torchgrade.engine.channel import HEADER, Closed, Message, TooSlow, plain_message


class Talk(Protocol):
    """One end of a conversation between the driver and a judge: a `Channel` or `Pipes`."""

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        """Send a packed frame; raises `Closed` or `TooSlow`."""

    def receive(self, deadline: float | None = None) -> Message:
        """Receive one message; raises `Closed`, `TooSlow` or `Malformed`."""


class Pipes:
    """One end of two pipes; sends and receives whole messages, as a `Channel` does of a socket.

    Both ends must be trusted: nothing that arrives is limited.

    Args:
        source, sink: unbuffered binary files.
        hung_up: called, in a thread, when the other end is gone.
    """

    def __init__(
        self, source: io.RawIOBase, sink: io.RawIOBase, hung_up: Callable[[], None] | None = None
    ) -> None:
        self._sink = sink
        self._parts: queue.SimpleQueue[tuple[bytes, bytes] | None] = queue.SimpleQueue()
        # Windows cannot wait for a pipe with a deadline; a queue can.
        listener = threading.Thread(
            target=self._listen, args=(io.BufferedReader(source), hung_up), daemon=True
        )
        listener.start()

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        """Send a packed frame. The other end reads all the time, so no deadline is needed.

        Raises:
            Closed: the other end is gone.
        """
        left = memoryview(frame)
        try:
            while left:
                left = left[self._sink.write(left) or 0 :]
        except (OSError, ValueError) as error:
            raise Closed(str(error)) from error

    def receive(self, deadline: float | None = None) -> Message:
        """Receive and unpack one message.

        Args:
            deadline: a time of `time.monotonic()`; None waits for ever.

        Raises:
            Closed, TooSlow, Malformed
        """
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        try:
            parts = self._parts.get(timeout=left)
        except queue.Empty:
            raise TooSlow from None
        if parts is None:
            self._parts.put(None)
            raise Closed("the other end closed the connection")
        return plain_message(*parts)

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._sink.close()

    def _listen(self, source: io.BufferedReader, hung_up: Callable[[], None] | None) -> None:
        with source, contextlib.suppress(OSError):
            while len(header := source.read(HEADER.size)) == HEADER.size:
                sizes = HEADER.unpack(header)
                text, blob = source.read(sizes[0]), source.read(sizes[1])
                if (len(text), len(blob)) != sizes:
                    break  # it was killed in the middle of a word
                self._parts.put((text, blob))
        self._parts.put(None)
        if hung_up is not None:
            hung_up()
