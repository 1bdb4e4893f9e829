"""Finding tensors in a namespace without running a line of the code of what lives there.

Types are asked by `type`, never by `__class__`; containers and modules are read through the methods
of the built-in class, not through those a subclass put in their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from .plain import class_name, encodable

# One container or module is walked this far, all of a namespace together that far.
MOST_ITEMS = 10_000
MOST_STEPS = 100_000
LONGEST_KEY = 60


class Found(NamedTuple):
    """A tensor and the name that leads to it; `group` is the container's name, if it is in one."""

    name: str
    group: str | None
    tensor: Any


class Group(NamedTuple):
    """A container or module that holds tensors: `type` is list, tuple, dict or module."""

    name: str
    type: str
    members: list[Found]


class Walk:
    """The tensors of `namespace`: `plain` by their own names, `groups` with the others.

    Both in the order of the names. Left out: names that begin with an underscore, and those of
    `hidden` that still hold what the shell put there (In, Out, exit, ...). `complete` is False
    where a container was too large to be walked to its end.
    """

    def __init__(self, namespace: Mapping[str, Any], hidden: Mapping[str, Any], torch: Any) -> None:
        self.plain: list[Found] = []
        self.groups: list[Group] = []
        self.complete = True
        self._steps = MOST_STEPS
        self._kinds: dict[int, str | None] = {}
        self._tensor = torch.Tensor
        self._module = torch.nn.Module
        # The instance's names through torch's own descriptor: a class may define __dict__ itself.
        self._attributes = torch.nn.Module.__dict__["__dict__"].__get__
        for name, value in _items(namespace):
            kind = self._kind(value)
            if kind is None or type(name) is not str or name.startswith("_"):
                continue
            if name in hidden and hidden[name] is value:
                continue
            if kind == "tensor":
                self.plain.append(Found(encodable(name), None, value))
            else:
                self._open(encodable(name), kind, value)

    def _kind(self, value: object) -> str | None:
        type_ = type(value)
        # By id: a metaclass may define __hash__, and every type here is alive as long as the walk.
        key = id(type_)
        if key not in self._kinds:
            self._kinds[key] = self._kind_of(type_)
        return self._kinds[key]

    def _kind_of(self, type_: type) -> str | None:
        if issubclass(type_, self._tensor):
            return "tensor"
        if issubclass(type_, self._module):
            return "module"
        for kind in (list, tuple, dict):
            if issubclass(type_, kind):
                return kind.__name__
        return None

    def _open(self, name: str, kind: str, value: Any) -> None:
        members: list[Found] = []
        for walked, (path, item) in enumerate(self._parts(name, kind, value)):
            if walked == MOST_ITEMS or self._steps == 0:
                # A long list of numbers is no reason to call the totals incomplete.
                self.complete = self.complete and not members and self._steps > 0
                break
            self._steps -= 1
            if self._kind(item) == "tensor":
                members.append(Found(path(), name, item))
        if members:
            self.groups.append(Group(name, kind, members))

    def _parts(self, name: str, kind: str, value: Any) -> Iterator[tuple[Any, Any]]:
        """Pairs of a function that writes the name, called for tensors only, and the item."""
        if kind == "module":
            yield from self._module_parts(name, value)
        elif kind == "dict":
            for place, (key, item) in enumerate(_items(value, MOST_ITEMS + 1)):
                yield (lambda key=key, place=place: f"{name}[{_key(key, place)}]"), item
        else:
            walk = list.__iter__ if kind == "list" else tuple.__iter__
            for place, item in enumerate(walk(value)):
                yield (lambda place=place: f"{name}[{place}]"), item

    def _module_parts(self, name: str, module: Any) -> Iterator[tuple[Any, Any]]:
        """Parameters and buffers by the names of state_dict, each module once, parents first."""
        seen: set[int] = set()
        waiting = [(name, module)]
        while waiting:
            prefix, module = waiting.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            attributes = self._attributes(module)
            for kind in ("_parameters", "_buffers"):
                for key, item in _entries(attributes.get(kind)):
                    yield (lambda prefix=prefix, key=key: f"{prefix}.{encodable(key)}"), item
            children = [
                (f"{prefix}.{encodable(key)}", child)
                for key, child in _entries(attributes.get("_modules"))
                if self._kind(child) == "module"
            ]
            # A module without tensors is a step too, so that an endless family ends.
            yield str, None
            waiting.extend(reversed(children))


def _items(mapping: Any, most: int | None = None) -> Iterable[tuple[Any, Any]]:
    """The items as they are now: a cell that runs in another thread may add a name meanwhile."""
    if issubclass(type(mapping), dict):
        return list(islice(dict.items(mapping), most))
    return list(islice(mapping.items(), most))


def _entries(mapping: object) -> Iterable[tuple[str, Any]]:
    if not issubclass(type(mapping), dict):
        return []
    return [(key, item) for key, item in _items(mapping) if type(key) is str]


def _key(key: object, place: int) -> str:
    """How a key is written in a name. Only built-in keys are asked for their repr."""
    if type(key) in (str, int, float, bool, type(None)):
        text = repr(key)
        if len(text) <= LONGEST_KEY:
            return encodable(text)
        return encodable(f"{text[:LONGEST_KEY]}… #{place}")
    return f"<{class_name(key)} #{place}>"
