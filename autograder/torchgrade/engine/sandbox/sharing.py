"""Tensors between the learner's own processes, without sockets.

torch sends a tensor from a DataLoader's worker as a file descriptor, over a unix socket. Sockets
are closed in the sandbox, so there tensors are sent by value, through the worker's own pipe.
"""

from multiprocessing.reduction import ForkingPickler
from typing import Any

import torch
import torch.multiprocessing

PROTOCOL = 2


def by_value() -> None:
    """Let multiprocessing pickle tensors and storages as ordinary objects."""
    tensors = (torch.Tensor, torch.nn.Parameter)
    for kind in (*tensors, torch.UntypedStorage, torch.storage.TypedStorage):
        ForkingPickler.register(kind, _reduce)


def _reduce(value: Any) -> Any:
    return value.__reduce_ex__(PROTOCOL)
