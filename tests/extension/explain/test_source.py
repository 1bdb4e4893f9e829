"""From an instruction to the expression, on plain Python objects: no torch is needed."""

from __future__ import annotations

import ast
import linecache
from typing import Any

import pytest
from torchenstein.explain.comprehension import around
from torchenstein.explain.frames import steps
from torchenstein.explain.source import Source, positions

NAME = "<ipython-input-0-test>"


class Fails:
    """Raises RuntimeError from every operation but `same`."""

    def same(self, *_: object) -> Fails:
        return self

    def fails(self, *_: object, **__: object) -> Any:
        raise RuntimeError

    __matmul__ = __add__ = __getitem__ = __setitem__ = __bool__ = __invert__ = fails
    __lt__ = __iter__ = fails


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a @ b", "a @ b"),
        ("c = (a.same() @ b) + a", "a.same() @ b"),
        ("[v @ b for v in [a]]", "v @ b"),
        ("{k: a @ b for k in 'x'}", "a @ b"),
        ("sum(a @ b for _ in 'x')", "a @ b"),
        ("def f():\n  return [v @ b for v in [a]]\nf()", "v @ b"),
        ("(lambda v: v @ b)(a)", "v @ b"),
        ("print(f'x {a @ b:>3} y')", "a @ b"),
        ("y = (a.same()\n   .same(1)\n   .fails(2,\n 3))", "a.same().same(1).fails(2, 3)"),
        ("(a\n @ b\n)", "a @ b"),
        ("dict(k=a.fails(1))", "a.fails(1)"),
        ("a.fails(*[1], k=2)", "a.fails(*[1], k=2)"),
        ("a[0]", "a[0]"),
        ("a[1:2]", "a[1:2]"),
        ("a[1, :] = b", "a[1, :]"),
        ("a @= b", "a @= b"),
        ("if a: pass", "a"),
        ("while a < b: pass", "a < b"),
        ("1 if a else 2", "a"),
        ("not a", "a"),
        ("z = ~a", "~a"),
        ("p, q = a", "p, q"),
        ("for i in a: pass", "a"),
        ("assert a @ b", "a @ b"),
        ("def g(x, y=a @ b): pass", "a @ b"),
        ("'é'; größe = a; größe @ b", "größe @ b"),
    ],
)
def test_finds_the_expression(code: str, expected: str) -> None:
    lines = code.splitlines(keepends=True)
    linecache.cache[NAME] = (len(code), None, lines, NAME)
    with pytest.raises(RuntimeError) as caught:
        exec(compile(code, NAME, "exec"), {"a": Fails(), "b": Fails()})
    step = [step for step in steps(caught.tb) if step.filename == NAME][-1]
    source = Source.of(NAME)
    span = positions(step.frame.f_code, step.instruction)
    assert source is not None
    assert span is not None
    node = source.node(span)
    assert node is not None
    assert source.segment(node) == expected


def test_a_file_that_is_gone_has_no_source() -> None:
    source = Source.of("<ipython-input-nowhere>")
    assert source is None or source.node((1, 0, 1, 5)) is None


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("[x @ w for w in ws]", 1),
        ("[[x @ w for w in ws] for x in xs]", 2),
        ("(x @ w for w in ws)", 0),
        ("[(lambda: x @ w)() for w in ws]", 0),
        ("x @ w", 0),
    ],
)
def test_comprehensions_around_an_expression(code: str, count: int) -> None:
    tree = ast.parse(code)
    node = next(n for n in ast.walk(tree) if isinstance(n, ast.BinOp))
    assert len(around(tree, node)) == count
