"""Python 3.11, which has no sys.monitoring: a mark after each statement that is a site.

A mark is

    try:
        if __torchenstein_due__(7): __torchenstein_see__(7, x, self)
    except NameError: pass

with the position of its statement, so that lines and tracebacks stay the learner's. The names are
builtins: user_ns stays clean, and where code was carried to another process, which has none of
them, the mark does nothing. `due` takes a number alone and is what torch.compile calls a constant
result: a compiled function contains nothing of the mark and breaks at none. What stands in no
function is never compiled, and asks `7 in __torchenstein_armed__`, which takes half the time.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable
from itertools import count
from types import FrameType
from typing import Any

from .again import AGAIN, FIRST, Again
from .cells import Cell
from .sites import MODULE, Site, bodies

ARMED, DUE, SEE = "__torchenstein_armed__", "__torchenstein_due__", "__torchenstein_see__"
VALUE = "__torchenstein_value__"

See = Callable[[Cell, Site, dict[str, Any]], None]
# The frame that returns a value, the value, and whether its next return may not be told.
Back = Callable[[FrameType, Any, bool], None]

# Of the process, as the names are: functions that hold marks live on when the recorder ends, and
# torch.compile would compile them anew if `due` became another object.
_numbers = count(1)
_armed: set[int] = set()
_watching: list[Marks] = []


def _due(number: int, armed: set[int] = _armed) -> bool:
    # A tracer of torch calls this from its own code, and has no values to show.
    return number in armed and not _torch(sys._getframe(1).f_globals.get("__name__"))


def _torch(module: object) -> bool:
    return type(module) is str and module.startswith("torch.")


def _see(number: int, *values: Any) -> None:
    __tracebackhide__ = True
    if _watching:
        _watching[0].look(number, values)


# What torch.compiler.assume_constant_result does, without importing torch: the compiler asks once.
vars(_due)["_dynamo_marked_constant"] = True


class Marks:
    """Puts marks into the AST of a cell and answers them by calling `see`, returns `back` too."""

    def __init__(self, see: See, back: Back) -> None:
        self._see, self._back = see, back
        self._places: dict[int, tuple[Cell, Site]] = {}
        # Looks that a mark is still worth before it is armed again.
        self._left: dict[int, int] = {}
        self._active = False
        self._again = Again(self._arm_again)

    def start(self) -> None:
        """Begin to answer. The names stay defined when it ends: the marks use them."""
        builtins.__dict__.update({ARMED: _armed, DUE: _due, SEE: _see})
        _watching[:] = [self]

    def stop(self) -> None:
        """Forget all: from now on no mark is due."""
        _watching.clear()
        self.close()
        self._again.end()
        self._places.clear()
        self._left.clear()

    def open(self, cell: Cell) -> None:
        """A cell begins: every line is to be looked at again."""
        self._left = dict.fromkeys(self._places, FIRST)
        _armed.update(self._places)
        self.resume(cell)

    def resume(self, cell: Cell) -> None:
        """Go on with a cell in which another one ran."""
        self._active = True
        _armed.update(number for number, left in self._left.items() if left > 0)
        self._again.begin()

    def close(self) -> None:
        self._active = False
        self._again.pause()
        _armed.clear()

    def replace(self, old: Cell, heir: Cell | None) -> None:
        """Forget `old`, or hand its own marks to `heir`, which has the same source.

        Marks that `old` had from a run before it are forgotten: a cell that is run over and over
        must not gather those of all its runs.
        """
        own = {id(site) for site in old.sites}
        for number, (cell, site) in list(self._places.items()):
            if cell is old and heir is not None and id(site) in own:
                self._places[number] = (heir, site)
            elif cell is old:
                self._places.pop(number, None)
                self._left.pop(number, None)
                _armed.discard(number)

    def transform(self, tree: ast.Module, cell: Cell) -> ast.Module:
        """`tree`, which is the source of `cell`, with marks; as it is if `cell` has its marks."""
        if cell.marked:
            return tree
        cell.marked = True
        sites: dict[tuple[int, str, str], list[Site]] = {}
        for site in cell.sites:
            sites.setdefault((site.line, type(site.node).__name__, site.role), []).append(site)
        # Numba compiles bytecode and knows no builtins of ours.
        numba = "numba" in sys.modules or "numba" in cell.source
        _Writer(sites, lambda site: self._number(cell, site), functions=not numba).module(tree)
        return tree

    def _number(self, cell: Cell, site: Site) -> int:
        number = next(_numbers)
        self._places[number] = (cell, site)
        self._left[number] = FIRST
        _armed.add(number)
        return number

    def look(self, number: int, values: tuple[Any, ...]) -> None:
        """Tell what the names of the mark hold, and count it."""
        __tracebackhide__ = True
        place = self._places.get(number)
        left = self._left[number] = self._left.get(number, 0) - 1
        if left <= 0 or not self._active or place is None:
            _armed.discard(number)
        if place is not None and self._active:
            names = roots(place[1]) or [""]
            if place[1].role == "returned":
                self._back(sys._getframe(2), values[0], left <= 0)
            self._see(*place, dict(zip(names, values, strict=False)))

    def _arm_again(self) -> None:
        """In a thread of its own: what was looked at often enough is worth some more looks."""
        done = [number for number, left in list(self._left.items()) if left <= 0]
        self._left.update(dict.fromkeys(done, AGAIN))
        if self._active:
            _armed.update(done)


def roots(site: Site) -> list[str]:
    """The names whose values a site needs, each once."""
    return list(dict.fromkeys(root for target in site.targets for root in target.roots()))


class _Writer:
    """Changes a tree in place. Each site is found by its line and the kind of its statement."""

    def __init__(
        self,
        sites: dict[tuple[int, str, str], list[Site]],
        number: Callable[[Site], int],
        functions: bool,
    ) -> None:
        self._sites, self._number, self._functions = sites, number, functions

    def module(self, tree: ast.Module) -> None:
        """Top-level statements stay one node each: IPython runs and displays them one by one."""
        for place, node in enumerate(tree.body):
            written = self._statement(node)
            if len(written) > 1 and place < len(tree.body) - 1:
                # No jump is compiled for it: the test is a constant.
                always = ast.copy_location(ast.Constant(True), node)
                tree.body[place] = ast.copy_location(ast.If(always, written, []), node)

    def _body(self, body: list[ast.stmt], first: list[ast.stmt]) -> None:
        written = [new for node in body for new in self._statement(node)]
        # A docstring stays the first statement.
        begin = 1 if first and ast.get_docstring(ast.Module(body, []), clean=False) else 0
        body[:] = [*written[:begin], *first, *written[begin:]]

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if self._functions:
                    self._body(node.body, self._mark(node, "parameter"))
                return [node]
            case ast.For() | ast.AsyncFor() | ast.With() | ast.AsyncWith() | ast.While() | ast.If():
                mark = self._mark(node, "assigned")
                for place, block in enumerate(bodies(node)):
                    # What a test binds is bound on both ways.
                    binds = place == 0 or isinstance(node, ast.If)
                    self._body(block, mark if binds else [])
            case ast.Return():
                return self._return(node)
            case ast.Match():
                for case in node.cases:
                    self._body(case.body, [])
            case ast.ClassDef() | ast.Try() | ast.TryStar():
                for block in bodies(node):
                    self._body(block, [])
            case _:
                return [node, *self._mark(node, "assigned")]
        return [node]

    def _return(self, node: ast.Return) -> list[ast.stmt]:
        before = self._mark(node, "assigned")
        sites = self._sites.get((node.lineno, "Return", "returned"))
        if not sites or node.value is None:
            return [node]
        value = node.value
        keep = ast.Assign([ast.Name(VALUE, ast.Store())], value)
        # A new statement: the site's own still tells what the value was made by.
        back = ast.Return(ast.copy_location(ast.Name(VALUE, ast.Load()), value))
        ast.copy_location(keep, node)
        ast.copy_location(keep.targets[0], value)
        ast.copy_location(back, node)
        return [keep, *before, self._call(sites.pop(0), [VALUE], node), back]

    def _mark(self, node: ast.stmt, role: str) -> list[ast.stmt]:
        sites = self._sites.get((node.lineno, type(node).__name__, role))
        if not sites:
            return []
        site = sites.pop(0)
        return [self._call(site, roots(site), node)] if roots(site) else []

    def _call(self, site: Site, names: list[str], node: ast.stmt) -> ast.stmt:
        # Of a compound statement the mark stands for its first character alone.
        at: dict[str, Any] = {"lineno": node.lineno, "end_lineno": node.lineno}
        at |= {"col_offset": node.col_offset, "end_col_offset": node.col_offset}

        def call(name: str, arguments: list[ast.expr]) -> ast.expr:
            number = ast.Constant(mark, **at)
            return ast.Call(ast.Name(name, ast.Load(), **at), [number, *arguments], [], **at)

        mark = self._number(site)
        see = ast.Expr(call(SEE, [ast.Name(name, ast.Load(), **at) for name in names]), **at)
        due: ast.expr = call(DUE, [])
        if site.scope == MODULE:
            armed = ast.Name(ARMED, ast.Load(), **at)
            due = ast.Compare(ast.Constant(mark, **at), [ast.In()], [armed], **at)
        test = ast.If(due, [see], [], **at)
        missing = ast.Name("NameError", ast.Load(), **at)
        handler = ast.ExceptHandler(missing, None, [ast.Pass(**at)], **at)
        return ast.Try([test], [handler], [], [], **at)
