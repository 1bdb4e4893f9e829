"""The failing instruction as an operation of torch: its name and its operands."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .evaluate import Evaluator
from .operations import Operations
from .operators import BINARY
from .source import Source


@dataclass(frozen=True, slots=True)
class Operation:
    """`name` in torch's words; `nodes` what was written for the operands, self first.

    `values` are Shadows or plain values, None where they cannot be known.
    """

    name: str
    nodes: tuple[ast.expr, ...]
    values: tuple[Any, ...]
    keywords: Mapping[str, ast.expr]


def operation_of(
    node: ast.AST, source: Source, evaluator: Evaluator, operations: Operations
) -> Operation:
    """The operation that `node` writes; its name is empty where it is none."""
    name, nodes, keywords = _parts(node, source, evaluator, operations)
    values = tuple(evaluator.attempt(part) for part in nodes)
    return Operation(name, tuple(nodes), values, keywords)


Parts = tuple[str, Sequence[ast.expr], Mapping[str, ast.expr]]


def _parts(node: ast.AST, source: Source, evaluator: Evaluator, operations: Operations) -> Parts:
    if isinstance(node, ast.Call):
        return _call(node, evaluator, operations)
    if isinstance(node, ast.BinOp):
        return _word(node.op), [node.left, node.right], {}
    if isinstance(node, ast.AugAssign):
        return _word(node.op), [_loaded(node.target), node.value], {}
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return type(node.ops[0]).__name__.lower(), [node.left, node.comparators[0]], {}
    if isinstance(node, ast.UnaryOp):
        return type(node.op).__name__.lower(), [node.operand], {}
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return "getitem", [node.value, node.slice], {}
    if isinstance(node, ast.Subscript):
        statement = source.statement(node)
        value = [statement.value] if isinstance(statement, ast.Assign) else []
        return "setitem", [_loaded(node), *value], {}
    return "", [node] if isinstance(node, ast.expr) else [], {}


def _call(node: ast.Call, evaluator: Evaluator, operations: Operations) -> Parts:
    called: Any = None
    tensor = None
    try:
        called, tensor = evaluator.callee(node.func)
    except Exception:
        # What is called cannot be known; how it is called stands there.
        called = None
    written = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    arguments = [part for part in node.args if not isinstance(part, ast.Starred)]
    keywords = {part.arg: part.value for part in node.keywords if part.arg}
    # What cannot be known is a tensor too: the learner's own function made it.
    if isinstance(node.func, ast.Attribute) and (
        tensor is not None or evaluator.attempt(node.func.value) is None
    ):
        return node.func.attr, [node.func.value, *arguments], keywords
    return operations.function_name(called) or written, arguments, keywords


def _word(op: ast.operator) -> str:
    function = BINARY.get(type(op))
    return function.__name__.strip("_") if function else ""


def _loaded(target: ast.expr) -> ast.expr:
    """The target of an assignment as an expression that reads it."""
    return ast.copy_location(ast.parse(ast.unparse(target), mode="eval").body, target)
