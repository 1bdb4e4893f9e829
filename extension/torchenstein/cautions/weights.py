"""Whether the modules of the notebook came out of a cell with NaN or infinity.

Of every parameter and buffer its identity and version are read at both ends of a cell, and of
those that changed in between the elements, at its end. Kept are numbers, names and weak references
to modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import ref

from ..inspector.metadata import ask, quiet
from ..lines.facts import Reader

MOST_TENSORS = 2000
MOST_PARTS = 2000


@dataclass(frozen=True, slots=True)
class Unusual:
    """Whether there is NaN, whether infinity; `first` is the place of the first one in a list."""

    nan: bool
    inf: bool
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Spoiled:
    """The tensors of a module that hold NaN or infinity, in its order, and what the first holds."""

    tensors: tuple[str, ...]
    what: Unusual


@dataclass(slots=True)
class Versions:
    """The state of modules when a cell began: the version of each tensor, by identity."""

    parts: set[int] = field(default_factory=set)
    tensors: dict[int, int | None] = field(default_factory=dict)


@dataclass(slots=True)
class Survey:
    """What a cell left of modules, by name: those it spoiled, and those that had been before."""

    fresh: dict[str, Spoiled] = field(default_factory=dict)
    old: set[str] = field(default_factory=set)


# The elements of a tensor of a module, if there are no more than so many: how many, and the find.
Look = Callable[[Any, int], tuple[int, Unusual | None]]


class Weights:
    """Surveys the modules that names of the notebook hold; of one torch."""

    def __init__(self, torch: Any, reader: Reader) -> None:
        self._torch, self._reader = torch, reader
        self._attributes = torch.nn.Module.__dict__["__dict__"].__get__
        self._version = torch.Tensor._version.__get__
        self._records = torch.Tensor.requires_grad.__get__
        # By the identity of each part of a module: which of its tensors were found spoiled.
        self._spoiled: dict[int, tuple[ref[Any], set[str]]] = {}

    def before(self, namespace: Mapping[str, Any]) -> Versions:
        versions = Versions()
        with quiet(self._torch):
            for _, parts in self._modules(namespace):
                for _, part in parts:
                    versions.parts.add(id(part))
                    for _, _, tensor in self._tensors(part):
                        versions.tensors[id(tensor)] = ask(self._version, tensor)
        return versions

    def after(
        self, versions: Versions, namespace: Mapping[str, Any], look: Look, left: int
    ) -> Survey:
        """Look at what has changed since `versions`, up to `left` elements of it."""
        survey, known, now = Survey(), self._spoiled, {}
        modules = self._modules(namespace)
        seen: set[int] = set()
        inner = {id(part) for _, parts in modules for _, part in parts[1:]}
        # The whole before its parts: model.0.weight, though there is a name for model[0], too.
        for name, parts in sorted(modules, key=lambda module: id(module[1][0][1]) in inner):
            found: list[tuple[str, Unusual | None]] = []
            had = False
            for prefix, part in parts:
                weak, before = known.get(id(part), (None, set[str]()))
                before = before if weak is not None and weak() is part else set()
                had |= bool(before)
                if id(part) in seen:
                    continue
                seen.add(id(part))
                kept = set(before)
                for key, kind, tensor in self._changed(part, versions):
                    count, what = look(tensor, left)
                    left -= count
                    if not count:
                        continue
                    kept.discard(key)
                    if what is not None and (what.nan or self._is_trained(kind, tensor)):
                        kept.add(key)
                        found.append((prefix + key, what))
                if kept:
                    now[id(part)] = ref(part), kept
            holds = any(id(part) in now for _, part in parts)
            if holds and had:
                survey.old.add(name)
            elif found and found[0][1] is not None:
                survey.fresh[name] = Spoiled(tuple(tensor for tensor, _ in found), found[0][1])
        self._spoiled = now
        return survey

    def _is_trained(self, kind: str, tensor: Any) -> bool:
        """Infinity is meant in a buffer or a constant: it is a mask."""
        return kind == "_parameters" and ask(self._records, tensor) is True

    def _changed(self, part: Any, versions: Versions) -> list[tuple[str, str, Any]]:
        """The tensors of a part that has changed.

        Batch normalization writes its running statistics without counting a version up; it does
        so for the number of batches beside them. Hence all tensors of the part.
        """
        tensors = list(self._tensors(part))
        if id(part) not in versions.parts:
            # What was never written into may be empty(), which promises nothing.
            return [each for each in tensors if ask(self._version, each[2])]
        known = versions.tensors
        for _, _, tensor in tensors:
            if id(tensor) not in known or known[id(tensor)] != ask(self._version, tensor):
                return tensors
        return []

    def _tensors(self, part: Any) -> Iterator[tuple[str, str, Any]]:
        own = self._attributes(part)
        for kind in ("_parameters", "_buffers"):
            for key, tensor in dict.items(own.get(kind) or {}):
                if self._reader.is_tensor(tensor) and type(key) is str:
                    yield key, kind, tensor

    def _count(self, part: Any) -> int:
        own = self._attributes(part)
        return len(own.get("_parameters") or ()) + len(own.get("_buffers") or ())

    def _modules(self, namespace: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, Any]]]]:
        """The modules of names, each with its parts; a module of two names under the first."""
        left, tensors = MOST_PARTS, MOST_TENSORS
        found: list[tuple[str, list[tuple[str, Any]]]] = []
        seen: set[int] = set()
        for name, module in list(namespace.items()):
            if not issubclass(type(module), self._torch.nn.Module) or id(module) in seen:
                continue
            # _ and _7 are what IPython keeps of its answers.
            if name.startswith("_") or left <= 0 or tensors <= 0:
                continue
            seen.add(id(module))
            parts = self.parts(module, left)
            left -= len(parts)
            tensors -= sum(self._count(part) for _, part in parts)
            if parts:
                found.append((name, parts))
        return found

    def parts(self, module: Any, most: int) -> list[tuple[str, Any]]:
        """The module and what it is made of; nothing if accelerate moves its tensors about."""
        found: list[tuple[str, Any]] = []
        seen: set[int] = set()
        waiting = [("", module)]
        while waiting and len(found) < most:
            prefix, part = waiting.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            own = self._attributes(part)
            if "_hf_hook" in own:
                return []
            found.append((prefix, part))
            children = [
                (f"{prefix}{key}.", child)
                for key, child in dict.items(own.get("_modules") or {})
                if issubclass(type(child), self._torch.nn.Module)
            ]
            waiting.extend(reversed(children))
        return found
