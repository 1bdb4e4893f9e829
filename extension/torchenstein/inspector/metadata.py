"""What a tensor says of itself: reads no element, waits for no device, runs no code of a subclass.

Every property is read through the descriptor of torch.Tensor, so the `__getattribute__`, `__repr__`
and properties of a subclass are never asked. What a tensor has not (the stride of a CSR matrix, the
version of an inference tensor) comes as None.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from .memory import Place
from .plain import Json, class_name

Value = TypeVar("Value")

# The tensors that a sparse one is made of, its values first. It has no storage of its own.
PARTS = {
    "sparse_coo": ("_values", "_indices"),
    "sparse_csr": ("values", "crow_indices", "col_indices"),
    "sparse_csc": ("values", "ccol_indices", "row_indices"),
    "sparse_bsr": ("values", "crow_indices", "col_indices"),
    "sparse_bsc": ("values", "ccol_indices", "row_indices"),
}


def quiet(torch: Any) -> AbstractContextManager[Any]:
    """Context without `__torch_function__` and function modes, a default device's included."""
    context: AbstractContextManager[Any] = torch._C.DisableTorchFunction()
    return context


def undispatched() -> AbstractContextManager[Any]:
    """Context without dispatch modes, for the few places where an operation cannot be avoided."""
    modes: Any = sys.modules["torch.utils._python_dispatch"]
    context: AbstractContextManager[Any] = modes._disable_current_modes()
    return context


def ask(read: Callable[[Any], Value], tensor: Any) -> Value | None:
    """`read(tensor)`, or None where the tensor refuses: an answer too, and no error of ours."""
    try:
        return read(tensor)
    except Exception:
        return None


class Words(dict[Any, str | None]):
    """Dtypes, layouts and devices as text without the prefix `torch.`, None as None."""

    def __missing__(self, value: Any) -> str | None:
        self[value] = word = None if value is None else str(value).removeprefix("torch.")
        return word


class Metadata:
    """Reads tensors of one torch; use inside `quiet`. Sizes in elements, memory in bytes."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._class = cls = torch.Tensor
        self._parameter = torch.nn.Parameter
        self._lazy = torch.nn.parameter.UninitializedTensorMixin
        self._strided = torch.strided
        self._words = Words()
        self._layout = cls.layout.__get__
        self._grad = cls.grad.__get__
        # backward() replaces gradients without holding Python's lock: reading one from another
        # thread while it does would end the kernel.
        self._sees_gradients = threading.current_thread() is threading.main_thread()
        self._attributes = cls.__dict__["__dict__"].__get__
        self._fields = {
            "shape": cls.shape.__get__,
            "dtype": cls.dtype.__get__,
            "device": cls.device.__get__,
            "layout": self._layout,
            "requires_grad": cls.requires_grad.__get__,
            "is_leaf": cls.is_leaf.__get__,
            "bytes": cls.nbytes.__get__,
            "contiguous": cls.is_contiguous,
            "stride": cls.stride,
            "storage_offset": cls.storage_offset,
            "version": cls._version.__get__,
        }.items()

    def add_facts(self, facts: Json, tensor: Any) -> None:
        """Add the fields of a TensorSummary that the tensor alone decides."""
        type_ = type(tensor)
        facts["type"] = "Tensor" if type_ is self._class else class_name(tensor)
        facts["grad"] = None
        for field, read in self._fields:
            # As in `ask`, written out: this runs ten times for each of a thousand tensors.
            try:
                facts[field] = read(tensor)
            except Exception:
                facts[field] = None
        if self._sees_gradients and facts["is_leaf"] and facts["requires_grad"]:
            facts["grad"] = "none" if ask(self._grad, tensor) is None else "set"
        if facts["layout"] is not self._strided:
            facts["bytes"] = ask(self._bytes_of_parts, tensor)
        for field in ("dtype", "device", "layout"):
            facts[field] = self._words[facts[field]]
        facts["shape"] = None if issubclass(type_, self._lazy) else whole(facts["shape"])
        facts["stride"] = whole(facts["stride"])
        if type(facts["storage_offset"]) is not int:
            facts["storage_offset"] = None
        facts["is_parameter"] = issubclass(type_, self._parameter)

    def layout(self, tensor: Any) -> str | None:
        """strided, sparse_coo, jagged and so on."""
        return self._words[ask(self._layout, tensor)]

    def lazy(self, tensor: Any) -> bool:
        """Whether it is a parameter whose shape the first forward pass will decide."""
        return issubclass(type(tensor), self._lazy)

    def is_view(self, tensor: Any) -> bool:
        """Whether torch made it as a view of another tensor."""
        return ask(self._class._is_view, tensor) is True

    def place(self, tensor: Any) -> Place | None:
        """Where its memory lies; None where that cannot be seen."""
        return ask(self._place, tensor)

    def parts(self, tensor: Any) -> Sequence[Any]:
        """The tensors that hold its elements, values first: itself if neither sparse nor ragged."""
        layout = self.layout(tensor)
        if layout == "jagged":
            attributes = self._attributes(tensor)
            return [attributes[part] for part in ("_values", "_offsets")]
        if layout not in PARTS:
            return [tensor]
        with self._torch.no_grad(), undispatched():
            return [getattr(self._class, part)(tensor) for part in PARTS[layout]]

    def _place(self, tensor: Any) -> Place:
        if self._layout(tensor) is self._strided:
            return self._place_of_one(tensor)
        first, *rest = map(self._place_of_one, self.parts(tensor))
        return first._replace(rest=tuple(rest))

    def _place_of_one(self, tensor: Any) -> Place:
        storage = self._class.untyped_storage(tensor)
        device = self._words[storage.device] or ""
        if device == "meta":
            # Meta and fake tensors: sizes without memory behind them.
            return Place(device, 0, 0, storage._cdata)
        address = storage.data_ptr()
        return Place(device, address, storage.nbytes(), 0 if address else storage._cdata)

    def _bytes_of_parts(self, tensor: Any) -> int:
        return sum(map(self._class.nbytes.__get__, self.parts(tensor)))


def whole(sizes: Any) -> list[int | None] | None:
    """Sizes or strides as a list, None for a symbolic one."""
    return None if sizes is None else [n if type(n) is int else None for n in sizes]
