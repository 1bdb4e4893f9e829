"""What the submitted source says: a hostile process can silence a watcher in its own house.

`banned_calls` reads which banned functions an exercise's code uses; `tampering` finds code that
could blind the watchers of `torchgrade.check.watch`. Both read syntax trees and run nothing.
"""

import ast
import re
from collections.abc import Collection, Iterator, Sequence

from torchgrade.check.watch import function_name
from torchgrade.engine.paths import Paths
from torchgrade.engine.scopes import Scopes, tree_or_none
from torchgrade.engine.statements import Statement, cell_statements
from torchgrade.engine.tampering import Finding, tampering

__all__ = ["Finding", "banned_calls", "tampering"]


def banned_calls(
    cells: Sequence[str], subject: str, bans: Collection[str], *, strict: bool = False
) -> tuple[str, ...]:
    """The banned functions that the code behind the top-level name `subject` mentions.

    Args:
        cells: the learner's code cells in the order in which they ran before the check.
        subject: the exercise's name. Its last definition counts, and all that this uses in turn.
        bans: bare names, as `function_name` gives them.
        strict: count also every attribute, string and import of a banned name in any cell.

    Returns:
        Bare names, sorted. Only what is certainly torch's counts: `torch.softmax`, `F.softmax`,
        `torch.special.softmax`, `from torch import softmax as s`, `f = torch.softmax`. A method
        (`x.softmax()`) may be anybody's: without `strict` it is left to those who watch the call.
    """
    known = [one for cell in cells for one in cell_statements(cell)]
    stars = [one.node for one in known if one.imports and not one.binds]
    reached = [one.node for one in _reached(known, subject)]
    paths = Paths(Scopes(*stars, *reached))
    said = {
        name
        for tree in reached
        for node in paths.scopes.below[tree]
        for path in _named(node, paths)
        for name in _functions(path)
    }
    if strict:
        said |= {function_name(word) for cell in cells for word in _words(cell)}
    return tuple(sorted(said & {function_name(ban) for ban in bans}))


def _reached(known: Sequence[Statement], subject: str) -> Iterator[Statement]:
    """The statements that a name rests on, as they are when the last statement has run."""
    end = len(known)
    todo, done, given = [(subject, end)], set[tuple[str, int]](), set[int]()
    while todo:
        name, upto = todo.pop()
        if (name, upto) in done:
            continue
        done.add((name, upto))
        for index in _makers(known, name, upto):
            statement = known[index]
            todo += [(one, index) for one in statement.early]
            todo += [(one, end) for one in statement.late]
            if index not in given:
                given.add(index)
                yield statement


def _makers(known: Sequence[Statement], name: str, upto: int) -> Iterator[int]:
    for index in range(upto - 1, -1, -1):
        statement = known[index]
        if name in statement.binds:
            yield index
            if statement.whole:
                break
        elif name in statement.changes or (
            name in statement.calls_on and not _imported(known, name)
        ):
            yield index
    for index, statement in enumerate(known):
        # `global` in a function: bound whenever that is called.
        if name in statement.changes and hasattr(statement.node, "body"):
            yield index


def _imported(known: Sequence[Statement], name: str) -> bool:
    return any(name in one.binds and one.imports for one in known)


def _named(node: ast.AST, paths: Paths) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, (ast.Attribute, ast.Call)):
        yield from paths.of(node)
    elif isinstance(node, ast.Name) and paths.scopes.of[node].home(node.id) is None:
        yield from paths.of(node)  # from a star import; others are counted where they are bound


def _functions(path: str) -> Iterator[str]:
    """The bare function names that a dotted path of torch's may mean."""
    parts = path.split(".")
    if parts[0] == "torch" and len(parts) > 1:
        yield function_name(parts[-1])
        if parts[1] == "ops":  # torch.ops.aten.softmax.int: the last part is only the overload
            yield from map(function_name, parts[2:])


def _words(cell: str) -> Iterator[str]:
    tree = tree_or_none(cell)
    if tree is None:
        yield from re.findall(r"\w+", cell)
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
