"""The door for questions that come while a cell runs: a message of our own to a subshell.

An `execute_request` would do, and harm. On a subshell it still ends with IPython's `post_execute`,
where matplotlib shows and closes the figures that the running cell is about to draw on; it takes
`input()` from that cell; and its status messages tell the page and the server, which may then cull
it, that the kernel is idle. A message of another type does nothing of this but what we answer.
"""

from __future__ import annotations

import threading
from time import thread_time
from typing import Any

from ..inspector.plain import Json
from .runs import Runs

REQUEST = "torchenstein_request"
REPLY = "torchenstein_reply"
MOST_QUESTIONS = 8
# What may be asked from another thread: these two touch nothing that a running loop replaces.
KINDS = ("snapshot", "live")

# What of the kernel is needed: where one is missing, the page is told that it must wait.
NEEDED = ("shell_handlers", "shell_channel_thread", "session", "get_parent", "_publish_status")


class Channel:
    """Answers REQUESTs of one kernel from `open` to `close`.

    The content of a request is `{"questions": [{"kind": "snapshot"}, ...]}`, that of the reply
    `{"status": "ok", "answers": [...], "spent": 1.2}` with one InspectorReply each, and the
    processor time in ms that it took, without the wait for the loop: see SubshellRequest and
    SubshellReply of the protocol.
    """

    def __init__(self, kernel: Any, runs: Runs) -> None:
        self._kernel = kernel
        self._runs = runs
        self._publish = kernel._publish_status
        self._asked: set[str] = set()

    @classmethod
    def open(cls, kernel: Any, runs: Runs) -> Channel | None:
        """None where the kernel has no subshells."""
        if not all(hasattr(kernel, name) for name in NEEDED):
            return None
        if not getattr(kernel, "_supports_kernel_subshells", False):
            return None
        channel = cls(kernel, runs)
        kernel.shell_handlers[REQUEST] = channel.answer
        kernel._publish_status = channel.publish_status
        return channel

    def close(self) -> None:
        self._kernel.shell_handlers.pop(REQUEST, None)
        self._kernel._publish_status = self._publish

    def subshell(self) -> str | None:
        """One that was asked through before and is still there, for the next page to share."""
        alive = self._kernel.shell_channel_thread.manager.list_subshell()
        return next((each for each in alive if each in self._asked), None)

    def publish_status(self, status: str, channel: str, parent: Any = None) -> None:
        """The kernel's own, but for our questions: they make no kernel busy, and none idle."""
        about = parent or self._kernel.get_parent(channel) or {}
        if about.get("header", {}).get("msg_type") != REQUEST:
            self._publish(status, channel, parent)

    def answer(self, stream: Any, ident: Any, parent: Any) -> None:
        """Handler of REQUEST, called by the kernel on the thread of the subshell."""
        self._give_back_the_parent()
        asked_through = parent["header"].get("subshell_id")
        if asked_through is not None:
            self._asked.add(asked_through)
        # Only here, where it is complete: the face knows this package too.
        from ..inspector import reply

        start = thread_time()
        answers: list[Json] = []
        for question in parent["content"]["questions"][:MOST_QUESTIONS]:
            options = dict(question)
            kind = options.pop("kind", None)
            answers.append(reply(kind if kind in KINDS else "", **options).content)
        spent = round(1000 * (thread_time() - start), 3)
        content = {"status": "ok", "answers": answers, "spent": spent}
        self._kernel.session.send(stream, REPLY, content, parent, ident)

    def _give_back_the_parent(self) -> None:
        """Let what the learner's own threads print belong to their cell again.

        A thread without a request of its own prints for the last one that the kernel received,
        which is ours by now. In a copy of the cell's context its request is received once more.
        """
        context = self._runs.context
        if context is None or threading.current_thread() is threading.main_thread():
            return
        context.copy().run(_receive_again, self._kernel)


def _receive_again(kernel: Any) -> None:
    ident = getattr(kernel, "_shell_parent_ident", None)
    if ident is not None:
        kernel.set_parent(ident.get(), kernel.get_parent("shell"), "shell")
