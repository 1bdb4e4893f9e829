"""A tensor without its elements: what the meta device needs to redo an operation on shapes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..dims import Names
from ..inspector.metadata import quiet, undispatched
from .model import Operand, Shape


class Shadow:
    """Shape, strides and dtype of a tensor as a meta tensor; the real `device`; dimension names."""

    __slots__ = ("device", "meta", "names")

    def __init__(self, meta: Any, device: str, names: Names | None = None) -> None:
        self.meta = meta
        self.device = device
        self.names = names if names is not None and len(names) == meta.dim() else None

    @property
    def shape(self) -> Shape:
        return tuple(self.meta.shape)

    @property
    def dtype(self) -> str:
        return str(self.meta.dtype).removeprefix("torch.")

    def operand(self, text: str, role: str = "tensor") -> Operand:
        return Operand(text, role, self.shape, self.dtype, self.device, self.names)


@contextmanager
def on_shapes(torch: Any) -> Iterator[None]:
    """Where operations on meta tensors are safe: no mode sees them, no graph records them."""
    with quiet(torch), undispatched(), torch.no_grad():
        yield


def is_tensor(torch: Any, value: object) -> bool:
    return issubclass(type(value), torch.Tensor)


def shadow(torch: Any, tensor: Any, names: Names | None = None) -> Shadow | None:
    """The shadow of a plain strided tensor, read as the inspector reads; None for any other."""
    cls = torch.Tensor
    try:
        shape, dtype = cls.shape.__get__(tensor), cls.dtype.__get__(tensor)
        device = str(cls.device.__get__(tensor))
        if cls.layout.__get__(tensor) is not torch.strided:
            return None
        meta = torch.empty_strided(shape, cls.stride(tensor), dtype=dtype, device="meta")
        # Only a leaf can carry the mark that forbids changing it in place.
        if cls.requires_grad.__get__(tensor) and cls.is_leaf.__get__(tensor):
            meta.requires_grad_()
        return Shadow(meta, device, names)
    except Exception:
        # Lazy, ragged and exotic tensors: their shape is not one that can be computed with.
        return None
