"""Norms of small gradients on the CPU, read where an optimizer takes its step.

That is the moment at which gradients are complete, and it comes in the main thread. Elsewhere they
must not be touched: backward() replaces them without holding Python's lock, and a look from another
thread while it does ends the kernel.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..inspector.metadata import quiet, undispatched
from ..inspector.survey import Namespace, loaded_torch
from ..inspector.walk import Walk
from ..translation import _

log = logging.getLogger(__name__)

# Up to here torch adds numbers up without its pool of threads, which belongs to the loop.
MOST_ELEMENTS = 32_768
MOST_PARAMETERS = 12


class Norms(NamedTuple):
    """The 2-norms of gradients by the parameter's name; `left_out` counts those not read."""

    values: dict[str, float]
    left_out: int


class Gradients:
    """Reads the gradients at the next step of any optimizer, each time that `take` has been called.

    That holds for runs that `begin` while they are `wanted`: others are left alone altogether.
    """

    def __init__(self, shell: Any) -> None:
        self.wanted = False
        self._shell = shell
        self._hook: Any = None
        self._is_due = False
        self._norms: Norms | None = None

    def begin(self) -> None:
        """A run begins; to be called in the main thread, as the hooks belong to the loop there."""
        # torch.optim does not show this module as its attribute.
        module = sys.modules.get("torch.optim.optimizer")
        self._is_due, self._norms = False, None
        if self.wanted and self._hook is None and module is not None:
            self._hook = module.register_optimizer_step_pre_hook(self._before_step)

    def end(self) -> None:
        """The run has ended; in the main thread too."""
        if self._hook is not None:
            self._hook.remove()
            self._hook = None

    def take(self) -> Norms | None:
        """What was read since the last time, None where nothing was."""
        norms, self._norms = self._norms, None
        self._is_due = True
        return norms

    def _before_step(self, optimizer: Any, *_: object) -> None:
        if not self._is_due:
            return
        self._is_due = False
        try:
            torch = loaded_torch()
            if torch is not None and not torch.compiler.is_compiling():
                namespace = Namespace(self._shell.user_ns, self._shell.user_ns_hidden)
                self._norms = gradient_norms(optimizer, namespace, torch)
        except Exception as problem:
            log.debug("live: gradients", exc_info=problem)


def gradient_norms(optimizer: Any, namespace: Namespace, torch: Any) -> Norms:
    """Of the parameters of `optimizer` that have a gradient; use in the main thread."""
    values: dict[str, float] = {}
    left_out = 0
    with quiet(torch), torch.no_grad(), undispatched():
        for name, tensor in _parameters(optimizer, namespace, torch):
            on_cpu = torch.Tensor.device.__get__(tensor).type == "cpu"
            small = on_cpu and torch.Tensor.numel(tensor) <= MOST_ELEMENTS
            if not small or len(values) == MOST_PARAMETERS:
                left_out += 1
                continue
            norm = _norm(tensor, torch)
            if norm is not None:
                values[name] = norm
    return Norms(values, left_out)


def _parameters(optimizer: Any, namespace: Namespace, torch: Any) -> Iterator[tuple[str, Any]]:
    """Each with its name in the notebook, or its place in the optimizer where it has none."""
    walk = Walk(namespace.variables, namespace.hidden, torch)
    names: dict[int, str] = {}
    for found in (*walk.plain, *(member for group in walk.groups for member in group.members)):
        names.setdefault(id(found.tensor), found.name)
    place = 0
    for group in optimizer.param_groups:
        for tensor in group["params"]:
            if type(tensor) in (torch.Tensor, torch.nn.Parameter):
                yield names.get(id(tensor)) or _("parameter {place}", place=place), tensor
            place += 1


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
        return float(cls.item(torch.linalg.vector_norm(gradient)))
    except Exception:
        return None
