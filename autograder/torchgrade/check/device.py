"""The one place that decides on which device a lesson and its checks run."""

import os

import torch

VARIABLE = "TORCHGRADE_DEVICE"


def device() -> torch.device:
    """The accelerator that torch reports, else the CPU.

    The environment variable `TORCHGRADE_DEVICE` (say `cpu`, `cuda`, `cuda:1`, `mps`, `xpu`)
    overrides the choice.

    Raises:
        ValueError: the variable does not name a device of torch, or one that is not here.
    """
    wanted = os.environ.get(VARIABLE, "").strip()
    if wanted and wanted != "auto":
        return _named(wanted)
    if torch.accelerator.is_available():
        accelerator = torch.accelerator.current_accelerator()
        if accelerator is not None:
            return accelerator
    return torch.device("cpu")


def _named(wanted: str) -> torch.device:
    try:
        found = torch.device(wanted)
    except RuntimeError as error:
        raise ValueError(
            f"{VARIABLE}={wanted!r} names no device of torch; try cpu, cuda, mps, xpu or auto."
        ) from error
    if found.type != "cpu" and not _is_here(found):
        raise ValueError(
            f"{VARIABLE}={wanted!r}, but torch finds no {found.type} device here; try cpu or auto."
        )
    return found


def _is_here(wanted: torch.device) -> bool:
    if not torch.accelerator.is_available():
        return False
    accelerator = torch.accelerator.current_accelerator()
    return accelerator is not None and accelerator.type == wanted.type


def seed() -> int:
    """The seed from which case makers draw their inputs (`TORCHGRADE_SEED`, default 0).

    Raises:
        ValueError: the variable is no whole number.
    """
    value = os.environ.get("TORCHGRADE_SEED", "0")
    try:
        return int(value)
    except ValueError as error:
        raise ValueError(f"TORCHGRADE_SEED={value!r} is no whole number.") from error


def default_dtype() -> torch.dtype:
    """The dtype of ordinary case inputs (`TORCHGRADE_DTYPE`, default torch's own default)."""
    name = os.environ.get("TORCHGRADE_DTYPE", "")
    dtype = getattr(torch, name, None) if name else torch.get_default_dtype()
    if not isinstance(dtype, torch.dtype):
        raise ValueError(f"TORCHGRADE_DTYPE={name!r} names no dtype of torch.")
    return dtype


def supports(dtype: torch.dtype, where: torch.device) -> bool:
    """Whether tensors of `dtype` can live on `where` (MPS has no float64, for one)."""
    try:
        torch.zeros(1, dtype=dtype, device=where)
    except (TypeError, RuntimeError):
        return False
    return True
