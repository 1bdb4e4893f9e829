"""Where a test cell's names come from: which it needs, and what the instructor's notebook gives."""

import ast
import builtins
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from torchgrade.engine.scopes import Scopes, parse, tree_or_none
from torchgrade.engine.statements import Statement, reads, statements

# What a cell does for its reader, inside a loop or a branch that also defines something.
SHOWING = {"display", "print", "reveal"}


@dataclass(frozen=True)
class GivenCell:
    """A code cell of the instructor's notebook; `kind` is "plain", "answer" or "test"."""

    source: str
    kind: str


def free_names(source: str) -> set[str]:
    """The names that a cell reads and does not bind itself before; builtins are not among them.

    Functions and comprehensions count too. A name that only functions read is free if the cell
    binds it nowhere. Every branch counts as taken.

    Raises:
        SyntaxError: the cell is no Python.
    """
    tree = parse(source)
    scopes = Scopes(tree)
    early, late = reads(tree.body, scopes)
    free = early | (late - set(scopes.module.values))
    return {name for name in free if not hasattr(builtins, name)}


def given_source(given_cells: Sequence[GivenCell], before: int, wanted: Collection[str]) -> str:
    """Source that binds what the plain cells above index `before` bind of the names `wanted`.

    It holds the top-level statements that bind a wanted name, that change its object in place
    (`table[0] = 1`, `x.requires_grad_()`, `names.append(...)`), and what these need in turn, in
    the notebook's order; showing and asserting are left out, inside loops and branches too. Left
    out is every name that needs one of an answer cell, or one that nothing binds: it is the
    learner's. Not followed: settings of modules (`torch.manual_seed`, `plt.rcParams`), star
    imports, changes made through another name or inside a function, and cells with magics.
    """
    known: list[tuple[str, Statement]] = []
    for cell in given_cells[:before]:
        if cell.kind in ("plain", "answer"):
            known += [(cell.kind, one) for one in _quiet_statements(cell.source)]
    given = _Slice(known)
    kept: set[int] = set()
    for name in sorted(wanted):
        kept |= given.of([(name, len(known))]) or set()
    return "".join(f"{ast.unparse(known[index][1].node)}\n" for index in sorted(kept))


@lru_cache(maxsize=256)  # every test cell of a notebook asks about the cells above it
def _quiet_statements(source: str) -> list[Statement]:
    tree = tree_or_none(source)
    return [] if tree is None else statements(ast.fix_missing_locations(_Quiet().visit(tree)))


class _Slice:
    """Finds the statements that a name rests on."""

    def __init__(self, known: Sequence[tuple[str, Statement]]) -> None:
        self.known = known

    def of(self, wanted: Iterable[tuple[str, int]]) -> set[int] | None:
        """Statements that names, each as it is before some index, rest on; None if one cannot."""
        todo, done, kept = list(wanted), set[tuple[str, int]](), set[int]()
        while todo:
            name, upto = todo.pop()
            if (name, upto) in done:
                continue
            done.add((name, upto))
            makers = self._makers(name, upto)
            if not makers or any(self.known[index][0] == "answer" for index in makers):
                return None
            for index in makers:
                statement = self.known[index][1]
                kept.add(index)
                todo += [(one, index) for one in statement.early if self._counts(one, index)]
                end = len(self.known)
                todo += [(one, end) for one in statement.late if self._counts(one, end)]
        return kept

    def _counts(self, name: str, upto: int) -> bool:
        return not hasattr(builtins, name) or bool(self._makers(name, upto))

    def _makers(self, name: str, upto: int) -> list[int]:
        """The last statement that binds the name, those it builds on, and changes after it."""
        makers: list[int] = []
        imported = False
        for index in range(upto - 1, -1, -1):
            statement = self.known[index][1]
            if name in statement.binds:
                if isinstance(statement.node, ast.Delete):
                    break
                makers.append(index)
                imported = imported or statement.imports
                if statement.whole:
                    return [i for i in makers if not imported or name in self.known[i][1].binds]
            elif name in statement.changes:
                makers.append(index)
        bound = [i for i in makers if name in self.known[i][1].binds]
        return (bound if imported else makers) if bound else []


class _Quiet(ast.NodeTransformer):
    """Takes out of a cell what shows and asserts."""

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node)

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        called = node.value.func if isinstance(node.value, ast.Call) else None
        shows = isinstance(called, ast.Name) and called.id in SHOWING
        return ast.copy_location(ast.Pass(), node) if shows else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return node  # what a function does when it is called is its own

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        return node
