"""torchgrade: trustworthy checks for PyTorch implementations.

The names below are the face that lessons import. They need torch and nothing else, and each is
loaded when it is first asked for, so that a command that checks nothing does not wait for torch.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOMES = {
    "Case": "cases",
    "CheckFailed": "show",
    "Exercise": "exercise",
    "case": "cases",
    "cases": "cases",
    "check": "exercise",
    "device": "device",
    "exercise": "exercise",
    "on_machine": "machine",
    "probe": "probe",
    "reveal": "predict",
    "tensor": "cases",
}


def _load(name: str) -> Any:
    return getattr(import_module(f"torchgrade.check.{_HOMES[name]}"), name)


class _Face(ModuleType):
    """Here `check` is the function, although a subpackage has that name, too."""

    def __getattr__(self, name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'torchgrade' has no attribute {name!r}")
        value = _load(name)
        setattr(self, name, value)
        return value

    @property
    def check(self) -> Any:
        return _load("check")

    @check.setter
    def check(self, subpackage: ModuleType) -> None:
        """The import system sets a subpackage on its package; this one stays in `sys.modules`."""


sys.modules[__name__].__class__ = _Face
