"""The registry in which lint rules enter themselves."""

from collections.abc import Callable, Iterator

from torchgrade.verify.lesson import Cell, Lesson
from torchgrade.verify.limits import Limits

# A rule yields (cell or None, what is wrong, how to mend it). `what` begins with WARNING where it
# should be looked at and need not be mended.
Found = Iterator[tuple[Cell | None, str, str]]
Rule = Callable[[Lesson, Limits], Found]
RULES: dict[str, Rule] = {}
WARNING = "warning: "


def rule(function: Rule) -> Rule:
    """Register a rule under its function's name."""
    RULES[function.__name__.replace("_", "-")] = function
    return function
