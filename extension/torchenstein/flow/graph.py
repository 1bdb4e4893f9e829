"""From a recording to the graph that the page draws: plain data, with the learner's names in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from weakref import ref

from ..inspector.metadata import quiet
from ..inspector.plain import Json, class_name, encodable
from . import model
from .model import Edge, Facts, Node
from .modules import parameters_of
from .names import name_dimensions
from .positions import Places
from .recording import Recording

MOST_NAMES = 20_000


def named(torch: Any, variables: Mapping[str, Any], kind: Any) -> Iterator[tuple[str, Any]]:
    """The learner's variables that hold a tensor or module (`kind`) themselves."""
    for number, (name, value) in enumerate(list(variables.items())):
        if number == MOST_NAMES:
            return
        if type(name) is str and not name.startswith("_") and issubclass(type(value), kind):
            yield name, value


def names_of(torch: Any, variables: Mapping[str, Any]) -> dict[int, tuple[ref[Any], str]]:
    """The names of tensors by identity, held weakly."""
    found: dict[int, tuple[ref[Any], str]] = {}
    for name, tensor in named(torch, variables, torch.Tensor):
        found.setdefault(id(tensor), (ref(tensor), name))
    return found


def graph(
    torch: Any, recording: Recording, variables: Mapping[str, Any], error: BaseException | None
) -> Json:
    """A FlowGraph of the protocol, without the cell's own facts."""
    with quiet(torch):
        _name_tensors(torch, recording, variables)
        _name_modules(torch, recording, variables)
    places = Places()
    failed = _failed(recording, error)
    _order(recording)
    name_dimensions(recording.nodes)
    for edge in recording.edges:
        made = recording.nodes[edge.source].made
        if edge.facts is not None and len(made) == 1 and made[0].shape == edge.facts.shape:
            edge.facts.dims = made[0].dims
    modules = [scope.content(places.index(scope.position)) for scope in recording.scopes]
    nodes = [node.content(places.index(node.position), node is failed) for node in recording.nodes]
    return {
        "error": None if error is None else encodable(_error(error)),
        "operations": recording.operations,
        "omitted": recording.omitted,
        "modules": modules,
        "nodes": nodes,
        "edges": [edge.content() for edge in recording.edges],
        "places": places.listed,
    }


def _order(recording: Recording) -> None:
    """Number the nodes anew: a tensor from outside is met in an operation, but was there before."""
    first = [node.index for node in recording.nodes]
    outside = (model.INPUT, model.PARAMETER)
    for edge in recording.edges:
        if recording.nodes[edge.source].kind in outside:
            first[edge.source] = min(first[edge.source], edge.target)
    old = recording.nodes
    recording.nodes = sorted(
        old, key=lambda node: (first[node.index], node.kind not in outside, node.index)
    )
    numbers = {node.index: number for number, node in enumerate(recording.nodes)}
    for edge in recording.edges:
        edge.source, edge.target = numbers[edge.source], numbers[edge.target]
    for number, node in enumerate(recording.nodes):
        node.index = number


def _name_tensors(torch: Any, recording: Recording, variables: Mapping[str, Any]) -> None:
    for name, tensor in named(torch, variables, torch.Tensor):
        entry = recording.producers.get(id(tensor))
        if entry is None or entry[0]() is not tensor or entry[1] < 0:
            continue
        node = recording.nodes[entry[1]]
        if node.kind == model.BACKWARD:
            continue
        if node.kind in (model.INPUT, model.PARAMETER):
            node.name = name if not node.names else node.name
        node.names.append(name)
        origin = _origin(recording, node)
        if origin is not node:
            origin.names.append(name)
            if origin.kind in (model.INPUT, model.PARAMETER):
                origin.name = origin.name or name
    for node in list(recording.nodes):
        ends = node.kind in (model.OPERATION, model.MODULE) and not node.consumed and node.names
        room = len(recording.nodes) < model.MOST_NODES and len(recording.edges) < model.MOST_EDGES
        if ends and room:
            _end(recording, node)


def _origin(recording: Recording, node: Node) -> Node:
    """Where the tensor comes from that an operation in place gave back."""
    while node.name.endswith("_") or node.name == "assign":
        outside = (model.INPUT, model.PARAMETER)
        sources = [
            recording.nodes[source]
            for source, slot in node.known
            if slot == 0 and (source < node.index or recording.nodes[source].kind in outside)
        ]
        if not sources:
            break
        node = min(sources, key=lambda source: source.index)
    return node


def _end(recording: Recording, node: Node) -> None:
    """A tensor that the run leaves behind, as a node of its own."""
    end = Node(len(recording.nodes), recording.root, model.OUTPUT, node.names[0], None)
    end.count, end.made, end.names = 1, node.made, node.names
    recording.nodes.append(end)
    facts: Facts | None = node.made[0] if node.made else None
    recording.edges.append(Edge(node.index, end.index, facts, node.grad_fn is not None))
    node.consumed = True


def _name_modules(torch: Any, recording: Recording, variables: Mapping[str, Any]) -> None:
    names = {id(module): name for name, module in named(torch, variables, torch.nn.Module)}
    for scope in recording.scopes:
        module = scope.module() if scope.module else None
        if module is None:
            continue
        if scope.name is None:
            scope.name = names.get(id(module))
        if scope.parameters is None:
            scope.parameters, scope.trainable = parameters_of(module)


def _failed(recording: Recording, error: BaseException | None) -> Node | None:
    """The operation whose error ended the run: others were caught by the learner."""
    node = recording.failed
    if node is None or error is None or node.error is None:
        return None
    return node if node.error.startswith(class_name(error)) else None


def _error(error: BaseException) -> str:
    text = str(error) if type(error).__module__ in ("builtins", "torch") else ""
    return f"{class_name(error)}: {text}"[:300]
