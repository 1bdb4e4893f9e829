"""What is remembered of a traced run: numbers and text, bounded, with weak references only."""

from __future__ import annotations

from typing import Any
from weakref import ref

from ..dims import Names
from ..inspector.plain import Json, encodable
from .positions import Position

MOST_NODES = 4000
MOST_EDGES = 16_000
MOST_MODULES = 4000
# A line whose operation comes with more different shapes than these is one node from then on.
MOST_VARIANTS = 8
MOST_TENSORS = 64

OPERATION, INPUT, PARAMETER, OUTPUT = "operation", "input", "parameter", "output"
BACKWARD, STEP, MODULE = "backward", "step", "module"


class Facts:
    """Shape, dtype and device of a tensor at one moment; `dims` are the names of its dimensions."""

    __slots__ = ("device", "dims", "dtype", "shape")

    def __init__(self, tensor: Any) -> None:
        self.dims: Names | None = None
        self.shape, self.dtype, self.device = _shape(tensor), str(tensor.dtype), str(tensor.device)

    def content(self) -> Json:
        """A FlowTensor of the protocol."""
        return {
            "shape": self.shape,
            "dims": self.dims,
            "dtype": self.dtype.removeprefix("torch."),
            "device": self.device,
        }


def _shape(tensor: Any) -> list[int | None] | None:
    try:
        return [size if type(size) is int else None for size in tensor.shape]
    except RuntimeError:
        # A nested tensor, or a parameter that the first forward pass will shape.
        return None


class Node:
    """An operation on one line with the same shapes, or a tensor that came from elsewhere."""

    __slots__ = (
        *("index", "scope", "kind", "name", "position", "count", "made", "last", "known", "slots"),
        *("weights", "error", "grad_fn", "names", "tensor", "varies", "consumed"),
        *("operation", "function", "code", "instruction", "depth", "size", "taken", "next"),
        *("trust", "until"),
    )

    def __init__(
        self, index: int, scope: Scope, kind: str, name: str, position: Position | None
    ) -> None:
        self.index, self.scope, self.kind, self.name = index, scope, kind, name
        self.position = position
        self.count = 0
        self.made: list[Facts] = []
        # The nodes that its inputs came from when it last ran, and all that they ever came from.
        self.last: list[int] | None = None
        self.known: set[tuple[int, int]] = set()
        # Its inputs that no operation of the run made, by their place among the arguments.
        self.slots: dict[int, int] = {}
        self.weights: dict[str, Facts] = {}
        self.error: str | None = None
        self.grad_fn: str | None = None
        self.names: list[str] = []
        self.tensor: ref[Any] | None = None
        self.varies = False
        # By a later node: one that a loop comes back to does not count.
        self.consumed = False
        # What it is recognised by when it comes again where it is expected: after what it followed
        # last time, from the same instruction so many frames above us, with a result of the same
        # size.
        self.operation: Any = None
        self.function: object = None
        self.code: object = None
        self.instruction = 0
        self.depth = 1
        # Of its result (a backward pass has none), and of its first input.
        self.size: object = None
        self.taken: object = None
        self.next: Node = self
        # How often in a row its inputs came from where they came from before.
        self.trust = 0
        # It is only counted until it has run so often; then it is looked at in full again.
        self.until = 0

    def content(self, place: int | None, failed: bool) -> Json:
        """A FlowNode of the protocol."""
        return {
            "module": self.scope.number,
            "kind": self.kind,
            "name": encodable(self.name),
            "place": place,
            "count": self.count,
            "made": [facts.content() for facts in self.made],
            "varies": self.varies,
            "weights": [
                {"name": encodable(name), **facts.content()} for name, facts in self.weights.items()
            ],
            "names": [encodable(name) for name in self.names],
            "grad_fn": self.grad_fn,
            "failed": failed,
            "error": encodable(self.error) if failed and self.error else None,
        }


class Scope:
    """The calls of one module from one line, or (at the root) the cell. Holds no module."""

    __slots__ = (
        *("number", "parent", "name", "type", "position", "calls", "parameters", "trainable"),
        *("module", "identity", "want", "nodes", "variants", "children", "inner", "alone"),
        *("caller", "last", "leaf"),
    )

    def __init__(self, number: int | None, parent: Scope | None, want: int) -> None:
        self.number, self.parent, self.want = number, parent, want
        self.name: str | None = None
        self.type = ""
        self.position: Position | None = None
        self.calls = 0
        self.parameters: int | None = None
        self.trainable = 0
        self.module: ref[Any] | None = None
        self.identity = 0
        self.nodes: dict[Any, Node] = {}
        self.variants: dict[Any, int] = {}
        self.children: dict[Any, Scope] = {}
        # What called it last, and by the identity of a module what was entered for it last.
        self.caller: Position | None = None
        self.last: dict[int, Scope] = {}
        # The one operation of a layer that has settled.
        self.leaf: Node | None = None
        # The paths of the modules inside, by identity; made when the first of them is called.
        self.inner: dict[int, str] | None = None
        # The one node of a module whose operations are not seen.
        self.alone: Node | None = None

    def content(self, place: int | None) -> Json:
        """A FlowModule of the protocol."""
        return {
            "parent": self.parent.number if self.parent else None,
            "name": None if self.name is None else encodable(self.name),
            "type": encodable(self.type),
            "place": place,
            "calls": self.calls,
            "parameters": self.parameters or 0,
            "trainable": self.trainable,
        }


class Edge:
    """A tensor on its way from one node to another; without facts, an order of events."""

    __slots__ = ("facts", "grad", "source", "target")

    def __init__(self, source: int, target: int, facts: Facts | None, grad: bool) -> None:
        self.source, self.target, self.facts, self.grad = source, target, facts, grad

    def content(self) -> Json:
        """A FlowEdge of the protocol."""
        return {
            "source": self.source,
            "target": self.target,
            "shape": self.facts.shape if self.facts else None,
            "dims": self.facts.dims if self.facts else None,
            "dtype": self.facts.dtype.removeprefix("torch.") if self.facts else None,
            "grad": self.grad,
        }
