"""The explanation of a failed operation of torch: after the failure, without running it again.

`explain(error)` reads the traceback, the shapes of what is still there, and torch's message.
"""

from .explain import explain, last_error
from .model import Clash, Dimension, Explanation, Fix, Layer, Operand, Place

__all__ = [
    "Clash",
    "Dimension",
    "Explanation",
    "Fix",
    "Layer",
    "Operand",
    "Place",
    "explain",
    "last_error",
]
