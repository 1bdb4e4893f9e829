"""Quiet warnings of what did not fail and still looks wrong, found after the cell has run.

`install()` begins to take notes of the cells that `torchenstein.lines` records, `uninstall()` ends
it. The page does both, and asks for what was found, by `reply("cautions", ...)`; the answer is
Cautions of `protocol.json`. Nothing is run again, and no element is read but what `moment` says.
"""

from .kinds import KINDS, Kind
from .model import Caution, Remedy, Spot
from .watch import Watch, install, uninstall, watcher

__all__ = [
    "KINDS",
    "Caution",
    "Kind",
    "Remedy",
    "Spot",
    "Watch",
    "install",
    "uninstall",
    "watcher",
]
