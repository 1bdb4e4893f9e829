"""Pretended machines: how a function behaves where another accelerator is, or none."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import torch

VERSION = "2.99"
THREADS = 3


def on_machine(
    subject: Callable[..., Any],
    *args: Any,
    there: str | None = None,
    built: str | None = None,
    gpus: Sequence[str] = (),
) -> Any:
    """Call `subject` on a pretended machine; a probe, for `test.via(on_machine).on(...)`.

    The machine has torch 2.99 and three threads. Only what torch says of it is pretended: no
    tensor can live on a device that is not really there.

    Args:
        args: inputs of `subject`.
        there: type of the accelerator that is there ("cuda", "mps", "xpu"); None for none.
        built: type that this torch was built for; by default the one that is there. One without
            the other is a machine with a broken driver.
        gpus: names of the CUDA devices.
    """
    with _machine(there, built or there, gpus):
        return subject(*args)


@contextmanager
def _machine(there: str | None, built: str | None, gpus: Sequence[str]) -> Iterator[None]:
    def accelerator(check_available: bool = False) -> torch.device | None:
        return torch.device(built) if built and (there or not check_available) else None

    def name(device: Any = None) -> str:
        if not gpus:
            raise RuntimeError("Found no NVIDIA driver on your system.")
        index = device if isinstance(device, int) else torch.device(device or "cuda:0").index
        return gpus[index or 0]

    pretended = {
        "accelerator.is_available": lambda: there is not None,
        "accelerator.current_accelerator": accelerator,
        "backends.mps.is_available": lambda: there == "mps",
        "cuda.is_available": lambda: there == "cuda",
        "cuda.device_count": lambda: len(gpus) or int(there == "cuda"),
        "cuda.get_device_name": name,
        "cuda.get_device_properties": lambda device: SimpleNamespace(name=name(device)),
        "get_num_threads": lambda: THREADS,
        "__version__": VERSION,
        "version.__version__": VERSION,
    }
    with ExitStack() as stack:
        for what, stand_in in pretended.items():
            stack.enter_context(patch(f"torch.{what}", stand_in))
        yield
