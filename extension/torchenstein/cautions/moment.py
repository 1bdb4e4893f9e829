"""What the names of a cell held when it began and when it ended: plain facts, no tensor.

Elements are read in one place only, `_unusual`: of floating-point tensors in the memory of the CPU
that the cell has assigned, or changed in a module, up to MOST_ELEMENTS of them, once, and not at
all where warnings of NaN and infinity are switched off.
"""

from __future__ import annotations

import ast
import cmath
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any
from weakref import ref

from ..inspector.memory import Place
from ..inspector.metadata import Metadata, ask, quiet, undispatched
from ..lines.facts import Facts, Reader
from .weights import Survey, Unusual, Versions, Weights

MOST_ELEMENTS = 1_000_000
MOST_NAMES = 200
MOST_PARAMETERS = 2000
MOST_MODULES = 500
LONGEST_LIST = 100_000


@dataclass(frozen=True, slots=True)
class Held:
    """What a name held: `identity` tells two names of one object."""

    identity: int
    facts: Facts
    requires_grad: bool
    is_leaf: bool
    has_grad: bool
    place: Place | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A tensor of a module, by its name there; `registered` unless it is a plain attribute."""

    name: str
    device: str | None
    requires_grad: bool
    has_grad: bool
    registered: bool = True


@dataclass(slots=True)
class Moment:
    """Facts of one run. `things` are weak references to modules and functions of the names."""

    succeeded: bool = True
    before: dict[str, Facts] = field(default_factory=dict)
    after: dict[str, Held] = field(default_factory=dict)
    modules: dict[str, tuple[Parameter, ...]] = field(default_factory=dict)
    optimizers: dict[str, tuple[bool, ...]] = field(default_factory=dict)
    unusual: dict[str, Unusual] = field(default_factory=dict)
    looked: set[str] = field(default_factory=set)
    things: dict[str, Any] = field(default_factory=dict)
    versions: Versions | None = None
    weights: Survey = field(default_factory=Survey)


def names_of(tree: ast.Module) -> tuple[set[str], set[str]]:
    """The names that a cell mentions, and those among them that it binds; none of a monster."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names = {node.id for node in found}
    if len(names) > MOST_NAMES:
        return set(), set()
    return names, {node.id for node in found if isinstance(node.ctx, ast.Store)}


class Camera:
    """Fills Moments; of one torch."""

    def __init__(self, torch: Any, reader: Reader) -> None:
        self._torch, self._reader = torch, reader
        self._metadata = Metadata(torch)
        self._weights = Weights(torch, reader)
        self._attributes = torch.nn.Module.__dict__["__dict__"].__get__

    def before(
        self,
        moment: Moment,
        names: Iterable[str],
        namespace: Mapping[str, Any],
        off: frozenset[str],
    ) -> None:
        for name in names:
            value = namespace.get(name)
            if self._reader.is_tensor(value):
                moment.before[name] = self._reader.facts(value)
        if "nonfinite" not in off:
            moment.versions = self._weights.before(namespace)

    def after(
        self,
        moment: Moment,
        names: Iterable[str],
        bound: set[str],
        namespace: Mapping[str, Any],
        off: frozenset[str],
    ) -> None:
        """Remember the names as they are now; `off` are the kinds that nobody wants."""
        left = MOST_ELEMENTS
        optimizer = getattr(getattr(self._torch, "optim", None), "Optimizer", ())
        for name in names:
            value = namespace.get(name)
            if self._reader.is_tensor(value):
                with quiet(self._torch):
                    held = moment.after[name] = self._held(value)
                if "nonfinite" not in off:
                    # What was there before is looked at too: what came in is no news.
                    left -= self._look(moment, name, value, held.facts, left)
            elif issubclass(type(value), self._torch.nn.Module):
                moment.things[name] = ref(value)
                moment.modules[name] = self._parameters(value)
            elif optimizer and issubclass(type(value), optimizer):
                moment.optimizers[name] = self._optimized(value)
            elif type(value) is FunctionType:
                moment.things[name] = ref(value)
            elif name in bound and "nonfinite" not in off:
                self._numbers(moment, name, value)
        versions, moment.versions = moment.versions, None
        if versions is not None and "nonfinite" not in off:
            moment.weights = self._weights.after(versions, namespace, self._read, left)

    def _held(self, tensor: Any) -> Held:
        cls = self._torch.Tensor
        leaf = ask(cls.is_leaf.__get__, tensor) is True
        records = ask(cls.requires_grad.__get__, tensor) is True
        # Asking any other tensor for its gradient makes torch print a warning.
        keeps = records and (leaf or ask(cls.retains_grad.__get__, tensor) is True)
        has_grad = keeps and ask(cls.grad.__get__, tensor) is not None
        facts, place = self._reader.facts(tensor), self._metadata.place(tensor)
        return Held(id(tensor), facts, records, leaf, has_grad, place)

    def _look(self, moment: Moment, name: str, tensor: Any, facts: Facts, left: int) -> int:
        """Look at the elements, if there are no more than `left`; how many there were."""
        count = self._readable(tensor, facts)
        if count is None or count > left:
            return 0
        moment.looked.add(name)
        unusual = ask(self._unusual, tensor)
        if unusual is not None:
            moment.unusual[name] = unusual
        return count

    def _read(self, tensor: Any, left: int) -> tuple[int, Unusual | None]:
        """The same for a tensor of a module."""
        count = self._readable(tensor, self._reader.facts(tensor))
        if count is None or count > left:
            return 0, None
        return count, ask(self._unusual, tensor)

    def _readable(self, tensor: Any, facts: Facts) -> int | None:
        """How many elements it has; None where they are not ours to read, or hold neither."""
        plain = type(tensor) in (self._torch.Tensor, self._torch.nn.Parameter)
        floating = str(facts.dtype).startswith(("float", "bfloat", "complex"))
        if not plain or not floating or facts.device != "cpu" or facts.shape is None:
            return None
        if self._metadata.layout(tensor) != "strided":
            return None
        return math.prod(size or 0 for size in facts.shape)

    def _unusual(self, tensor: Any) -> Unusual | None:
        torch = self._torch
        with quiet(torch), undispatched(), torch.no_grad():
            # A finite sum has finite terms, and is one operation; that of others may overflow.
            if cmath.isfinite(tensor.sum().item()) or bool(torch.isfinite(tensor).all()):
                return None
            nan = bool(torch.isnan(tensor).any())
            return Unusual(nan, bool(torch.isinf(tensor).any()))

    def _numbers(self, moment: Moment, name: str, value: object) -> None:
        """Python's own numbers: a loss by item(), and a list of them."""
        if type(value) is float:
            moment.looked.add(name)
            if not math.isfinite(value):
                moment.unusual[name] = Unusual(value != value, value == value)
        elif type(value) is list and 0 < len(value) <= LONGEST_LIST and type(value[0]) is float:
            moment.looked.add(name)
            for place, item in enumerate(value):
                if type(item) is float and not math.isfinite(item):
                    moment.unusual[name] = Unusual(item != item, item == item, place)
                    break

    def _parameters(self, module: Any) -> tuple[Parameter, ...]:
        """Parameters, buffers and tensors that are plain attributes, of a module and its parts."""
        found: list[Parameter] = []
        for prefix, part in self._weights.parts(module, MOST_MODULES):
            if len(found) >= MOST_PARAMETERS:
                break
            own = self._attributes(part)
            for kind in ("_parameters", "_buffers", None):
                tensors = own if kind is None else own.get(kind) or {}
                for key, tensor in dict.items(tensors):
                    if self._reader.is_tensor(tensor) and type(key) is str:
                        with quiet(self._torch):
                            held = self._held(tensor)
                        records = kind == "_parameters" and held.requires_grad
                        found.append(
                            Parameter(
                                prefix + key,
                                held.facts.device,
                                records,
                                held.has_grad,
                                kind is not None,
                            )
                        )
        return tuple(found)

    def _optimized(self, optimizer: Any) -> tuple[bool, ...]:
        """Whether each tensor of an optimizer has a gradient."""
        groups = vars(optimizer).get("param_groups")
        found: list[bool] = []
        for group in groups if type(groups) is list else ():
            for tensor in group.get("params", ()) if type(group) is dict else ():
                if self._reader.is_tensor(tensor) and len(found) < MOST_PARAMETERS:
                    with quiet(self._torch):
                        found.append(self._held(tensor).has_grad)
        return tuple(found)
