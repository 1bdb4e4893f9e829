"""A judge's process where there is no fork: `python -m torchgrade.engine.alone PLACE`.

It grades the one notebook that comes over standard input, says over standard output what it came
to, and ends. The learner's process is a kernel, which it starts. Both end when the driver hangs up.
"""

import io
import os
import signal
import sys
from pathlib import Path

from torchgrade.engine.channel import plain_frame
from torchgrade.engine.environment import remove
from torchgrade.engine.judging import judge_over, settings
from torchgrade.engine.kernels import KernelLearner
from torchgrade.engine.pipes import Pipes
from torchgrade.engine.processes import end_children
from torchgrade.engine.shell import prepare
from torchgrade.engine.task import Task


def main() -> None:
    """Grade one notebook."""
    place = Path(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to act on
    source, sink = _own(0, "r"), _own(1, "w")

    def end(status: int = 1) -> None:
        end_children(os.getpid())
        remove(place)
        os._exit(status)

    driver = Pipes(source, sink, hung_up=end)
    prepare()
    driver.send(plain_frame({"ready": True}))
    judge_over(driver, place, start)
    end(0)


def start(task: Task, directory: Path, deadline: float) -> KernelLearner:
    """Start the learner's process."""
    return KernelLearner(directory, settings(task), task.limits, deadline)


def _own(fd: int, mode: str) -> io.FileIO:
    """A standard stream's file for ourselves: what a test prints to it goes nowhere."""
    kept = io.FileIO(os.dup(fd), mode)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, fd)
    os.close(nowhere)
    return kept


if __name__ == "__main__":
    main()
