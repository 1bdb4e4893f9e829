"""Memory by device, from counters on the host: no device is asked, none waits."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from ..inspector.survey import loaded_torch

ACCELERATORS = ("cuda", "xpu")


def memory() -> dict[str, int]:
    """Bytes by device: on `cpu` what the process holds, elsewhere what torch has handed out."""
    found = {"cpu": _resident()}
    torch = loaded_torch()
    for kind in ACCELERATORS:
        module: Any = getattr(torch, kind, None)
        # A device that nothing has used yet is not woken up for this.
        if module is not None and _quietly(module.is_initialized):
            for index in range(_quietly(module.device_count) or 0):
                found[f"{kind}:{index}"] = _quietly(partial(module.memory_allocated, index))
    if torch is not None and torch.backends.mps.is_available():
        found["mps:0"] = _quietly(torch.mps.current_allocated_memory)
    return {device: size for device, size in found.items() if size}


def _resident() -> int | None:
    """Resident memory of this process in bytes; None where nothing tells it."""
    try:
        import psutil

        return int(psutil.Process(os.getpid()).memory_info().rss)
    except Exception:
        return None


def _quietly(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Exception:
        return None
