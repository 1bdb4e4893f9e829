"""One traced run as it goes: which operation took which tensors from where.

Tensors are known by identity, checked by a weak reference: none is kept alive. The same operation
on the same line with the same shapes is one node however often it runs, so a loop costs what its
body does. Everything here runs between two operations, with torch's function modes off.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import FrameType
from typing import Any
from weakref import ref

from ..inspector.plain import class_name
from . import model
from .model import Edge, Facts, Node, Scope
from .operations import ASSIGN, BACKWARD, PLAIN, Operation
from .parts import inside, members
from .positions import FILLING, LEARNERS, Frames, Position

# Where a parameter of a module comes from: from the module, so no edge.
OWNED = -1
MOST_PRODUCERS = 20_000
# Most arguments are of these and hold no tensor.
ATOMS = frozenset((type(None), bool, int, float, str))
LONGEST_ERROR = 300
# So often must the inputs of a node have come the same way before it is only counted, and every
# so many times they are looked at all the same.
TRUSTED, CHECKED = 4, 256
# Of one whose line lies further up than so many frames not even that.
DEEPEST = 8


class Recording:
    """The nodes, edges and modules of one run."""

    def __init__(self, torch: Any, names: dict[int, tuple[ref[Any], str]]) -> None:
        """`names` has the tensors that the learner's variables hold now, weakly, by identity."""
        self._names = names
        self.frames = Frames(torch)
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.scopes: list[Scope] = []
        self.root = Scope(None, None, LEARNERS)
        self.scope = self.root
        self.omitted = self._unlisted = 0
        self.problem: str | None = None
        # How often the inputs of a node must have come the same way before it is only counted.
        self.trusted: float = TRUSTED
        # While set, what modules and operations do belongs to another operation.
        self.paused = False
        self._tensor = torch.Tensor
        self._plain = frozenset((torch.Tensor, torch.nn.Parameter))
        # By the identity of a tensor: the tensor, weakly, and the node that made it.
        self.producers: dict[int, tuple[ref[Any], int]] = {}
        self._room = MOST_PRODUCERS
        self._owned: dict[int, str] = {}
        self._codes: list[object] = []
        self.backward = OWNED
        # The last node; what followed it when it ran before is expected now.
        self._nobody = Node(-1, self.root, "", "", None)
        self.previous = self._nobody
        self._failed: Node | None = None

    def record(
        self, operation: Operation, args: Sequence[Any], kwargs: Any, result: Any, frame: FrameType
    ) -> None:
        """The operation has given `result`; `frame` is where torch was called."""
        plain = self._plain
        effect = operation.effect
        if type(result) in plain:
            made: Sequence[Any] = (result,)
        elif effect is ASSIGN:
            made = args[:1]
        else:
            made = self.tensors(result)
            if not made and effect is not BACKWARD:
                return
        taken: list[Any] = []
        for value in (*args, *kwargs.values()) if kwargs else args:
            kind = type(value)
            if kind in plain:
                taken.append(value)
            elif kind not in ATOMS:
                self._gather(value, taken)
        node = self._node(operation, taken, frame)
        if node is None:
            self._unlisted += 1
            self.previous = self._nobody
            return
        self.previous.next = node
        self.previous = node
        node.count += 1
        self._connect(node, taken)
        if not node.made or (node.varies and node.made[0].shape != _sizes(made)):
            node.made = [Facts(tensor) for tensor in made]
            if made:
                node.grad_fn = _grad_fn(made[0])
            comes_again = effect is BACKWARD or (type(result) in plain and effect is PLAIN)
            if comes_again and not node.varies and node.depth <= DEEPEST:
                node.operation, node.function = operation, operation.function
                node.size = None if result is None else result.shape
                node.taken = taken[0].shape if taken else None
        producers, index = self.producers, node.index
        for tensor in made:
            producers[id(tensor)] = (ref(tensor), index)
        if len(producers) > self._room:
            self._prune()
        if effect is BACKWARD:
            self.backward = index

    def skip(self, node: Node, result: Any) -> None:
        """`node` has run again just as before."""
        node.count += 1
        self.producers[id(result)] = (ref(result), node.index)
        self.previous = node

    def pause(self) -> Node:
        """Record nothing until `resume`, which takes the answer."""
        previous, self.previous = self.previous, self._nobody
        self.paused = True
        return previous

    def resume(self, previous: Node) -> None:
        """Go on, unless there has been a problem."""
        self.paused = self.problem is not None
        if not self.paused:
            self.previous = previous

    @property
    def operations(self) -> int:
        """How many operations ran."""
        kinds = (model.OPERATION, model.BACKWARD)
        return self._unlisted + sum(node.count for node in self.nodes if node.kind in kinds)

    def fail(
        self, operation: Operation, args: Sequence[Any], kwargs: Any, error: str, frame: FrameType
    ) -> None:
        """The operation has raised an error."""
        taken = self.tensors([*args, *(kwargs or {}).values()])
        node = self._node(operation, taken, frame, error)
        if node is not None:
            node.count += 1
            node.error = error[:LONGEST_ERROR]
            self._connect(node, taken)
            self._failed = node

    def fail_unseen(self, leaf: Node, args: Sequence[Any], error: str) -> None:
        """The one operation of a layer has raised an error while nobody looked at it."""
        taken = self.tensors(args)
        node = self._add(leaf.scope, leaf.kind, leaf.name, leaf.position)
        if node is not None:
            node.count = 1
            node.error = error[:LONGEST_ERROR]
            self._connect(node, taken)
            self._failed = node

    def alone(self, scope: Scope, taken: Sequence[Any], made: Sequence[Any]) -> None:
        """A module whose operations are not seen has been called: it is one node."""
        node = scope.alone
        if node is None:
            node = scope.alone = self._add(scope, model.MODULE, scope.type, scope.position)
        if node is None:
            return
        node.count += 1
        self._connect(node, taken)
        if not node.made:
            node.made = [Facts(tensor) for tensor in made]
            node.grad_fn = _grad_fn(made[0]) if made else None
        for tensor in made:
            self.producers[id(tensor)] = (ref(tensor), node.index)

    def step(self, name: str, frame: FrameType) -> None:
        """An optimizer has made a step: it takes the gradients."""
        caller: FrameType | None = frame
        while caller is not None and self.frames.kind(caller) == FILLING:
            caller = caller.f_back
        position = self.frames.position(caller, LEARNERS)
        key = (name, position)
        node = self.root.nodes.get(key)
        if node is None:
            node = self._add(self.root, model.STEP, name, position)
            if node is None:
                return
            self.root.nodes[key] = node
        node.count += 1
        if self.backward >= 0 and not node.known:
            node.known.add((self.backward, 0))
            self._edge(self.backward, node, None)

    def gradient(self, tensor: Any) -> None:
        """The learner has read the gradient of a tensor: the last backward pass made it."""
        if tensor is not None and self.backward >= 0:
            entry = self.producers.get(id(tensor))
            if entry is None or entry[0]() is not tensor:
                self.producers[id(tensor)] = (ref(tensor), self.backward)

    def tensors(self, value: Any) -> list[Any]:
        """The tensors in `value`, which may be one or a plain container of some."""
        found: list[Any] = []
        self._gather(value, found)
        return found

    def is_known(self, tensor: Any) -> bool:
        """Whether a node of this run made `tensor`, or handed it in."""
        entry = self.producers.get(id(tensor))
        return entry is not None and entry[0]() is tensor

    @property
    def failed(self) -> Node | None:
        """The operation that raised last."""
        return self._failed

    def _gather(self, value: Any, found: list[Any], depth: int = 0) -> None:
        kind = type(value)
        if kind in self._plain or issubclass(kind, self._tensor):
            found.append(value)
        elif issubclass(kind, (tuple, list)) and depth < 3:
            for part in value[: model.MOST_TENSORS]:
                self._gather(part, found, depth + 1)
        elif kind is dict and depth < 3:
            for part in list(value.values())[: model.MOST_TENSORS]:
                self._gather(part, found, depth + 1)

    def _node(
        self,
        operation: Operation,
        taken: Sequence[Any],
        frame: FrameType | None,
        error: str | None = None,
    ) -> Node | None:
        scope = self.scope
        position, steps = self.frames.find(frame, scope.want)
        code, instruction = position or (None, 0)
        try:
            key: Any = (operation, id(code), instruction, *[tensor.shape for tensor in taken])
        except RuntimeError:
            # A nested tensor tells no shape.
            key = (operation, id(code), instruction)
        if error is not None:
            # The same line may have gone well with these shapes before.
            key = (*key, error)
        node = scope.nodes.get(key)
        if node is not None:
            return node
        line = (operation, id(code), instruction)
        variants = scope.variants.get(line, 0)
        if variants >= model.MOST_VARIANTS and error is None:
            node = scope.nodes.get(line)
            if node is not None:
                return node
            key = line
        kind = model.BACKWARD if operation.effect is BACKWARD else model.OPERATION
        # The place that is shown is the learner's own: inside of a library's layer, the layer's.
        shown = position if scope.want == LEARNERS else scope.position
        node = self._add(scope, kind, operation.name, shown)
        if node is not None:
            node.varies = key == line and len(taken) > 0
            node.code, node.instruction, node.depth = code, instruction, 1 + steps
            scope.variants[line] = variants + 1
            scope.nodes[key] = node
            # Its code must not make room for another one with the same identity.
            self._codes.append(code)
        return node

    def _add(self, scope: Scope, kind: str, name: str, position: Position | None) -> Node | None:
        if len(self.nodes) >= model.MOST_NODES:
            self.omitted += 1
            return None
        node = Node(len(self.nodes), scope, kind, name, position)
        self.nodes.append(node)
        return node

    def _connect(self, node: Node, taken: Sequence[Any]) -> None:
        producers = self.producers
        sources = []
        for slot, tensor in enumerate(taken):
            entry = producers.get(id(tensor))
            if entry is not None and entry[0]() is tensor:
                sources.append(entry[1])
            else:
                sources.append(self._from_outside(node, slot, tensor))
        if sources == node.last:
            node.trust += 1
            node.until = node.count + CHECKED if node.trust >= self.trusted else 0
        else:
            node.last = sources
            node.trust = node.until = 0
            for slot, (source, tensor) in enumerate(zip(sources, taken, strict=True)):
                if source >= 0:
                    if (source, slot) not in node.known:
                        node.known.add((source, slot))
                        self._edge(source, node, tensor)
                elif id(tensor) in self._owned and len(node.weights) < model.MOST_TENSORS:
                    node.weights.setdefault(self._owned[id(tensor)], Facts(tensor))

    def _edge(self, source: int, target: Node, tensor: Any) -> None:
        if len(self.edges) >= model.MOST_EDGES:
            self.omitted += 1
            return
        if source < target.index:
            self.nodes[source].consumed = True
        facts = None if tensor is None else Facts(tensor)
        grad = tensor is not None and bool(tensor.requires_grad)
        self.edges.append(Edge(source, target.index, facts, grad))

    def _from_outside(self, node: Node, slot: int, tensor: Any) -> int:
        """The node of a tensor that no operation of the run made, or OWNED."""
        name = self._owner(tensor)
        if name is not None:
            source = OWNED
            self._owned[id(tensor)] = name
        else:
            source = node.slots.get(slot, OWNED)
            if source == OWNED:
                leaf = bool(tensor.requires_grad) and bool(tensor.is_leaf)
                kind = model.PARAMETER if leaf else model.INPUT
                hint = "" if tensor.grad_fn is None else type(tensor.grad_fn).__name__
                added = self._add(self.root, kind, hint, None)
                if added is None:
                    return OWNED
                source = node.slots[slot] = added.index
            given = self.nodes[source]
            given.count += 1
            given.tensor = ref(tensor)
            known = self._names.get(id(tensor))
            if known is not None and known[0]() is tensor:
                given.name = known[1]
            given.made = [Facts(tensor)]
        self.producers[id(tensor)] = (ref(tensor), source)
        return source

    def _owner(self, tensor: Any) -> str | None:
        """The name of a parameter or buffer of the modules that run now, or of their parts."""
        scope: Scope | None = self.scope
        while scope is not None and scope.module is not None:
            module = scope.module()
            for path, part in inside(module) if module is not None else ():
                for place in ("_parameters", "_buffers"):
                    for name, value in members(part, place).items():
                        if value is tensor:
                            return f"{path}.{name}" if path else str(name)
            scope = scope.parent
        return None

    def _prune(self) -> None:
        """Forget the tensors that are gone; where too many live on, all of them."""
        alive = {key: entry for key, entry in self.producers.items() if entry[0]() is not None}
        self.producers = alive if len(alive) < 2 * MOST_PRODUCERS else {}
        self._room = max(MOST_PRODUCERS, 2 * len(self.producers))


def _sizes(made: Sequence[Any]) -> list[Any] | None:
    return list(made[0].shape) if made else None


def _grad_fn(tensor: Any) -> str | None:
    """The class of the node that autograd keeps for `tensor`."""
    found = tensor.grad_fn
    return None if found is None else class_name(found)
