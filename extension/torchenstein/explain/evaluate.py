"""What an expression would give, on shapes alone: no line of the learner's runs, no element read.

Names, attributes and items are looked up as they are at the failure; arithmetic on numbers and the
pure operations of torch in `allowed` are redone on the meta device. All else is Unknown.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .lookup import Scope, Unknown
from .operations import Operations
from .operators import BINARY, COMPARE, MOST_ITEMS, UNARY, too_large
from .shadow import Shadow

PLAIN = (bool, int, float, str, type(None), tuple, list, slice, type(...), range)


class Evaluator:
    """Evaluates expressions of one frame; use inside `on_shapes`."""

    def __init__(self, scope: Scope, operations: Operations) -> None:
        self._scope = scope
        self._operations = operations
        # What is known of expressions that cannot be evaluated, by their syntax (ast.dump).
        self.known: dict[str, Shadow] = {}

    def value(self, node: ast.AST) -> Any:
        """The value of `node`, Shadows for its tensors. Raises Unknown, or what torch raises."""
        known = self.known.get(ast.dump(node)) if self.known else None
        if known is not None:
            return known
        method = self._METHODS.get(type(node))
        if method is None:
            raise Unknown(ast.unparse(node))
        return method(self, node)

    def attempt(self, node: ast.AST) -> Any | None:
        """The value of `node`, or None where it has none that can be known."""
        try:
            return self.value(node)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:
            return None

    def callee(self, node: ast.expr) -> tuple[Any, Shadow | None]:
        """What a call calls: a function or layer and None, or a method's name and its tensor."""
        if isinstance(node, ast.Attribute):
            base = self.value(node.value)
            if isinstance(base, Shadow):
                return node.attr, base
            return self._scope.member(base, node.attr), None
        return self.value(node), None

    def arguments(self, node: ast.Call) -> tuple[list[Any], dict[str, Any]]:
        keywords = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise Unknown("**")
            keywords[keyword.arg] = self.value(keyword.value)
        return self._several(node.args), keywords

    def _call(self, node: ast.Call) -> Any:
        called, tensor = self.callee(node.func)
        arguments, keywords = self.arguments(node)
        if tensor is not None:
            return self._operations.method(called, tensor, arguments, keywords)
        return self._operations.call(called, arguments, keywords)

    def _name(self, node: ast.Name) -> Any:
        return self._scope.variable(node.id)

    def _attribute(self, node: ast.Attribute) -> Any:
        base = self.value(node.value)
        if isinstance(base, Shadow):
            return self._operations.attribute(base, node.attr)
        return self._scope.member(base, node.attr, ast.unparse(node))

    def _subscript(self, node: ast.Subscript) -> Any:
        base, index = self.value(node.value), self.value(node.slice)
        if isinstance(base, Shadow):
            return self._operations.apply(operator.getitem, "getitem", [base, index])
        return self._scope.item(base, index)

    def _slice(self, node: ast.Slice) -> slice:
        parts = (node.lower, node.upper, node.step)
        return slice(*(None if part is None else self.value(part) for part in parts))

    def _binary(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        return self.binary(node.op, left, right)

    def binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        """`left op right`, numbers or Shadows."""
        function = BINARY.get(type(op))
        if function is None:
            raise Unknown("operator")
        if isinstance(left, Shadow) or isinstance(right, Shadow):
            return self._operations.apply(function, function.__name__.strip("_"), [left, right])
        if type(left) not in PLAIN or type(right) not in PLAIN or too_large(op, left, right):
            raise Unknown("operator")
        return function(left, right)

    def _unary(self, node: ast.UnaryOp) -> Any:
        value, function = self.value(node.operand), UNARY[type(node.op)]
        if isinstance(value, Shadow) and not isinstance(node.op, ast.Not):
            return self._operations.apply(function, function.__name__, [value])
        if type(value) not in (bool, int, float):
            raise Unknown("operator")
        return function(value)

    def _compare(self, node: ast.Compare) -> Any:
        function = COMPARE.get(type(node.ops[0])) if len(node.ops) == 1 else None
        if function is None:
            raise Unknown("comparison")
        left, right = self.value(node.left), self.value(node.comparators[0])
        if isinstance(left, Shadow) or isinstance(right, Shadow):
            return self._operations.apply(function, function.__name__, [left, right])
        if type(left) not in PLAIN or type(right) not in PLAIN:
            raise Unknown("comparison")
        return function(left, right)

    def _choice(self, node: ast.IfExp) -> Any:
        test = self.value(node.test)
        if type(test) is not bool:
            raise Unknown("condition")
        return self.value(node.body if test else node.orelse)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> list[Any]:
        first, *more = node.generators
        if more or first.ifs or first.is_async:
            raise Unknown("comprehension")
        results = []
        for item in items(self.value(first.iter)):
            self._scope.bound.append(bind(first.target, item))
            try:
                results.append(self.value(node.elt))
            finally:
                self._scope.bound.pop()
        return results

    def _several(self, nodes: list[ast.expr]) -> list[Any]:
        values: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                values.extend(items(self.value(node.value)))
            else:
                values.append(self.value(node))
        return values

    _METHODS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
        ast.Attribute: _attribute,
        ast.BinOp: _binary,
        ast.Call: _call,
        ast.Compare: _compare,
        ast.Constant: lambda self, node: node.value,
        ast.GeneratorExp: _comprehension,
        ast.IfExp: _choice,
        ast.List: lambda self, node: self._several(node.elts),
        ast.ListComp: _comprehension,
        ast.Name: _name,
        ast.NamedExpr: lambda self, node: self.value(node.value),
        ast.Slice: _slice,
        ast.Subscript: _subscript,
        ast.Tuple: lambda self, node: tuple(self._several(node.elts)),
        ast.UnaryOp: _unary,
    }


def items(value: Any) -> Iterator[Any]:
    """What a loop over `value` would give. Raises Unknown where that is too much or not known."""
    if not issubclass(type(value), tuple | list | range) or len(value) > MOST_ITEMS:
        raise Unknown("too many items")
    return iter(value)


def bind(target: ast.expr, item: Any) -> dict[str, Any]:
    """The names a loop's target gives to one item."""
    if isinstance(target, ast.Name):
        return {target.id: item}
    if isinstance(target, ast.Tuple) and type(item) is tuple and len(item) == len(target.elts):
        bound: dict[str, Any] = {}
        for part, value in zip(target.elts, item, strict=True):
            bound |= bind(part, value)
        return bound
    raise Unknown("target")
