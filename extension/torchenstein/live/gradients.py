"""Norms of small gradients on the CPU: read only while the learner looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..inspector.metadata import quiet
from ..inspector.walk import Found, Walk

# Up to here torch adds numbers up without its pool of threads, which belongs to the loop.
MOST_ELEMENTS = 32_768
MOST_PARAMETERS = 12


class Norms(NamedTuple):
    """The 2-norms of gradients by the parameter's name; `left_out` counts those not read."""

    values: dict[str, float]
    left_out: int


def gradient_norms(variables: Mapping[str, Any], hidden: Mapping[str, Any], torch: Any) -> Norms:
    """Of the parameters and other leaves among `variables` that have a gradient at this moment."""
    values: dict[str, float] = {}
    left_out = 0
    with quiet(torch), torch.no_grad():
        for name, _, tensor in _leaves(Walk(variables, hidden, torch), torch):
            on_cpu = torch.Tensor.device.__get__(tensor).type == "cpu"
            small = on_cpu and torch.Tensor.numel(tensor) <= MOST_ELEMENTS
            if not small or len(values) == MOST_PARAMETERS:
                left_out += 1
                continue
            norm = _norm(tensor, torch)
            if norm is not None:
                values[name] = norm
    return Norms(values, left_out)


def _leaves(walk: Walk, torch: Any) -> Iterator[Found]:
    """The tensors that take a gradient, each once."""
    seen: set[int] = set()
    for found in (*walk.plain, *(member for group in walk.groups for member in group.members)):
        tensor = found.tensor
        if id(tensor) in seen or type(tensor) not in (torch.Tensor, torch.nn.Parameter):
            continue
        seen.add(id(tensor))
        if torch.Tensor.is_leaf.__get__(tensor) and torch.Tensor.requires_grad.__get__(tensor):
            yield found


def _norm(tensor: Any, torch: Any) -> float | None:
    """None where there is no gradient, or none that can be added up."""
    cls = torch.Tensor
    try:
        gradient = cls.grad.__get__(tensor)
        if type(gradient) is not cls or cls.layout.__get__(gradient) is not torch.strided:
            return None
        # The memory of a gradient may have been released while its shape stayed.
        if cls.untyped_storage(gradient).nbytes() < cls.nbytes.__get__(gradient):
            return None
        return float(cls.item(torch.linalg.vector_norm(cls.detach(gradient))))
    except Exception:
        return None
