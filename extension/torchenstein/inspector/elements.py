"""Reaching the elements of one tensor: the only place where the inspector reads data.

What is read is a detached, strided view of class torch.Tensor, or a copy where there is no such
view and the tensor is small. Slices are taken where the tensor lives; only they go to the CPU.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..translation import _
from .metadata import PARTS, Metadata
from .plain import class_name

# Elements that statistics are made from, and above which nothing is converted as a whole.
SAMPLE = 65_536

_MRO = type.__dict__["__mro__"].__get__
_NAMES = type.__dict__["__dict__"].__get__


class Unreadable(Exception):
    """The tensor has no elements to show; the argument is a sentence that says why."""


class Elements:
    """The elements of `tensor`; use without modes, without `__torch_function__`, without grad.

    `view` is strided, on the tensor's own device. `whole` is False where it holds only the stored
    values of a sparse or ragged tensor, as one dimension; `notes` say so. Raises Unreadable.
    """

    def __init__(self, torch: Any, metadata: Metadata, tensor: Any) -> None:
        self._torch = torch
        self._metadata = metadata
        self.notes: list[str] = []
        self.whole = True
        self.view = self._readable(tensor)
        self.count = math.prod(self.view.shape)

    def sample(self) -> Any:
        """At most SAMPLE elements as one dimension on the CPU, evenly spaced over the tensor."""
        if self.count <= SAMPLE:
            return self.copy(self.view).reshape(-1)
        shape = self.view.shape
        position = self._torch.arange(0, self.count, _step(self.count, shape), device="cpu")
        place = []
        for size in reversed(shape):
            place.append((position % size).to(self.view.device))
            position = position // size
        return self.copy(self.view[tuple(reversed(place))])

    def first(self, most: int) -> list[Any]:
        """The first `most` elements in row-major order, as Python numbers."""
        if self.count == 0:
            return []
        place: list[int | slice] = []
        inner = 1
        for size in reversed(self.view.shape):
            place.append(slice(0, math.ceil(most / inner)) if inner < most else 0)
            inner *= size
        numbers: list[Any] = self.copy(self.view[tuple(reversed(place))]).reshape(-1).tolist()
        return numbers[:most]

    def copy(self, view: Any) -> Any:
        """`view` on the CPU, quantised numbers as the real ones they stand for."""
        view = view.to("cpu")
        return view.dequantize() if view.is_quantized else view

    def _readable(self, tensor: Any) -> Any:
        layout = self._metadata.layout(tensor)
        if self._metadata.lazy(tensor):
            raise Unreadable(_("Its shape and elements come with the first forward pass."))
        if layout == "jagged":
            return self._stored(tensor, _("Shows the stored elements of a ragged tensor."))
        plain = self._plain(tensor)
        if plain.is_nested:
            self._only_stored(_("Shows the stored elements of a ragged tensor."))
            return plain.values()
        small = plain.numel() <= SAMPLE
        if layout == "strided":
            # Torch cannot slice what is quantised per channel, so the small are converted whole.
            return plain.dequantize() if plain.is_quantized and small else plain
        if small:
            return plain.to_dense()
        if layout in PARTS:
            note = _("Shows the stored elements of a sparse tensor, all others are zero.")
            return self._stored(plain, note)
        raise Unreadable(_("Its layout, {layout}, shows no elements.", layout=layout))

    def _stored(self, tensor: Any, note: str) -> Any:
        self._only_stored(note)
        return self._plain(self._metadata.parts(tensor)[0]).reshape(-1)

    def _only_stored(self, note: str) -> None:
        self.whole = False
        self.notes.append(note)

    def _plain(self, tensor: Any) -> Any:
        cls = self._torch.Tensor
        if _dispatches(type(tensor), cls):
            raise Unreadable(_("A {type} keeps its elements to itself.", type=class_name(tensor)))
        # Without __torch_function__ the result is of class torch.Tensor, whatever the subclass.
        plain = cls.detach(tensor)
        if plain.device.type == "meta":
            raise Unreadable(_("A meta tensor has a shape and a dtype but no elements."))
        if plain.layout is self._torch.strided and not plain.is_nested:
            _check_memory(plain)
        return plain


def _dispatches(type_: type, tensor: type) -> bool:
    """Whether a subclass decides itself what operations do: then they are its code, not torch's."""
    for base in _MRO(type_):
        if base is tensor:
            return False
        if "__torch_dispatch__" in _NAMES(base):
            return True
    return True


def _check_memory(plain: Any) -> None:
    """Raise Unreadable where the storage was released: reading would kill the kernel."""
    if plain.numel() == 0:
        return
    reach = sum((size - 1) * step for size, step in zip(plain.shape, plain.stride(), strict=True))
    needed = (plain.storage_offset() + reach + 1) * plain.element_size()
    if needed > plain.untyped_storage().nbytes():
        raise Unreadable(_("Its storage is smaller than its shape needs: the memory was released."))


def _step(count: int, shape: Sequence[int]) -> int:
    """Distance of the samples, which with a factor of a dimension would miss most columns."""
    least = math.ceil(count / SAMPLE)
    for step in range(least, 2 * least):
        if len(shape) == 1 or all(math.gcd(step, size) == 1 for size in shape if size > 1):
            return step
    return least
