"""Layers of torch.nn on shapes: the layer's own forward on a twin whose parameters are Shadows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import allowed
from .lookup import Unknown
from .shadow import Shadow, is_tensor, shadow

if TYPE_CHECKING:
    from .operations import Operations

HOOKS = ("_forward_hooks", "_forward_pre_hooks")


class Layers:
    """Calls layers that are exactly torch's; a subclass is the learner's code."""

    def __init__(self, torch: Any, operations: Operations) -> None:
        self._torch = torch
        self._operations = operations
        self._attributes = torch.nn.Module.__dict__["__dict__"].__get__

    def call(self, layer: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        """`layer(*arguments)`. Raises Unknown for other layers, or what torch raises."""
        attributes = self._attributes(layer)
        type_ = type(layer)
        name = type_.__name__
        known = name in allowed.LAYERS and getattr(self._torch.nn, name) is type_
        hooked = "forward" in attributes or any(attributes.get(hook) for hook in HOOKS)
        if not known or hooked:
            raise Unknown(name)
        if name == "Sequential":
            for child in attributes["_modules"].values():
                arguments = [self.call(child, arguments, keywords)]
            return arguments[0]
        return self._forward(type_, attributes, arguments, keywords)

    def _forward(self, type_: Any, attributes: Any, arguments: list[Any], keywords: Any) -> Any:
        twin = object.__new__(type_)
        own: list[Shadow] = []
        values = dict(attributes, training=False)
        for kind in ("_parameters", "_buffers"):
            values[kind] = {key: self._meta(t, own) for key, t in attributes[kind].items()}
        self._attributes(twin).update(values)
        self._check(type_.__name__, own, arguments)
        return self._operations.apply(
            lambda *a, **k: type_.forward(twin, *a, **k), type_.__name__, arguments, keywords
        )

    def _meta(self, tensor: Any, own: list[Shadow]) -> Any:
        if not is_tensor(self._torch, tensor):
            return None
        found = shadow(self._torch, tensor)
        if found is None:
            raise Unknown("parameter")
        own.append(found)
        return found.meta

    def _check(self, name: str, own: list[Shadow], arguments: list[Any]) -> None:
        """Refuse the dtypes and devices that the real layer refuses."""
        from .operations import Mismatch, found

        inputs = found(arguments)
        self._operations.common_device([*own, *inputs])
        whole = {s.meta.dtype for s in inputs}
        if name == "Embedding":
            if not whole <= {self._torch.int64, self._torch.int32}:
                raise Mismatch("dtype")
        elif not name.endswith("Loss") and own and inputs and own[0].meta.dtype not in whole:
            raise Mismatch("dtype")
