"""Shape, dtype and device of a tensor: reads no element, waits for no device, keeps no tensor."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..inspector.metadata import Words, ask, quiet, whole
from ..inspector.survey import loaded_torch


class Facts(NamedTuple):
    """Sizes (None for a symbolic one; no shape at all where it is not known yet), dtype, device."""

    shape: tuple[int | None, ...] | None
    dtype: str | None
    device: str | None


class Reader:
    """Reads tensors of one torch, by the descriptors of torch.Tensor: no code of a subclass."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        tensor = torch.Tensor
        self._lazy = torch.nn.parameter.UninitializedTensorMixin
        self._read = [tensor.shape.__get__, tensor.dtype.__get__, tensor.device.__get__]
        self._layout, self._stride = tensor.layout.__get__, tensor.stride
        self._words = Words()
        self._class = tensor

    def is_tensor(self, value: Any) -> bool:
        return issubclass(type(value), self._class)

    def strides(self, tensor: Any) -> tuple[int, ...] | None:
        """In elements; None for a tensor that has none."""
        with quiet(self._torch):
            if ask(self._layout, tensor) is not self._torch.strided:
                return None
            found: tuple[Any, ...] | None = ask(self._stride, tensor)
        return found if found is not None and all(type(n) is int for n in found) else None

    def facts(self, tensor: Any) -> Facts:
        with quiet(self._torch):
            shape, dtype, device = [ask(read, tensor) for read in self._read]
        sizes = None if issubclass(type(tensor), self._lazy) else whole(shape)
        known = None if sizes is None else tuple(sizes)
        return Facts(known, self._words[dtype], self._words[device])


_reader: Reader | None = None


def reader() -> Reader | None:
    """The reader of the torch that the kernel has imported; None while there is none."""
    global _reader
    if _reader is None:
        torch = loaded_torch()
        if torch is not None:
            _reader = Reader(torch)
    return _reader
