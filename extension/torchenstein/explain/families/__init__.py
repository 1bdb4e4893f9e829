"""The families of failures: what torch says, and who explains it.

A message belongs to the first family that recognises it and has something to say. The patterns are
those of the installed torch; the tests raise every one of them.
"""

from __future__ import annotations

import re

from ..finding import Family
from .matmul import matmul

_TABLE: tuple[tuple[str, str, Family], ...] = (
    (
        "matmul",
        r"mat1 and mat2 shapes|size mismatch, got input|for first two dimensions of batch2"
        r"|must be a matrix|batch[12] must be a 3D|inconsistent tensor size, expected"
        r"|1D tensors expected|must have same reduction dim|arguments to matmul need|must match the size",
        matmul,
    ),
)

FAMILIES = tuple((name, re.compile(pattern), explain) for name, pattern, explain in _TABLE)
