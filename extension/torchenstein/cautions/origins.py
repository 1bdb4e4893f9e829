"""Where a value comes from: the expression that bound a name, in this cell or in an earlier one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..lines.sites import MODULE, Scope
from .flow import Flow, Statement

if TYPE_CHECKING:
    from .scene import Room


class Said(NamedTuple):
    """An expression and where it stands: `at` is a statement of `flow`."""

    flow: Flow
    at: Statement
    node: ast.expr

    def part(self, node: ast.expr) -> Said:
        return self._replace(node=node)


class Origins:
    """Looks names up in the flows of a room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._module = room.torch.nn.Module
        self._attributes = self._module.__dict__["__dict__"].__get__

    def definition(self, said: Said) -> Said | None:
        """What the name `said.node` was given; None where that is not one sure expression."""
        if not isinstance(said.node, ast.Name):
            return None
        name, flow, at = said.node.id, said.flow, said.at
        if flow.candidates(name, at):
            binding = flow.binding(name, at)
            if binding is None or binding.value is None:
                return None
            return Said(flow, binding.statement, binding.value)
        if at.function is not None and name in parameters(at.function):
            return None
        for other in self._outer(flow, at):
            bindings = other.bindings(MODULE, name)
            if bindings:
                last = bindings[-1]
                sure = last.value is not None and len(last.statement.blocks) == 1
                return Said(other, last.statement, last.value) if sure and last.value else None
        return None

    def thing(self, said: Said) -> Any | None:
        """The module, function, class or layer a dotted name stands for; None for anything else."""
        node = said.node
        if isinstance(node, ast.Name):
            function = said.at.function
            local = said.at.scope != MODULE and said.flow.bindings(said.at.scope, node.id)
            if local or (function is not None and node.id in parameters(function)):
                return None
            return self._room.namespace.get(node.id)
        if not isinstance(node, ast.Attribute):
            return None
        base = self.thing(said.part(node.value))
        if issubclass(type(base), ModuleType):
            return vars(base).get(node.attr)
        if issubclass(type(base), self._module):
            return (self._attributes(base).get("_modules") or {}).get(node.attr)
        return None

    def attribute(self, said: Said) -> Said | None:
        """What `self.name` was given in the __init__ of the class that `said` stands in."""
        node = said.node
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            return None
        if node.value.id != "self" or said.at.function is None:
            return None
        owner = next((c for c in said.flow.classes.values() if said.at.function in c.body), None)
        written = ast.unparse(node)
        found = None
        for statement in said.flow.statements:
            inner = statement.function
            if owner is None or inner is None or inner not in owner.body:
                continue
            made = statement.node if inner.name == "__init__" else None
            if isinstance(made, ast.Assign) and written in map(ast.unparse, made.targets):
                found = Said(said.flow, statement, made.value)
        return found

    def returned(self, code: Scope) -> Iterator[Said]:
        """The expressions that the learner's function with this first line and name returns."""
        for cell in self._room.cells:
            flow = self._room.flow(cell)
            if code in flow.functions:
                for statement in flow.statements:
                    node = statement.node
                    if statement.scope == code and isinstance(node, ast.Return) and node.value:
                        yield Said(flow, statement, node.value)
                return

    def _outer(self, flow: Flow, at: Statement) -> Iterator[Flow]:
        """The cells that ran before this one, the latest first; for a function all of them."""
        flows = [self._room.flow(cell) for cell in self._room.cells]
        if at.scope == MODULE and flow in flows:
            flows = flows[flows.index(flow) + 1 :]
        yield from flows


def parameters(function: Any) -> set[str]:
    """The names of the arguments of a function."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    several = [arguments.vararg, arguments.kwarg]
    return {part.arg for part in (*plain, *several) if part is not None}
