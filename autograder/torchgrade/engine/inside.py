"""What runs in the learner's process: a notebook's shell, and answers to the judge.

Nothing here knows a test. It must keep its word only while nobody has changed it: everything that
leaves this process is read by the judge as a claim.
"""

from typing import Any

import torch

from torchgrade.engine.answer import Answers, as_exception
from torchgrade.engine.channel import Channel, Closed, Message
from torchgrade.engine.shell import NotebookShell
from torchgrade.engine.task import Layer


def live(channel: Channel, layers: list[Layer], output_kib: int) -> None:
    """Serve the judge until it hangs up."""
    torch.set_num_threads(1)
    _Life(channel, output_kib).serve(layers)


class _Life:
    def __init__(self, channel: Channel, output_kib: int) -> None:
        self._channel = channel
        self._shell = NotebookShell(output_kib)
        self._answers = Answers(self._shell.namespace, self._call_back)
        self._number = 0

    def serve(self, layers: list[Layer]) -> None:
        told = [[layer.name, layer.active, layer.detail] for layer in layers]
        self._send({"ready": told})
        while True:
            try:
                request = self._channel.receive()
                self._number = request.pop("number")
                self._send(self._reply(request))
            except KeyboardInterrupt:
                continue  # it came too late: what it was to stop has ended
            except Closed:
                return

    def _reply(self, request: Message) -> Message:
        if request["do"] != "run":
            return self._answers.answer(request)
        ran = self._shell.run(request["source"], request["cell"], request["metadata"])
        return {
            "outputs": ran.outputs,
            "count": ran.execution_count,
            "seconds": ran.seconds,
            "failed": ran.error is not None,
            "truncated": ran.truncated,
        }

    def _send(self, message: Message) -> None:
        self._channel.send(self._answers.frame({"number": self._number, **message}))

    def _call_back(self, function: int, args: Any, kwargs: Any) -> Any:
        self._send({"callback": function, "args": args, "kwargs": kwargs})
        reply = self._channel.receive()
        if "raised" in reply:
            raise as_exception(**reply["raised"])
        return reply["value"]
