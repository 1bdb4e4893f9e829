"""The graph that backward() walks: operations from the loss to the leaves.

Source: https://docs.pytorch.org/docs/stable/notes/autograd.html. Nothing is run, no element read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..translation import N_, _, ngettext
from .explorer import Drawing, Explorer, Step
from .gradients import GRADIENTS
from .graph import depths_of, walk
from .operand import Operand, Shape, listed, written

MOST_NODES, MOST_WALKED, MOST_STEPS = 36, 20_000, 12


@dataclass(frozen=True, slots=True)
class Node:
    """One node; `inputs` are the places of those it passes gradients on to, `constants` counts
    those that need none. `shape` is that of the gradient that arrives; None where not known.

    `kind` is operation or leaf; a leaf gets `.grad`. `depth` is its distance from the loss.
    """

    name: str
    kind: str
    shape: Shape | None
    inputs: tuple[int, ...]
    constants: int
    depth: int


@dataclass(frozen=True)
class Autograd(Explorer):
    """The first `nodes` from `root` on; `total` counts all, `complete` says whether to the end."""

    operation: ClassVar[str] = N_("Autograd")
    root: Operand
    nodes: tuple[Node, ...]
    total: int
    complete: bool
    requires_grad: bool

    @classmethod
    def of(cls, tensor: Any, label: str, names: Mapping[int, str] | None = None) -> Autograd:
        """Walk from `tensor`; `names` has labels of leaves by their id."""
        root = Operand.of(tensor, label)
        function = getattr(tensor, "grad_fn", None)
        needs = bool(getattr(tensor, "requires_grad", False))
        if function is None:
            alone = (Node(label, "leaf", root.shape, (), 0, 0),) if needs else ()
            return cls(root, alone, len(alone), True, needs)
        found, edges, complete = walk(function, MOST_WALKED)
        drawn = found[:MOST_NODES]
        places = {node: place for place, node in enumerate(drawn)}
        depths = depths_of([[places[i] for i in edges[n] if i in places] for n in drawn])
        nodes = []
        for place, node in enumerate(drawn):
            inputs = tuple(dict.fromkeys(places[i] for i in edges[node] if i in places))
            constants = sum(following is None for following, _ in node.next_functions)
            nodes.append(_node(node, inputs, constants, depths[place], names or {}))
        return cls(root, tuple(nodes), len(found), complete, needs)

    @property
    def leaves(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.kind == "leaf")

    @property
    def problem(self) -> bool:
        return not self.requires_grad

    @property
    def subject(self) -> str:
        return str(self.root)

    @property
    def summary(self) -> str:
        label = self.root.label
        if not self.requires_grad:
            return _(
                "{name} requires no gradient, so there is no graph: it was made from tensors "
                "without requires_grad, under no_grad, or with detach().",
                name=label,
            )
        nodes = ngettext("{number:,} node", "{number:,} nodes", self.total)
        if not self.complete:
            nodes = _("{number:,} or more nodes", number=self.total)
        said = _(
            "backward() visits {nodes} and fills .grad of {leaves}.",
            nodes=nodes,
            leaves=ngettext("{number} leaf", "{number} leaves", len(self.leaves)),
        )
        if self.total > len(self.nodes):
            said = _(
                "backward() visits {nodes}; the {count} nearest to {name} are drawn.",
                nodes=nodes,
                count=len(self.nodes),
                name=label,
            )
        if self.root.count != 1:
            said += " " + _(
                "{name} is no single number, so backward() needs a gradient of its shape.",
                name=label,
            )
        return said

    @property
    def levels(self) -> tuple[tuple[int, ...], ...]:
        """The places of the nodes by their distance from the loss."""
        last = max((node.depth for node in self.nodes), default=-1)
        return tuple(
            tuple(p for p, node in enumerate(self.nodes) if node.depth == depth)
            for depth in range(last + 1)
        )

    @property
    def steps(self) -> tuple[Step, ...]:
        if not self.nodes:
            return ()
        whole = _("Forward runs down the arrows; backward() walks them up again, from the bottom.")
        walk = [
            Step(str(place + 1), " ".join(self._sentence(self.nodes[p]) for p in level[:3]))
            for place, level in enumerate(self.levels[:MOST_STEPS])
        ]
        return (Step(_("all"), whole), *walk)

    def table(self) -> str:
        if not self.nodes:
            return "  " + _("no graph")
        lines = []
        for place, node in enumerate(self.nodes):
            shape = "" if node.shape is None else f" {written(node.shape)}"
            to = listed(f"{i + 1} {self.nodes[i].name}" for i in node.inputs) if node.inputs else ""
            end = f" -> {to}" if to else " " + _("fills .grad") if node.kind == "leaf" else ""
            lines.append(f"  {place + 1:>2} {node.name}{shape}{end}")
        return "\n".join(lines)

    def drawing(self) -> Drawing:
        from .drawings.autograd import drawing

        return drawing(self)

    def _sentence(self, node: Node) -> str:
        does = GRADIENTS.get(node.name, N_("passes it on by the chain rule"))
        known = {"name": node.name, "does": _(does)}
        if node.shape is not None:
            known["shape"] = written(node.shape)
        if node.kind == "leaf":
            if node.shape is None:
                return _("{name}: the gradient is added to {name}.grad.", **known)
            return _("{name}: the gradient of shape {shape} is added to {name}.grad.", **known)
        if node.shape is None:
            said = _("{name} gets a gradient and {does}.", **known)
        else:
            said = _("{name} gets a gradient of shape {shape} and {does}.", **known)
        if node.constants:
            said += " " + ngettext(
                "{number} input of it needs none.",
                "{number} of its inputs need none.",
                node.constants,
            )
        return said


def _node(
    node: Any, inputs: tuple[int, ...], constants: int, depth: int, names: Mapping[int, str]
) -> Node:
    variable = getattr(node, "variable", None)
    if variable is not None:
        name = names.get(id(variable)) or _("leaf")
        return Node(name, "leaf", tuple(map(int, variable.shape)), (), 0, depth)
    metadata: Sequence[Any] = getattr(node, "_input_metadata", None) or ()
    shape = tuple(map(int, metadata[0].shape)) if metadata else None
    name = re.sub(r"Backward\d*$", "", node.name().rpartition("::")[2])
    return Node(name, "operation", shape, inputs, constants, depth)
