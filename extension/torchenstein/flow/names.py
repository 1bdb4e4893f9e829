"""What the learner's code calls the dimensions of the tensors in a flow, as the chips have it.

Only where it is sure: an operation that is the very value of a statement, or of a variable.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ..dims import Names
from ..explain.source import Source, Span, positions
from ..lines import recorder
from ..lines.names import CellNames
from ..lines.sites import Site, sites_of
from . import model
from .model import Node
from .positions import LEARNERS

Shape = tuple[int | None, ...]
_TENSORS = (model.INPUT, model.PARAMETER, model.OUTPUT)


class _Statements:
    """The statements of one file by the place of their value."""

    def __init__(self, source: Source) -> None:
        sites = sites_of(source.tree)
        watching = recorder()
        cell = watching.cells.of_source(source.text) if watching is not None else None
        self._names = cell.names if cell is not None else CellNames(source.text, sites)
        self._by_value = {span: site for site in sites if (span := _value(site)) is not None}

    def of(self, span: Span, shape: Shape) -> Names | None:
        site = self._by_value.get(span)
        if site is None:
            return None
        return self._names.of(site, site.targets[0].text if site.targets else None, shape)


def name_dimensions(nodes: Iterable[Node]) -> None:
    """Give each node the names of the dimensions of its one tensor, where there are some."""
    watching = recorder()
    variables = watching.cells.dims() if watching is not None else {}
    files: dict[str, _Statements | None] = {}
    for node in nodes:
        if len(node.made) != 1 or node.varies or node.made[0].shape is None:
            continue
        shape = tuple(node.made[0].shape)
        held = [node.name] if node.kind in _TENSORS else node.names
        found = [dims for name in held if (dims := variables.get((name, shape))) is not None]
        names = found[0] if found else _of_statement(node, shape, files)
        # A variable at the end shares the facts of what made it.
        node.made[0].dims = names or node.made[0].dims


def _of_statement(node: Node, shape: Shape, files: dict[str, _Statements | None]) -> Names | None:
    if node.kind != model.OPERATION or node.position is None:
        return None
    # Of a layer with several operations it is not known which one gives its value.
    if node.scope.want != LEARNERS and (len(node.scope.nodes) != 1 or node.scope.children):
        return None
    code, instruction = node.position
    span = positions(code, instruction)
    if span is None:
        return None
    name = code.co_filename
    if name not in files:
        source = Source.of(name)
        files[name] = _Statements(source) if source is not None else None
    statements = files[name]
    return statements.of(span, shape) if statements is not None else None


def _value(site: Site) -> Span | None:
    """Where the value stands that a statement gives to one name, or returns."""
    match site.node:
        case ast.Assign(targets=[ast.Name()], value=value):
            pass
        case ast.AnnAssign(value=ast.expr() as value) | ast.Return(value=ast.expr() as value):
            pass
        case _:
            return None
    if len(site.targets) > 1 or value.end_lineno is None or value.end_col_offset is None:
        return None
    return value.lineno, value.col_offset, value.end_lineno, value.end_col_offset
