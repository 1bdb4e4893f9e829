"""From Python's values to what JSON can carry."""

from __future__ import annotations

import math
from typing import Any

Json = dict[str, Any]
Real = float | str

# type(x).__name__ asks the metaclass first, which may be the learner's own.
_NAME_OF_TYPE = type.__dict__["__name__"]


def real(x: float) -> Real:
    """`x`, or for the three numbers that JSON lacks the word that JavaScript's Number() reads."""
    if math.isfinite(x):
        return x
    return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"


def encodable(text: str) -> str:
    """`text` with lone surrogates escaped: a name may hold them, UTF-8 may not."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def class_name(x: object) -> str:
    """The name of the class of `x`, by no code of that class."""
    return encodable(str(_NAME_OF_TYPE.__get__(type(x))))
