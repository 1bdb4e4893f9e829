"""The operation that failed: its expression, its operands, and the means to try another."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from ..dims import Names
from . import path
from .comprehension import restore
from .evaluate import Evaluator
from .frames import Step, last_learners, steps
from .lookup import Scope
from .model import Fix, Layer, Operand
from .names import NamesInCode, from_cells
from .operation import operation_of
from .operations import Operations
from .returned import returned
from .rewrite import swapped
from .shadow import Shadow, is_tensor, shadow
from .source import Source, positions


class Failed:
    """Everything an explanation may ask. It refers to frames: let it go before the request ends."""

    def __init__(
        self, torch: Any, message: str, found: list[Step], at: int, source: Source, node: ast.AST
    ) -> None:
        self.torch = torch
        self.message = message
        self.step = found[at]
        self.below = found[at + 1 :]
        self.source, self.node = source, node
        self.expression = source.segment(node)
        self._names = NamesInCode(source, getattr(node, "lineno", 1), self._value)
        namespaces = [self.step.variables, self.step.frame.f_globals, vars(builtins)]
        self.operations = Operations(torch)
        self.scope = Scope(torch, namespaces, self._named)
        self.evaluator = Evaluator(self.scope, self.operations)
        restore(self.scope, self.evaluator, source.tree, node)
        # Not before: to restore, one expression is tried for many items.
        whole = source.statement(node) if isinstance(node, ast.Subscript) else node
        self.evaluator.known = returned(torch, self.evaluator, found, at, source, whole or node)
        self.layers = path.modules(torch, self.below)
        inner = self.layers[-1] if self.layers else None
        # The outermost model as the learner called it, and the way from it to the failing layer.
        self.root, self.way = path.from_root(torch, found, at, inner)
        self.layer_text, self.layer = self._layer()
        self.operation = operation_of(node, source, self.evaluator, self.operations)

    def inside(self, *functions: str) -> Mapping[str, Any] | None:
        """The variables of the innermost of torch's frames with one of these functions."""
        for step in reversed(self.below):
            if step.function in functions and step.is_torchs():
                return step.variables
        return None

    def operand(self, node: ast.expr, role: str = "tensor") -> Operand:
        """The operand written as `node`; without a shape where that cannot be known."""
        text, value = self.source.segment(node), self.evaluator.attempt(node)
        return value.operand(text, role) if isinstance(value, Shadow) else Operand(text, role)

    def seen(self, tensor: Any, text: str, role: str = "tensor") -> Operand:
        """The operand that a frame of torch's received."""
        found = shadow(self.torch, tensor) if is_tensor(self.torch, tensor) else None
        if found is None:
            return Operand(text, role)
        node = self.parsed(text)
        value = self.evaluator.attempt(node) if node is not None else None
        if isinstance(value, Shadow) and value.shape == found.shape:
            found.names = value.names
        return found.operand(text, role)

    def know(self, node: ast.expr, operand: Operand) -> None:
        """Let fixes be tried with what torch's message tells of an expression's shape."""
        if operand.shape is not None and self.evaluator.attempt(node) is None:
            # Of the message's sizes alone: the dtype is then that of most tensors.
            meta = self.torch.empty(operand.shape, dtype=self.torch.float32, device="meta")
            self.evaluator.known[ast.dump(node)] = Shadow(meta, operand.device or "cpu")

    def input_node(self, position: int = 0) -> ast.expr | None:
        """What was written for an argument of a call."""
        call = self.node
        if not isinstance(call, ast.Call) or len(call.args) <= position:
            return None
        argument = call.args[position]
        return None if isinstance(argument, ast.Starred) else argument

    def rewritten(self, node: ast.expr, code: str) -> str:
        """The failing expression with `node` replaced by `code`."""
        return self.swapped({id(node): code})

    def swapped(self, parts: Mapping[int, str]) -> str:
        """The failing expression with each part whose id is in `parts` replaced."""
        return swapped(self.source, self.node, parts)

    def in_loop(self) -> bool:
        """Whether the failing expression is evaluated again and again."""
        kinds = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp)
        loops = (node for node in ast.walk(self.source.tree) if isinstance(node, kinds))
        return any(part is self.node for loop in loops for part in ast.walk(loop))

    def shadow(self, value: Any) -> Any:
        """The Shadow of a tensor a frame of torch's received; other values as they are."""
        return shadow(self.torch, value) if is_tensor(self.torch, value) else value

    def works(self, code: str, **names: Any) -> bool:
        """Whether `code` works on shapes, where it may use `names` besides the learner's."""
        self.scope.bound.append(names)
        try:
            return self.value_of(code) is not None
        finally:
            self.scope.bound.pop()

    def value_of(self, code: str) -> Any | None:
        node = self.parsed(code)
        return None if node is None else self.evaluator.attempt(node)

    def fix(self, sentence: str, code: str, shape: Sequence[int] | None = None) -> list[Fix]:
        """The fix, if `code` works on these shapes (and gives `shape`); else nothing."""
        value = self.value_of(code)
        if value is None or (shape is not None and getattr(value, "shape", None) != tuple(shape)):
            return []
        return [self.advice(sentence, code)]

    def advice(self, sentence: str, code: str) -> Fix:
        """A fix whose code cannot be tried on shapes: the caller knows that it works."""
        return Fix(sentence, code, self.source.place(self.node))

    def parsed(self, code: str) -> ast.expr | None:
        try:
            return ast.parse(code, mode="eval").body
        except (SyntaxError, ValueError):
            return None

    def _layer(self) -> tuple[str, Layer | None]:
        """The failing layer as the failing line could write it, and as seen from the model."""
        if not self.layers:
            return "", None
        inner = self.layers[-1]
        called = self.source.segment(self.node.func) if isinstance(self.node, ast.Call) else ""
        local = called + path.dotted(path.chain(self.torch, self.layers[0], inner))
        full = self.root + path.dotted(self.way)
        return local, Layer(full or local, type(inner).__name__)

    def _named(self, text: str, rank: int) -> Names | None:
        names = self._names.of(text, rank)
        if names is None and not self._names.assigns(text) and text not in self._local_names():
            own = self.source if self.step.function == "<module>" else None
            names = from_cells(text, rank, self.step.frame.f_globals.get, own)
        return names

    def _value(self, name: str) -> Any:
        """What a name of the function around the failing line holds."""
        code = self.step.frame.f_code
        if code.co_name.startswith("<") and name in code.co_varnames:
            # Of a lambda or a comprehension, not of the function.
            return None
        variables = self.step.variables
        return variables[name] if name in variables else self.step.frame.f_globals.get(name)

    def _local_names(self) -> Sequence[str]:
        code = self.step.frame.f_code
        return (*code.co_varnames, *code.co_freevars)


def failed(torch: Any, error: BaseException) -> Failed | None:
    """The failed operation, None where it is not one of torch's that the learner wrote.

    Nor is there one where the source is gone, or where the learner's own line raised the error.
    """
    found = steps(error.__traceback__)
    at = last_learners(found)
    if at is None or any(step.is_foreign() for step in found[at + 1 :]):
        return None
    source = Source.of(found[at].filename)
    span = positions(found[at].frame.f_code, found[at].instruction)
    node = source.node(span) if source is not None and span is not None else None
    if isinstance(node, ast.Assert) and type(error) is not AssertionError:
        node = node.test
    if source is None or node is None or isinstance(node, ast.Raise | ast.Assert):
        return None
    return Failed(torch, str(error), found, at, source, node)
