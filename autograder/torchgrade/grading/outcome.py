"""What a run came to, and who is told meanwhile."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol


class Listener(Protocol):
    """Is told how grading goes on."""

    def total(self, submissions: int) -> None: ...

    def graded(self, student: str) -> None: ...

    def failed(self, student: str) -> None: ...

    def say(self, text: str) -> None: ...


@dataclass
class Outcome:
    """What a run came to.

    Attributes:
        graded: who was graded now.
        done: who needed nothing.
        problems: by student, what an instructor should know of.
        failed: by student, why there is no grade and what to do.
        outdated: how many submissions keep a result of older tests, by notebook.
        foreign: who keeps results that somebody else made.
        stopped: why the run ended early, else "".
        interrupted: whether a person ended it.
        unfinished: how many submissions are left for the next run.
    """

    graded: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    problems: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    outdated: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    stopped: str = ""
    interrupted: bool = False
    unfinished: int = 0

    @property
    def ending(self) -> bool:
        """Whether nothing new should begin."""
        return self.interrupted or bool(self.stopped)
