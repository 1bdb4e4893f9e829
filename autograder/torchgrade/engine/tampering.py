"""Finds code that could silence or deceive a watcher in the same process."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torchgrade.engine import hazards
from torchgrade.engine.paths import Paths, literal
from torchgrade.engine.rules_calls import Rules
from torchgrade.engine.scopes import UNREADABLE, Scopes, parse, tree_or_none


@dataclass(frozen=True)
class Finding:
    """One thing that does not belong into a learner's cell.

    Attributes:
        cell: index among the cells given, from 0.
        line: of the cell, from 1.
        what: such as "assigns torch.allclose" or "calls exec".
    """

    cell: int
    line: int
    what: str


def tampering(cells: Sequence[str], *, unchanged: Sequence[str] = ()) -> tuple[Finding, ...]:
    """What in these cells could silence or deceive a watcher living in the same process.

    Sound enough to make an attack hard, and quiet on what students of PyTorch write: their own
    classes, attributes of their objects, settings, measuring and plotting magics, shell lines.
    A cell with a syntax error cannot run and is passed over.

    Args:
        cells: the learner's own cells, in any order.
        unchanged: the instructor's cells beside them. They are not suspected, but what they import
            is needed to understand the others: `torch.allclose = f` says nothing without it.
    """
    trees: list[tuple[int, int, ast.Module]] = []
    found: list[Finding] = []
    for index, cell in enumerate(cells):
        try:
            trees += [(index, offset, tree) for offset, tree in _with_bodies(parse(cell))]
        except SyntaxError:
            continue
        except UNREADABLE:
            found.append(Finding(index, 1, "is nested too deeply to be read"))
    believed = [tree for cell in unchanged if (tree := tree_or_none(cell)) is not None]
    rules = Rules(Paths(Scopes(*believed, *(tree for _, _, tree in trees))))
    for index, offset, tree in trees:
        try:
            for node, what in rules.findings(tree):
                found.append(Finding(index, offset + getattr(node, "lineno", 1), what))
        except RecursionError:
            found.append(Finding(index, 1, "is nested too deeply to be read"))
    return tuple(sorted(set(found), key=lambda one: (one.cell, one.line, one.what)))


def _with_bodies(tree: ast.Module) -> Iterator[tuple[int, ast.Module]]:
    """A tree and those of the Python that its strings hold: `%timeit`'s, `timeit.timeit`'s."""
    yield 0, tree
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Attribute, ast.Name)):
            continue
        method = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        texts = [literal(arg) or "" for arg in node.args]
        if method in {"run_line_magic", "run_cell_magic"} and texts[0] in hazards.READ_MAGICS:
            head = re.sub(r"^(\s*-\w+(\s*\d+)?)+", "", texts[1]) if len(texts) > 1 else ""
            texts = [head.strip(), *texts[2:]] if texts[0] != "capture" else texts[2:]
        elif method not in {one.rpartition(".")[2] for one in hazards.STRING_RUNNERS}:
            continue
        else:
            texts += [literal(word.value) or "" for word in node.keywords]
        for text in texts:
            try:
                inside = parse(text)
            except SyntaxError:
                continue  # the magic's own options
            yield from ((node.lineno + offset, one) for offset, one in _with_bodies(inside))
