"""How the driver gets a judge's process: there is one way with fork and one without."""

from collections.abc import Sequence
from typing import Protocol

from torchgrade.engine.pipes import Talk

START_SECONDS = 180.0
"""Torch and IPython are imported then, on a slow disk too."""
CLOSED = "grading was stopped"


class JudgeProcess(Protocol):
    """A judge's process that waits for its task, or works at it."""

    @property
    def talk(self) -> Talk:
        """Takes the task; gives events and the result."""

    def end(self) -> None:
        """End it and its learner's process, whatever they do."""


class Judges(Protocol):
    """Gives a judge's process to each notebook."""

    def start(self) -> None:
        """Do now what would cost the first notebook its time.

        Raises:
            GradingFailed: it cannot be done, or it is closed.
        """

    def preload(self, modules: Sequence[str]) -> None:
        """Let what starts next import modules beforehand, where that helps."""

    def judge(self) -> JudgeProcess:
        """A judge's process that waits for its task.

        Raises:
            GradingFailed: there is none to be had.
        """

    def close(self) -> None:
        """End every process, and remove every file that was written; what starts now is refused."""
