"""The learner's side in a Jupyter kernel: requests come as expressions, answers are their values.

Calls back to the judge go the way of `input()`: the prompt is what is asked, base64 of a frame.
"""

import base64
from functools import cache
from typing import Any

import torch
from IPython.core.getipython import get_ipython

from torchgrade.engine.answer import Answers, as_exception
from torchgrade.engine.wire import pack, unpack_frame

torch.set_num_threads(1)


def answer_in_kernel(frame: bytes) -> bytes:
    """Answer a request of the judge about the names of this kernel's notebook; never raises."""
    try:
        return _notebook().answer(frame)
    except KeyboardInterrupt:
        return pack({"number": _notebook().number, "stopped": True})
    except BaseException as error:
        said = f"{type(error).__name__}: {error}"
        return pack({"number": _notebook().number, "cannot": said[:500]})


@cache
def _notebook() -> "_Notebook":
    return _Notebook(get_ipython())


class _Notebook:
    """The one notebook of this kernel.

    Args:
        shell: the kernel's IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._answers = Answers(shell.user_ns, self._call_back)
        self.number = 0

    def answer(self, frame: bytes) -> bytes:
        request = unpack_frame(frame)
        self.number = request.pop("number")
        return self._answers.frame({"number": self.number, **self._answers.answer(request)})

    def _call_back(self, function: int, args: Any, kwargs: Any) -> Any:
        asked = {"number": self.number, "callback": function, "args": args, "kwargs": kwargs}
        prompt = base64.b64encode(self._answers.frame(asked)).decode()
        reply = unpack_frame(base64.b64decode(self._shell.kernel.raw_input(prompt)))
        if "raised" in reply:
            raise as_exception(**reply["raised"])
        return reply["value"]
