"""The numbers of a training loop that are worth a curve, found by name and by their changing.

Read are floats, the last float of a list, and tensors of one element on the CPU. That one may be
freed or resized by the loop in the same instant cannot be excluded, but what is read is held by a
reference, is small enough that the allocator keeps its memory mapped, and has no code of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from weakref import ref

from ..inspector.metadata import quiet
from ..inspector.plain import encodable
from .names import group_of, singular

# More memory than this goes back to the system when it is freed: reading it would end the kernel.
MOST_BYTES = 64 * 1024
TENSOR = ("torch", "Tensor")


class Scalar(NamedTuple):
    """A number by its name; `group` is loss, score or None for one that only its changes tell."""

    name: str
    group: str | None
    value: float


class Unread(NamedTuple):
    """A loss-like tensor that lies on `device`, where reading it would make the loop wait."""

    name: str
    device: str


class Before:
    """The numbers with telling names that were there before a run; of tensors weak references."""

    def __init__(self, names: Iterable[tuple[str, Any]]) -> None:
        self._held: dict[str, Any] = {}
        for name, value in names:
            number = _number(value)
            if number is not None and group_of(name):
                tensor = type(number) is not float
                self._held[name] = ref(number) if tensor else number

    def still(self, names: Iterable[tuple[str, Any]]) -> set[str]:
        """The names of those that no statement has bound anew, as `scalars` writes them."""
        found = set()
        for name, value in names:
            held = self._held.get(name)
            if held is not None and (held() if type(held) is ref else held) is _number(value):
                found.add(f"{encodable(name)}[-1]" if type(value) is list else encodable(name))
        return found


def _number(value: Any) -> Any:
    """What may be a number: a float, a list's last one, a tensor; else None."""
    if type(value) is list and value:
        value = value[-1]
    kind = type(value)
    return value if kind is float or (kind.__module__, kind.__name__) == TENSOR else None


def scalars(names: Iterable[tuple[str, Any]], torch: Any | None) -> list[Scalar | Unread]:
    """The numbers among `names`, pairs of a name and its value, in their order."""
    found: dict[str, Scalar | Unread] = {}
    lists: list[tuple[str, Any]] = []
    for name, value in names:
        type_ = type(value)
        if type_ is float:
            found[name] = Scalar(encodable(name), group_of(name), value)
        elif type_ is list and group_of(name):
            lists.append((name, value))
        elif torch is not None and type_ is torch.Tensor:
            scalar = _of_tensor(name, value, torch)
            if scalar is not None:
                found[name] = scalar
    for name, values in lists:
        # losses.append(loss): one curve is enough, unless the loss itself cannot be read.
        if not isinstance(found.get(singular(name)), Scalar) and values:
            last = values[-1]
            if type(last) is float:
                found[name] = Scalar(f"{encodable(name)}[-1]", group_of(name), last)
    return list(found.values())


def _of_tensor(name: str, tensor: Any, torch: Any) -> Scalar | Unread | None:
    cls = torch.Tensor
    try:
        with quiet(torch):
            if cls.dim(tensor) != 0 or not cls.is_floating_point(tensor):
                return None
            device = cls.device.__get__(tensor)
            group = group_of(name)
            if device.type != "cpu":
                here = group and device.type != "meta"
                return Unread(encodable(name), encodable(str(device))) if here else None
            if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
                return None
            if not cls.itemsize.__get__(tensor) <= _bytes(cls, tensor) <= MOST_BYTES:
                return None
            return Scalar(encodable(name), group, float(cls.item(tensor)))
    except Exception:
        # A tensor that refuses is not a number to show.
        return None


def _bytes(cls: Any, tensor: Any) -> int:
    """Of the memory behind it, from its element on."""
    size: int = cls.untyped_storage(tensor).nbytes()
    offset = cls.storage_offset(tensor) * cls.itemsize.__get__(tensor)
    return size - offset if size <= MOST_BYTES else MOST_BYTES + 1


def plain_names(
    variables: Mapping[str, Any], hidden: Mapping[str, Any]
) -> Iterable[tuple[str, Any]]:
    """The learner's own names: none that begins with an underscore or that the shell put there."""
    for name, value in list(dict.items(variables)) if type(variables) is dict else []:
        if type(name) is not str or name.startswith("_"):
            continue
        if name in hidden and hidden[name] is value:
            continue
        yield name, value
