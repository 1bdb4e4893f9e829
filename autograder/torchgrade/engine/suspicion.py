"""What the submitted source says of the watchers that live in the learner's own process."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from torchgrade.engine.given import Given
from torchgrade.engine.notebook import code_cells, is_test, source_of
from torchgrade.engine.source import banned_calls, tampering

# What reaches into the grader's own modules.
GRADERS_OWN = re.compile(r"torchgrade|sys\.modules|\bgc\b|frame")


class Suspicion:
    """Bans read from the source, and reasons not to believe what a watcher says.

    Args:
        notebook: the submission. Cells that are the instructor's own are not suspected.
    """

    def __init__(self, notebook: Mapping[str, Any], given: Given) -> None:
        cells = [(index, cell) for index, cell in code_cells(notebook) if not is_test(cell)]
        self._sources = [source_of(cell) for _, cell in cells]
        changed = [(i, source_of(c)) for i, c in cells if not given.is_own(source_of(c))]
        self._places = [index for index, _ in changed]
        self._changed = [source for _, source in changed]
        self._unchanged = [source for source in self._sources if given.is_own(source)]
        self._found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """Each place that could deceive a watcher, as an instructor reads it."""
        return tuple(
            f"cell {self._places[found.cell]}, line {found.line} {found.what}"
            for found in tampering(self._changed, unchanged=self._unchanged)
        )

    @property
    def tampering(self) -> str:
        """Why the watchers are not believed, as a learner reads it; "" when they are."""
        if not self.problems:
            return ""
        return (
            f"how the result is computed cannot be watched, because {self.problems[0]}; "
            "without that line this check counts again"
        )

    @property
    def forgery(self) -> str:
        """Why nothing is believed but values, as a learner reads it; "" when all is."""
        for problem in self.problems:
            if GRADERS_OWN.search(problem):
                return (
                    f"what your code does with its inputs cannot be seen, because {problem}; "
                    "without that line this check counts again"
                )
        return ""

    def banned(self, subject: str, bans: tuple[str, ...]) -> tuple[str, ...]:
        """The banned functions that the code of an exercise calls, by its source."""
        # Reading takes longer than looking for a word; what the instructor wrote is not at issue.
        mentioned = tuple(ban for ban in bans if any(ban in source for source in self._changed))
        asked = (subject, mentioned)
        if mentioned and asked not in self._found:
            strict = bool(self.problems)
            self._found[asked] = banned_calls(self._sources, subject, mentioned, strict=strict)
        return self._found.get(asked, ())
