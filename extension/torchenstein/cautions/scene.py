"""A cell after its run: what each statement saw, on shapes alone. No line of it runs again."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from ..explain.evaluate import Evaluator
from ..explain.lookup import Scope as Lookup
from ..explain.lookup import Unknown
from ..explain.model import Operand
from ..explain.shadow import Shadow
from ..explain.source import Source
from ..lines.cells import LONGEST_SOURCE, Cell
from ..lines.facts import Facts
from ..lines.sites import MODULE, first_line
from .elementwise import Elementwise
from .flow import Binding, Flow, Statement
from .model import Spot
from .moment import Moment
from .origins import Origins, Said, parameters
from .spelled import Intent, intent

DEEPEST = 12


class Room:
    """What all scenes of one answer share: torch, the namespace, the cells that ran.

    `flows` keeps what was read of the text of each cell from one answer to the next.
    """

    def __init__(
        self,
        torch: Any,
        namespace: Mapping[str, Any],
        cells: list[Cell],
        flows: WeakKeyDictionary[Cell, Flow],
    ) -> None:
        self.torch, self.namespace = torch, namespace
        self.operations = Elementwise(torch)
        self.origins = Origins(self)
        # The latest first: a function that is defined anew has its last text.
        self.cells = cells[::-1]
        self._flows = flows

    def flow(self, cell: Cell) -> Flow:
        flow = self._flows.get(cell)
        if flow is None:
            # The cell's own tree may hold the recorder's marks by now.
            is_short = len(cell.source) <= LONGEST_SOURCE
            flow = self._flows[cell] = Flow(ast.parse(cell.source if is_short else ""))
        return flow


class Scene:
    """One cell of the room, its flow, and the means to evaluate its expressions."""

    def __init__(self, room: Room, cell: Cell, moment: Moment) -> None:
        self.room, self.cell, self.moment = room, cell, moment
        self.torch, self.origins = room.torch, room.origins
        self.flow = room.flow(cell)
        self.source = Source("<cell>", cell.source.splitlines(keepends=True))
        self._parents: dict[int, ast.AST] | None = None
        self._ran = {line for line, _, _ in cell.told()}
        self._blocks = self._live()

    def statements(self) -> Iterator[Statement]:
        """The statements that are known to have run."""
        for statement in self.flow.statements:
            if (
                statement.blocks[-1] in self._blocks
                and self.cell.typed(statement.node.lineno) is not None
            ):
                yield statement

    def ran(self, statement: Statement) -> bool:
        return statement.blocks[-1] in self._blocks

    def value(self, node: ast.expr, at: Statement) -> Any | None:
        """What `node` gave at a statement: Shadows for tensors, None where it cannot be known."""
        return _Eyes(self, at).attempt(node)

    def tensor(self, node: ast.expr, at: Statement) -> Shadow | None:
        value = self.value(node, at)
        return value if isinstance(value, Shadow) else None

    def facts(self, binding: Binding) -> Facts | None:
        """What a binding was last seen to bind."""
        return self.cell.held(binding.statement.node.lineno, "assigned", binding.name)

    def shadow(self, facts: Facts | None) -> Shadow | None:
        if facts is None or facts.shape is None or None in facts.shape or facts.dtype is None:
            return None
        dtype = getattr(self.torch, facts.dtype, None)
        if dtype is None:
            return None
        return Shadow(
            self.torch.empty(facts.shape, dtype=dtype, device="meta"), facts.device or "cpu"
        )

    def parent(self, node: ast.AST) -> ast.AST | None:
        if self._parents is None:
            self._parents = {
                id(child): outer
                for outer in ast.walk(self.flow.tree)
                for child in ast.iter_child_nodes(outer)
            }
        return self._parents.get(id(node))

    def said(self, node: ast.expr, at: Statement) -> Said:
        return Said(self.flow, at, node)

    def asked_by_callers(self, at: Statement, *intents: Intent) -> bool:
        """Whether a call of the function that `at` stands in gives it a shape with such intent."""
        if at.function is None:
            return False
        for cell in self.room.cells:
            flow = self.room.flow(cell)
            for statement in flow.statements:
                for part in statement.parts():
                    for call in ast.walk(part):
                        if isinstance(call, ast.Call) and _calls(call, at.function.name):
                            given = [*call.args, *(k.value for k in call.keywords)]
                            told = (intent(self.origins, Said(flow, statement, a)) for a in given)
                            if any(each in intents for each in told):
                                return True
        return False

    def text(self, node: ast.expr) -> str:
        return self.source.segment(node)

    def line(self, node: ast.stmt) -> str:
        """The first line of a statement, as it is written."""
        text = ast.get_source_segment(self.source.text, node) or ast.unparse(node)
        return text.partition("\n")[0]

    def operand(self, node: ast.expr, shadow: Shadow, role: str = "tensor") -> Operand:
        return shadow.operand(self.text(node), role)

    def spot(self, node: ast.AST) -> Spot | None:
        """Where `node` stands in the cell as the learner typed it."""
        place = self.source.place(node)
        first, last = self.cell.typed(place.line), self.cell.typed(place.end_line)
        if first is None or last is None:
            return None
        return Spot(first, place.column, last, place.end_column)

    def _live(self) -> set[int]:
        """The blocks of which a line was seen, and the cell's own if it came to its end."""
        live = {1} if self.moment.succeeded else set()
        typed = self.cell.typed
        for statement in self.flow.statements:
            if typed(statement.node.lineno) in self._ran:
                live.update(statement.blocks)
        for function in self.flow.functions.values():
            first = next((s for s in self.flow.statements if s.node is function.body[0]), None)
            if first is not None and typed(function.lineno) in self._ran:
                live.update(first.blocks)
        return live


class _Names(Lookup):
    """The names of one statement, by what the recorder saw."""

    def __init__(self, scene: Scene, at: Statement, eyes: _Eyes) -> None:
        super().__init__(scene.torch, [], lambda text, rank: None)
        self._scene, self._at, self._eyes = scene, at, eyes

    def variable(self, name: str) -> Any:
        for bound in reversed(self.bound):
            if name in bound:
                return bound[name]
        flow, at = self._scene.flow, self._at
        binding = flow.binding(name, at)
        if binding is not None:
            return self._bound(binding)
        several = flow.candidates(name, at)
        if several:
            return self._agreed(name, several)
        function = at.function
        if function is not None:
            facts = self._scene.cell.held(function.lineno, "parameter", name)
            shadow = self._scene.shadow(facts)
            if shadow is not None:
                return shadow
            if name in parameters(function) or name == "self":
                raise Unknown(name)
        return self._outer(name)

    def _bound(self, binding: Binding) -> Any:
        shadow = self._scene.shadow(self._scene.facts(binding))
        if shadow is not None:
            return shadow
        if binding.value is not None:
            return self._eyes.at(binding.statement, binding.value)
        return self._outer(binding.name)

    def _agreed(self, name: str, several: list[Binding]) -> Any:
        """A value for which it does not matter which binding was the last."""
        facts = {self._scene.facts(binding) for binding in several}
        if self._at.scope == MODULE and name in self._scene.moment.before:
            facts.add(self._scene.moment.before[name])
        only = facts.pop() if len(facts) == 1 else None
        shadow = self._scene.shadow(only)
        if shadow is None:
            raise Unknown(name)
        return shadow

    def _outer(self, name: str) -> Any:
        scene = self._scene
        if self._at.scope == MODULE and name in scene.moment.before:
            shadow = scene.shadow(scene.moment.before[name])
            if shadow is not None:
                return shadow
        if self._at.scope == MODULE and name in scene.moment.things:
            value = scene.moment.things[name]()
            if value is None:
                raise Unknown(name)
            return value
        if name in scene.room.namespace:
            return self.read(scene.room.namespace[name], name)
        if hasattr(builtins, name):
            return getattr(builtins, name)
        raise Unknown(name)


class _Eyes(Evaluator):
    """The evaluator of explanations, which also knows what the learner's functions returned."""

    def __init__(self, scene: Scene, at: Statement, depth: int = 0) -> None:
        super().__init__(_Names(scene, at, self), scene.room.operations)
        self._scene, self._depth = scene, depth

    def at(self, statement: Statement, node: ast.expr) -> Any:
        """The value of a node that stands elsewhere."""
        if self._depth >= DEEPEST:
            raise Unknown("depth")
        return _Eyes(self._scene, statement, self._depth + 1).value(node)

    def value(self, node: ast.AST) -> Any:
        try:
            return super().value(node)
        except Unknown:
            if isinstance(node, ast.Call):
                shadow = self._returned(node)
                if shadow is not None:
                    return shadow
            raise

    def _returned(self, call: ast.Call) -> Shadow | None:
        """What the recorder saw a function, or the forward of a module, of the notebook return."""
        called = (
            self.attempt(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else None
        )
        code = forward_of(self._scene.torch, called)
        if code is None:
            return None
        for cell in self._scene.room.cells:
            for scope, function in self._scene.room.flow(cell).functions.items():
                if scope == code and first_line(function) == scope[0]:
                    found = {cell.held(line, "returned", None) for line in _returns(function)}
                    found.discard(None)
                    return self._scene.shadow(found.pop()) if len(found) == 1 else None
        return None


def forward_of(torch: Any, called: Any) -> tuple[int, str] | None:
    """First line and name of the code that a call of `called` runs: a function's or a forward's."""
    function = called
    if issubclass(type(called), torch.nn.Module):
        found = [vars(c).get("forward") for c in type(called).__mro__]
        function = next((f for f in found if f is not None), None)
    if type(function) is not FunctionType or not is_learners(function):
        return None
    return function.__code__.co_firstlineno, function.__code__.co_name


def is_learners(function: FunctionType) -> bool:
    name = function.__code__.co_filename
    return name.startswith(("<ipython-input", "<timed")) or "ipykernel_" in name


def _returns(function: Any) -> list[int]:
    return [node.lineno for node in ast.walk(function) if isinstance(node, ast.Return)]


def _calls(call: ast.Call, name: str) -> bool:
    function = call.func
    return (
        function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    ) == name
