"""The operation that failed: its expression, its operands, and the means to try another."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import path
from .evaluate import BINARY, Evaluator
from .frames import Step, last_learners, steps
from .lookup import Scope
from .model import Fix, Layer, Names, Operand
from .names import NamesInCode, from_cells
from .operations import Operations
from .rewrite import swapped
from .shadow import Shadow, is_tensor, shadow
from .source import Source, positions


@dataclass(frozen=True, slots=True)
class Operation:
    """`name` in torch's words; `nodes` what was written for the operands, self first.

    `values` are Shadows or plain values, None where they cannot be known.
    """

    name: str
    nodes: tuple[ast.expr, ...]
    values: tuple[Any, ...]
    keywords: Mapping[str, ast.expr]


class Failed:
    """Everything an explanation may ask. It refers to frames: let it go before the request ends."""

    def __init__(self, torch: Any, error: BaseException, found: list[Step], at: int) -> None:
        self.torch = torch
        self.error = error
        self.message = str(error)
        self.step = found[at]
        self.below = found[at + 1 :]
        source = Source.of(self.step.filename)
        span = positions(self.step.frame.f_code, self.step.instruction)
        node = source.node(span) if source is not None and span is not None else None
        if source is None or node is None:
            raise LookupError("The source of the failing line is gone.")
        self.source, self.node = source, node
        self.expression = source.segment(node)
        self._names = NamesInCode(source, self._function(), self.node_line())
        namespaces = [self.step.variables, self.step.frame.f_globals, vars(builtins)]
        self.operations = Operations(torch)
        self.scope = Scope(torch, namespaces, self._named)
        self.evaluator = Evaluator(self.scope, self.operations)
        self.layers = path.modules(torch, self.below)
        inner = self.layers[-1] if self.layers else None
        # The outermost model as the learner called it, and the way from it to the failing layer.
        self.root, self.way = path.from_root(torch, found, at, inner)
        self.layer_text, self.layer = self._layer()
        self.operation = self._operation()

    def node_line(self) -> int:
        line: int = self.node.lineno  # type: ignore[attr-defined]
        return line

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

    def input_node(self, position: int = 0) -> ast.expr | None:
        """What was written for an argument of a call."""
        call = self.node
        if not isinstance(call, ast.Call) or len(call.args) <= position:
            return None
        argument = call.args[position]
        return None if isinstance(argument, ast.Starred) else argument

    def rewritten(self, node: ast.expr, code: str) -> str:
        """The failing expression with `node` replaced by `code`."""
        return swapped(self.node, {id(node): code})

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

    def _operation(self) -> Operation:
        node = self.node
        if isinstance(node, ast.Call):
            called: Any = None
            try:
                called, tensor = self.evaluator.callee(node.func)
            except Exception:
                tensor = None
            name = called if tensor is not None else self.operations.function_name(called)
            written = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            arguments = [a for a in node.args if not isinstance(a, ast.Starred)]
            if tensor is not None and isinstance(node.func, ast.Attribute):
                arguments.insert(0, node.func.value)
            keywords = {k.arg: k.value for k in node.keywords if k.arg}
            return self._of(name or written, arguments, keywords)
        if isinstance(node, ast.BinOp):
            return self._of(_word(node.op), [node.left, node.right])
        if isinstance(node, ast.AugAssign):
            return self._of(_word(node.op), [_loaded(node.target), node.value])
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._of(type(node.ops[0]).__name__.lower(), [node.left, node.comparators[0]])
        if isinstance(node, ast.UnaryOp):
            return self._of(type(node.op).__name__.lower(), [node.operand])
        if isinstance(node, ast.Subscript):
            if isinstance(node.ctx, ast.Load):
                return self._of("getitem", [node.value, node.slice])
            statement = self.source.statement(node)
            value = [statement.value] if isinstance(statement, ast.Assign) else []
            return self._of("setitem", [_loaded(node), *value])
        return self._of("", [node] if isinstance(node, ast.expr) else [])

    def _of(
        self, name: str, nodes: list[Any], keywords: dict[str, ast.expr] | None = None
    ) -> Operation:
        values = tuple(self.evaluator.attempt(node) for node in nodes)
        return Operation(name, tuple(nodes), values, keywords or {})

    def _layer(self) -> tuple[str, Layer | None]:
        """The failing layer as the failing line could write it, and as seen from the model."""
        if not self.layers:
            return "", None
        inner = self.layers[-1]
        called = self.source.segment(self.node.func) if isinstance(self.node, ast.Call) else ""
        local = called + path.dotted(path.chain(self.torch, self.layers[0], inner))
        full = self.root + path.dotted(self.way)
        return local, Layer(full or local, type(inner).__name__)

    def _function(self) -> ast.AST:
        """The function the failing frame runs, or the whole file."""
        found: ast.AST = self.source.tree
        for node in ast.walk(self.source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                if start <= self.node_line() <= (node.end_lineno or 0):
                    found = node
        return found

    def _named(self, text: str, rank: int) -> Names | None:
        names = self._names.of(text, rank)
        if names is None and not self._names.assigns(text):
            is_global = text in self.step.frame.f_globals and text not in self._local_names()
            names = from_cells(text, rank) if is_global else None
        return names

    def _local_names(self) -> Sequence[str]:
        code = self.step.frame.f_code
        return (*code.co_varnames, *code.co_freevars)


def failed(torch: Any, error: BaseException) -> Failed | None:
    """The failed operation, None where it is not one of torch's that the learner wrote."""
    found = steps(error.__traceback__)
    at = last_learners(found)
    if at is None or any(step.is_foreign() for step in found[at + 1 :]):
        return None
    operation = Failed(torch, error, found, at)
    return None if isinstance(operation.node, ast.Raise | ast.Assert) else operation


def _word(op: ast.operator) -> str:
    function = BINARY.get(type(op))
    return function.__name__.strip("_") if function else ""


def _loaded(target: ast.expr) -> ast.expr:
    """The target of an assignment as an expression that reads it."""
    return ast.copy_location(ast.parse(ast.unparse(target), mode="eval").body, target)
