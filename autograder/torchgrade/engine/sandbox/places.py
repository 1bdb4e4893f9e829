"""Which places the learner's process may see, and that none of them shows a hidden one."""

import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from torchgrade.engine.sandbox.policy import HiddenPlaceExposed, Policy

SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
)
SETTINGS = (
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"),
    *("/etc/localtime", "/etc/timezone", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf"),
    *("/etc/fonts", "/etc/mime.types"),
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
# What torch and numpy ask about the machine.
MACHINE = ("/sys/devices/system/cpu", "/sys/devices/system/node")
ACCELERATOR = ("/sys", "/etc/OpenCL", "/etc/vulkan", "/opt/rocm")
# A checkout's packages may be on the path by themselves: their folders are shown, never its root.
PACKAGES = ("torchgrade", "torchenstein")


@dataclass(frozen=True)
class View:
    """What of the file system a sandbox shows.

    Attributes:
        readable: outermost places only; no symbolic link in any of their paths.
        aliases: names under which those are also known, such as `/bin` for `/usr/bin`.
        devices: may be read and written.
    """

    readable: tuple[Path, ...]
    aliases: Mapping[Path, Path]
    devices: tuple[Path, ...]


@cache
def view(accelerator: bool = False) -> View:
    """Interpreter, libraries, settings and devices."""
    paths = [Path(os.path.abspath(path)) for path in _wanted(accelerator)]
    real = _outermost(path.resolve() for path in paths)
    named = _outermost(
        path for path in paths if not any(path.is_relative_to(shown) for shown in real)
    )
    return View(real, {path: path.resolve() for path in named}, _devices(accelerator))


def _devices(accelerator: bool) -> tuple[Path, ...]:
    found = [Path(path) for path in DEVICES]
    if accelerator:
        found += sorted(Path("/dev").glob("nvidia*"))
        found += [path for path in map(Path, ("/dev/kfd", "/dev/dri")) if path.exists()]
    return tuple(found)


def refuse_exposure(policy: Policy, shown: Iterable[Path]) -> None:
    """Raise HiddenPlaceExposed if a place that is shown is, or contains, a hidden one."""
    for place in shown:
        for hidden in policy.hidden:
            if hidden.resolve().is_relative_to(place.resolve()):
                raise HiddenPlaceExposed(
                    f"{hidden} must stay hidden from learners' code, but it lies in {place}, which "
                    "that code has to read. Move one of the two."
                )


def _wanted(accelerator: bool) -> list[str]:
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    stdlib = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    # Packages of the user, or of a tool that puts them beside the prefix.
    third = {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    machine = ACCELERATOR if accelerator else MACHINE
    program = os.path.dirname(os.path.realpath(sys.executable))
    wanted = [*SYSTEM, *SETTINGS, *machine, *prefixes, *stdlib, *third, program, *_packages()]
    return [path for path in wanted if os.path.exists(path)]


def _packages() -> Iterable[str]:
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is not None:
            yield from spec.submodule_search_locations or ()


def _outermost(places: Iterable[Path]) -> tuple[Path, ...]:
    kept: list[Path] = []
    for place in sorted(set(places)):
        if not any(place.is_relative_to(outer) for outer in kept):
            kept.append(place)
    return tuple(kept)
