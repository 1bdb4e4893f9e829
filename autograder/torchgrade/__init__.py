"""torchgrade: trustworthy checks for PyTorch implementations.

The names below are the face that lessons import. They need torch and nothing else.
"""

from torchgrade.check.cases import Case, case, cases, tensor
from torchgrade.check.device import device
from torchgrade.check.exercise import Exercise, check, exercise
from torchgrade.check.machine import on_machine
from torchgrade.check.predict import reveal
from torchgrade.check.probe import probe
from torchgrade.check.show import CheckFailed

__all__ = [
    "Case",
    "CheckFailed",
    "Exercise",
    "case",
    "cases",
    "check",
    "device",
    "exercise",
    "on_machine",
    "probe",
    "reveal",
    "tensor",
]
