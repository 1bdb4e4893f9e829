"""Messages over a socket: whole, in order, within limits, before a deadline.

A frame is two lengths, JSON, and a part for tensors. What the parts mean is said by the functions
that pack and unpack them: `plain_frame` and `plain_message` here for JSON alone, so that the
driver needs no torch; `wire` for tensors too.
"""

import json
import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

HEADER = struct.Struct(">IQ")  # bytes of JSON, bytes of tensors
MOST_JSON = 32 * 2**20
MOST_TENSORS = 512 * 2**20

Message = dict[str, Any]
Unpack = Callable[[bytes, bytes], Message]


def plain_frame(message: Message) -> bytes:
    """A message of plain JSON as a frame."""
    text = json.dumps(message).encode()
    return HEADER.pack(len(text), 0) + text


def plain_message(text: bytes, blob: bytes) -> Message:
    """The message of a frame whose two parts are given; the sender is trusted."""
    message: Message = json.loads(text)
    return message


class Malformed(ValueError):
    """Bytes that are no frame, or a frame that is no message."""


class Closed(ConnectionError):
    """The other end is gone."""


class TooSlow(TimeoutError):
    """Nothing came before the deadline."""


class Channel:
    """One end of a socket; sends and receives whole messages.

    Args:
        link: a connected stream socket.
        guarded: whether what arrives is limited to `MOST_JSON` and `MOST_TENSORS` bytes.
        unpack: makes a message of the two parts of a frame.
    """

    def __init__(self, link: socket.socket, guarded: bool, unpack: Unpack = plain_message) -> None:
        self.link = link
        self._guarded = guarded
        self._unpack = unpack
        link.setblocking(False)

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        """Send a packed frame.

        Raises:
            Closed, TooSlow: the other end is gone, or does not read before `deadline`.
        """
        left = memoryview(frame)
        while left:
            self._wait(deadline, writing=True)
            try:
                left = left[self.link.send(left) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Closed(str(error)) from error

    def receive(self, deadline: float | None = None) -> Message:
        """Receive and unpack one message.

        Args:
            deadline: a time of `time.monotonic()`; None waits for ever.

        Raises:
            Closed, TooSlow, Malformed
        """
        sizes = HEADER.unpack(self._exactly(HEADER.size, deadline))
        if self._guarded and (sizes[0] > MOST_JSON or sizes[1] > MOST_TENSORS):
            raise Malformed("a frame larger than any that is allowed")
        return self._unpack(self._exactly(sizes[0], deadline), self._exactly(sizes[1], deadline))

    def _exactly(self, size: int, deadline: float | None) -> bytes:
        parts = []
        while size:
            self._wait(deadline, writing=False)
            try:
                part = self.link.recv(min(size, 2**20))
            except BlockingIOError:
                continue
            except OSError as error:
                raise Closed(str(error)) from error
            if not part:
                raise Closed("the other end closed the connection")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _wait(self, deadline: float | None, *, writing: bool) -> None:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TooSlow
        mine = [self.link]
        ready = select.select([], mine, [], left) if writing else select.select(mine, [], [], left)
        if not any(ready):
            raise TooSlow
