"""What opens a tier of hints."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum

RULES = ("open", "attempt", "failed check", "never")


class UnlockPolicy(NbGraderPreprocessor):
    """Writes `torchenstein.unlock` into the notebook: what opens tier 2 and tier 3. Tier 1 is
    always open.

    "open": at once; "attempt": once the answer was run and is no longer the stub, or its test was;
    "failed check": once its test has failed; "never": not in this course.
    """

    tier_2 = Enum(RULES, default_value="attempt", help="What opens the second tier").tag(
        config=True
    )
    tier_3 = Enum(RULES, default_value="failed check", help="What opens the third tier").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        own = nb.metadata.setdefault("torchenstein", NotebookNode())
        own["unlock"] = {"2": self.tier_2, "3": self.tier_3}
        return nb, resources
