"""Reading names, attributes and items of a frame without running what a class puts in their way."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from ..dims import Names
from .shadow import is_tensor, shadow

MOST_ITEMS = 1000
MISSING = object()


class Unknown(Exception):
    """The value cannot be known without running the learner's code, or code we do not know."""


class Scope:
    """The names of one frame. `bound` holds those a comprehension gives while it is evaluated."""

    def __init__(
        self,
        torch: Any,
        namespaces: list[Mapping[str, Any]],
        names: Callable[[str, int], Names | None],
    ) -> None:
        self._torch = torch
        self._namespaces = namespaces
        self._names = names
        self._attributes = torch.nn.Module.__dict__["__dict__"].__get__
        self.bound: list[dict[str, Any]] = []
        # Names whose values the frame no longer has, though another of that name may be there.
        self.hidden: set[str] = set()

    def variable(self, name: str) -> Any:
        for bound in reversed(self.bound):
            if name in bound:
                return bound[name]
        if name in self.hidden:
            raise Unknown(name)
        for namespace in self._namespaces:
            if name in namespace:
                return self.read(namespace[name], name)
        raise Unknown(name)

    def member(self, base: Any, name: str, text: str = "") -> Any:
        """The attribute `name` of a module of Python or torch, or of an instance that stores it."""
        if type(base) is ModuleType or issubclass(type(base), ModuleType):
            found = vars(base).get(name, MISSING)
        elif issubclass(type(base), self._torch.nn.Module):
            found = self._of_layer(base, name)
        else:
            found = inspect.getattr_static(base, name, MISSING)
            if hasattr(type(found), "__get__"):
                raise Unknown(name)
        if found is MISSING:
            raise Unknown(name)
        return self.read(found, text)

    def item(self, base: Any, index: Any) -> Any:
        """`base[index]` of a built-in container or a container of layers."""
        nn = self._torch.nn
        if type(base) in (nn.ModuleList, nn.Sequential) and type(index) is int:
            layers = list(self._attributes(base)["_modules"].values())
            return self.read(layers[index])
        if type(base) is nn.ModuleDict and type(index) is str:
            return self.read(self._attributes(base)["_modules"][index])
        if type(base) in (nn.ParameterList,):
            return self.read(self._attributes(base)["_parameters"][str(index)])
        if issubclass(type(base), tuple | list) and type(index) in (int, slice):
            getter = tuple.__getitem__ if issubclass(type(base), tuple) else list.__getitem__
            return getter(base, index)
        if issubclass(type(base), dict) and type(index) in (str, int):
            return self.read(dict.__getitem__(base, index))
        raise Unknown("item")

    def read(self, value: Any, text: str = "") -> Any:
        """A raw value as the evaluator has it: tensors as Shadows, lists with Shadows in them."""
        if is_tensor(self._torch, value):
            found = shadow(self._torch, value)
            if found is None:
                raise Unknown(text)
            if text:
                found.names = self._names(text, found.meta.dim())
            return found
        if type(value) in (list, tuple):
            if len(value) > MOST_ITEMS:
                raise Unknown(text)
            return type(value)(self.read(item) for item in value)
        return value

    def attribute(self, layer: Any, name: str) -> Any | None:
        """The raw attribute `name` of a module, None if it stores none."""
        found = self._of_layer(layer, name)
        return None if found is MISSING else found

    def _of_layer(self, layer: Any, name: str) -> Any:
        attributes = self._attributes(layer)
        for kind in ("_parameters", "_buffers", "_modules"):
            if name in attributes.get(kind, {}):
                return attributes[kind][name]
        return attributes[name] if name in attributes else self._of_class(layer, name)

    def _of_class(self, layer: Any, name: str) -> Any:
        found = inspect.getattr_static(type(layer), name, MISSING)
        return found if type(found) in (bool, int, float, str) else MISSING
