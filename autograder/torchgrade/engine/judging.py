"""A judge's process from its task to its result, however it and its learner's were started."""

import os
import tempfile
import traceback
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from torchgrade.engine.channel import plain_frame
from torchgrade.engine.environment import remove
from torchgrade.engine.given import Given
from torchgrade.engine.judge import Judge
from torchgrade.engine.learner import Link
from torchgrade.engine.pipes import Talk
from torchgrade.engine.task import Task

StartLearner = Callable[[Task, Path, float], Link]
"""Starts a learner's process in a directory; is given the time (monotonic) it must be up by."""


class Refused(RuntimeError):
    """No learner's process may be started here; the message says why."""


def judge_over(driver: Talk, folder: Path, start: StartLearner) -> None:
    """Take a task from the driver, grade it, and send what it came to.

    Args:
        folder: where directories of learners' processes are made; nothing is left in it.
    """
    told = driver.receive()
    task, given = Task.from_json(told["task"]), Given.from_json(told["given"])
    os.environ.update(settings(task))
    torch.set_num_threads(1)
    place = Path(tempfile.mkdtemp(prefix="n", dir=folder))

    def start_with_files(deadline: float) -> Link:
        # A fresh directory each time: what an ended process left there is not seen again.
        directory = Path(tempfile.mkdtemp(dir=place))
        unpack_files(task, directory)
        return start(task, directory, deadline)

    def hear(event: dict[str, Any]) -> None:
        driver.send(plain_frame(event))

    try:
        graded = Judge(task, given, start_with_files, hear).grade()
        result: dict[str, Any] = {"graded": graded.json()}
    except Refused as error:
        result = {"refused": str(error)}
    except Exception as error:
        result = {"failed": f"{type(error).__name__}: {error}", "frames": traceback.format_exc()}
    finally:
        remove(place)
    driver.send(plain_frame(result))


def settings(task: Task) -> dict[str, str]:
    """What `torchgrade.check` reads of the environment, in both processes."""
    return {"TORCHGRADE_DEVICE": task.device, "TORCHGRADE_SEED": str(task.seed)}


def unpack_files(task: Task, directory: Path) -> None:
    """Write the submission's other files.

    Raises:
        ValueError: one of them would lie outside of `directory`.
    """
    for name, content in task.files.items():
        path = directory / name
        if not path.resolve().is_relative_to(directory.resolve()):
            raise ValueError(f"{task.name}: the file {name} lies outside of its folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b64decode(content))
