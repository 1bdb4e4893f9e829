"""Which lines show which shapes."""

from __future__ import annotations

import sys
import weakref
from typing import Any

import pytest
import torch
from torchenstein import lines

from .conftest import Notebook


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = torch.ones(2, 3)", {(0, "x"): [2, 3]}),
        ("\n\nx = torch.ones(2)", {(2, "x"): [2]}),
        ("x = y = torch.ones(2)", {(0, "x"): [2], (0, "y"): [2]}),
        ("x, (y, n) = torch.ones(2), (torch.ones(3), 4)", {(0, "x"): [2], (0, "y"): [3]}),
        ("x: torch.Tensor = torch.ones(2)", {(0, "x"): [2]}),
        ("x = torch.ones(2); y = x[None]", {(0, "x"): [2], (0, "y"): [1, 2]}),
        ("x = torch.ones(2)\nx += 1", {(0, "x"): [2], (1, "x"): [2]}),
        ("x = torch.ones(2)\nx[0] = 1", {(0, "x"): [2], (1, "x"): [2]}),
        ("x = torch.ones(2)\nx[0].add_(1).mul_(2)\n0", {(0, "x"): [2], (1, "x"): [2]}),
        ("x = torch.ones(4)\ntorch.relu_(x)\n0", {(0, "x"): [4], (1, "x"): [4]}),
        ("x = torch.ones(4)\ntorch.abs(x, out=x)\n0", {(0, "x"): [4], (1, "x"): [4]}),
        ("if (x := torch.ones(3)).sum() > 0:\n    pass", {(0, "x"): [3]}),
        ("for x in torch.ones(3, 2):\n    pass", {(0, "x"): [2]}),
        ("with torch.no_grad() as n:\n    x = torch.ones(5)", {(1, "x"): [5]}),
        ("d = {}\nd['k'] = torch.ones(3)", {(1, "d['k']"): [3]}),
        ("x = (\n    torch.ones(2)\n    + 1\n)\ny = 1", {(0, "x"): [2]}),
        ("torch.ones(2, 2)", {(0, None): [2, 2]}),
        ("n = 3\ns = 'a'\nl = [1]", {}),
        ("xs = [x * 2 for x in torch.ones(3, 2)]", {}),
        ("ys = [y := x * 2 for x in torch.ones(3, 2)]", {(0, "y"): [2]}),
        ("class A:\n    w = torch.ones(2)", {(1, "w"): [2]}),
        ("%%time\nx = torch.ones(2)\ny = x[None]\n0", {(1, "x"): [2], (2, "y"): [1, 2]}),
        ("%%capture\nx = torch.ones(2)\ny = 0", {(1, "x"): [2]}),
        ("n = !echo 1\nx = torch.ones(2)\n%time y = 0", {(1, "x"): [2]}),
    ],
)
def test_a_statement_shows_what_it_bound_or_changed(
    notebook: Notebook, source: str, expected: dict[Any, Any]
) -> None:
    assert notebook.shapes(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(a):\n    b = a @ a.T\n    return b[0]\nkept = f(torch.ones(2, 3))",
         {(0, "a"): [2, 3], (1, "b"): [2, 2], (2, None): [2], (3, "kept"): [2]}),
        ("def f(a, *, c=1): return a[0]\nkept = f(torch.ones(2, 3))",
         {(0, "a"): [2, 3], (0, None): [3], (1, "kept"): [3]}),
        ("def f():\n    global kept\n    kept = torch.ones(2)\nf()", {(2, "kept"): [2]}),
        ("def f():\n    z = torch.ones(2)\n    def g():\n        nonlocal z\n        z = z[None]\n"
         "    g()\n    return 0\nf()", {(1, "z"): [2], (4, "z"): [1, 2]}),
        ("def f():\n    for n in range(3):\n        yield torch.ones(n)\nfor t in f():\n    pass",
         {(3, "t"): [2]}),
        ("@torch.no_grad()\ndef f(a):\n    return a.T\nt = f(torch.ones(2, 3))",
         {(1, "a"): [2, 3], (2, None): [3, 2], (3, "t"): [3, 2]}),
        ("class M(torch.nn.Module):\n    def forward(self, x):\n        self.h = x * 2\n"
         "        return self.h\nt = M()(torch.ones(2, 5))",
         {(1, "x"): [2, 5], (2, "self.h"): [2, 5], (3, None): [2, 5], (4, "t"): [2, 5]}),
        ("def f(a):\n    try:\n        a = a @ a\n    except RuntimeError:\n        b = a[0]\n"
         "    return None\nf(torch.ones(2, 3))", {(0, "a"): [2, 3], (4, "b"): [3]}),
        ("import asyncio\nasync def f(a):\n    await asyncio.sleep(0)\n    b = a[0]\n    return b\n"
         "t = await f(torch.ones(2, 3))",
         {(1, "a"): [2, 3], (3, "b"): [3], (4, None): [3], (5, "t"): [3]}),
    ],
)  # fmt: skip
def test_functions_and_modules_of_the_notebook_show_theirs(
    notebook: Notebook, source: str, expected: dict[Any, Any]
) -> None:
    assert notebook.shapes(source) == expected


def test_a_function_goes_on_showing_when_other_cells_call_it(notebook: Notebook) -> None:
    notebook.run("def f(a):\n    b = a * 2\n    return b", "def")
    first = notebook.ask()["revision"]
    notebook.run("t = f(torch.ones(2))\nt = f(torch.ones(3))", "call")
    cells = {cell["cell_id"]: cell for cell in notebook.ask(since=first)["cells"]}
    assert [(n["line"], n["shape"], n["seen"]) for n in cells["def"]["lines"]] == [
        (0, [3], 2),
        (1, [3], 2),
        (2, [3], 2),
    ]
    notebook.run("t = f(torch.ones(4))", "call again")
    assert notebook.lines()[0]["shape"] == [4]
    again = {cell["cell_id"]: cell for cell in notebook.ask()["cells"]}
    assert again["def"]["lines"][0]["seen"] == 3


def test_a_line_that_ran_with_different_shapes_counts_them(notebook: Notebook) -> None:
    (loop, made) = notebook.lines("for x in [torch.ones(n) for n in (1, 2, 2, 5)]:\n    y = x * 2")
    assert (made["shape"], made["seen"], loop["shape"], loop["seen"]) == ([5], 3, [5], 3)


def test_a_line_of_a_long_loop_is_looked_at_now_and_then(notebook: Notebook) -> None:
    source = """import time
def train():
    for n in range(3000):
        x = torch.ones(1 if n < 1500 else 2)
        time.sleep(0.0005)
train()
"""
    (made,) = notebook.lines(source)
    assert (made["shape"], made["seen"]) == ([2], 2)


def test_the_last_of_a_loop_is_told_exactly(notebook: Notebook) -> None:
    loop, made = notebook.lines("for n in range(999):\n    x = torch.ones(1 if n < 998 else 7)\nx")
    assert (loop["shape"], made["shape"]) == ([7], [7])


def test_a_line_first_reached_late_in_a_loop_is_seen(notebook: Notebook) -> None:
    source = (
        "for n in range(50):\n    if n == 40:\n        x = torch.ones(2)\n    y = torch.ones(3)"
    )
    assert notebook.shapes(source) == {(2, "x"): [2], (3, "y"): [3]}


def test_a_cell_that_raises_shows_the_lines_before(notebook: Notebook) -> None:
    notebook.run("y = torch.ones(7)")
    result = notebook.run("x = torch.ones(2)\ny = x @ torch.ones(3)\nz = x")
    assert isinstance(result.error_in_exec, RuntimeError)
    assert [(n["line"], n["name"]) for n in notebook.lines()] == [(0, "x")]


def test_a_cell_that_is_no_python_is_left_to_the_shell(notebook: Notebook) -> None:
    assert isinstance(notebook.run("x = = 1").error_before_exec, SyntaxError)
    assert notebook.lines("x = torch.ones(2)")[0]["shape"] == [2]


def test_a_cell_that_runs_again_starts_over(notebook: Notebook) -> None:
    notebook.run("x = torch.ones(2)\ny = x", "a")
    notebook.run("x = torch.ones(3)", "a")
    (cell,) = notebook.ask()["cells"]
    assert [(n["line"], n["shape"]) for n in cell["lines"]] == [(0, [3])]


def test_an_object_of_the_same_cell_run_twice_still_shows(notebook: Notebook) -> None:
    source = "def f(a):\n    b = a[0]\n    return b"
    notebook.run(source, "a")
    notebook.run("old = f", "b")
    notebook.run(source, "a")
    notebook.run("old(torch.ones(2, 3))", "b")
    cells = {cell["cell_id"]: cell["lines"] for cell in notebook.ask()["cells"]}
    assert [n["shape"] for n in cells["a"]] == [[2, 3], [3], [3]]


def test_dtype_and_device_are_told(notebook: Notebook) -> None:
    (line,) = notebook.lines("x = torch.ones(2, dtype=torch.int64, device='meta')")
    assert (line["dtype"], line["device"]) == ("int64", "meta")


def test_closed_it_sees_nothing_and_opens_afresh(notebook: Notebook) -> None:
    notebook.run("def f(a):\n    b = a * 2\n    return b")
    closed = notebook.ask(watch=False)
    assert (closed["watching"], closed["cells"]) == (False, [])
    notebook.run("t = f(torch.ones(2))")
    assert notebook.ask()["cells"] == []
    assert notebook.ask(watch=True)["watching"] is True
    assert notebook.lines("t = f(torch.ones(2))")[0]["name"] == "t"


def test_install_twice_and_uninstall_leave_the_shell_as_it_was(notebook: Notebook) -> None:
    events = notebook.shell.events.callbacks
    lines.uninstall()
    before = (list(notebook.shell.ast_transformers), {k: list(v) for k, v in events.items()})
    assert lines.install()
    assert lines.install()
    lines.uninstall()
    lines.uninstall()
    assert (notebook.shell.ast_transformers, dict(events)) == before
    if sys.version_info >= (3, 12):
        assert "torchenstein" not in [sys.monitoring.get_tool(tool) for tool in range(6)]


def test_no_tensor_is_kept_alive(notebook: Notebook) -> None:
    source = """
import weakref
def f():
    big = torch.ones(9)
    gone = weakref.ref(big)
    big = big * 2
    alive = gone() is not None
    def inner(a):
        return a * 2
    small = inner(big)
    gone = weakref.ref(big)
    del big
    return alive, gone() is not None, weakref.ref(small)
kept = f()
kept = (*kept[:2], kept[2]() is not None)
"""
    notebook.run(source).raise_error()
    assert notebook.shell.user_ns["kept"] == (False, False, False)
    notebook.run("x = torch.ones(3)")
    tensor = weakref.ref(notebook.shell.user_ns["x"])
    notebook.run("del x")
    assert tensor() is None


def test_a_dictionary_from_locals_is_left_alone(notebook: Notebook) -> None:
    source = "def f():\n    x = torch.ones(1)\n    kept = locals()\n    x = torch.ones(2)\n"
    source += "    y = x\n    return kept\nkept = f()['x'].shape[0]"
    notebook.run(source).raise_error()
    assert notebook.shell.user_ns["kept"] == 1


def test_requests_that_are_not_of_the_protocol_are_refused(notebook: Notebook) -> None:
    from torchenstein import inspector

    for options in ({"since": -1}, {"watch": 1}, {"other": 2}):
        assert inspector.reply("lines", **options).content["reason"] == "bad request"
    assert torch.ones(1).numel() == 1
