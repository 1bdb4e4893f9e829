"""Plain data: the only things that pass between the learner's side and the judge's side.

Tensors, numbers, strings, None, torch's dtype, device and Size, and lists, tuples and dicts of
them. Anything else (an object of the learner's own class, a generator) is refused with its type
named, so that a check behaves the same whether the two sides share a process or not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

ATOMS = (type(None), bool, int, float, complex, str, bytes, torch.dtype, torch.device)


class NotPlain(TypeError):
    """A value that is not plain data."""


@dataclass(frozen=True)
class TensorFacts:
    """What is true of a result tensor besides its numbers."""

    device: str
    requires_grad: bool
    contiguous: bool


def is_plain_tensor(value: object) -> bool:
    """Whether `value` is a tensor of torch's own two types."""
    return type(value) in (torch.Tensor, torch.nn.Parameter)


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield `(path, leaf)` for every leaf; the path reads like Python: `[0]`, `['mean']`."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, f"{path}[{key!r}]")
    elif isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        for index, item in enumerate(value):
            yield from walk(item, f"{path}[{index}]")
    else:
        yield path, value


def rebuild(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """The same structure with `leaf` applied to each leaf (structures are made anew)."""
    if isinstance(value, dict):
        return {key: rebuild(item, leaf) for key, item in value.items()}
    if isinstance(value, torch.Size):
        return value
    if isinstance(value, tuple):
        return tuple(rebuild(item, leaf) for item in value)
    if isinstance(value, list):
        return [rebuild(item, leaf) for item in value]
    return leaf(value)


def exact(value: Any) -> Any:
    """A number or text of a subclass (NumPy's float64, an enum) as its base type."""
    if isinstance(value, bool):
        return value
    numbers: tuple[Any, ...] = (int, float, complex)
    for kind in numbers:
        if isinstance(value, kind):
            return kind.__pos__(value)
    if isinstance(value, str):
        return str.__getitem__(value, slice(None))
    return value


def fresh(value: Any) -> Any:
    """A copy of a tensor with its strides, device and `requires_grad`; other leaves as they are."""
    if not is_plain_tensor(value):
        return value
    source = value.detach()
    if source.layout is not torch.strided or source.is_meta or not source.numel():
        copy = source.clone()
    elif any(stride == 0 for stride in source.stride()):
        copy = source.clone(memory_format=torch.contiguous_format)
    else:
        copy = torch.empty_strided(
            source.size(), source.stride(), dtype=source.dtype, device=source.device
        )
        copy.copy_(source)
    return copy.requires_grad_(value.requires_grad) if value.requires_grad else copy


def to_plain(value: Any) -> tuple[Any, dict[str, TensorFacts]]:
    """Take a result apart: its plain form with tensors detached on the CPU, and tensor facts.

    Returns:
        The plain value, and for each tensor's path its `TensorFacts`.

    Raises:
        NotPlain: a leaf is no plain data.
    """
    facts: dict[str, TensorFacts] = {}
    for path, leaf in walk(value):
        if is_plain_tensor(leaf):
            facts[path] = TensorFacts(leaf.device.type, leaf.requires_grad, leaf.is_contiguous())
        elif not isinstance(leaf, ATOMS) and not isinstance(leaf, torch.Size):
            where = f" at {path}" if path else ""
            numpy = type(leaf).__module__ == "numpy"
            raise NotPlain(f"a {'NumPy ' if numpy else ''}{type(leaf).__name__}{where}")
    return rebuild(value, _settled), facts


def _settled(leaf: Any) -> Any:
    if not is_plain_tensor(leaf):
        return exact(leaf)
    data = leaf.detach()
    return data if data.is_meta else data.cpu().clone()
