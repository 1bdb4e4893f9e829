"""What the learner's code calls the dimensions of a tensor, as its chip and the panel have it."""

from __future__ import annotations

from ..dims import Names
from ..lines import recorder


def names_of(code: str, shape: tuple[int, ...]) -> Names | None:
    """The names of the variable that is written `code`, only where it had this very shape."""
    watching = recorder()
    return watching.cells.dims().get((code, shape)) if watching is not None else None
