"""The recorder changes nothing of what cells do, and nothing of it grows."""

from __future__ import annotations

import gc
import io
import re
import sys
from contextlib import redirect_stdout
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torchenstein import lines

from .conftest import Notebook

NAMES = st.sampled_from(["a", "b", "c"])
EXPRESSIONS = st.one_of(
    st.builds("torch.ones({}, {})".format, st.integers(1, 3), st.integers(1, 3)),
    st.builds("{} @ {}".format, NAMES, NAMES),
    # Of one dimension .T warns, once in a process.
    st.builds("({} + {}).t()".format, NAMES, NAMES),
    st.builds("f({})".format, NAMES),
    st.sampled_from(["1 / 0", "(a := b)", "[c := x for x in a][0]", "(lambda q: q * 2)(a)"]),
)
SIMPLE = st.one_of(
    st.builds("{} = {}".format, NAMES, EXPRESSIONS),
    st.builds("{}, {} = {}, {}".format, NAMES, NAMES, EXPRESSIONS, EXPRESSIONS),
    st.builds("{} += {}".format, NAMES, EXPRESSIONS),
    st.builds("{}[0] = {}".format, NAMES, st.integers(0, 9)),
    st.builds("{}.add_(1)".format, NAMES),
    st.builds("print({}.shape)".format, NAMES),
    st.builds("del {}".format, NAMES),
)


def indented(body: list[str]) -> str:
    return "\n".join("    " + line for text in body for line in text.splitlines())


def block(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map(indented)
    return st.one_of(
        st.builds("for {} in torch.ones(2, 2, 2):\n{}".format, NAMES, body),
        st.builds("if {}.numel() > 3:\n{}\nelse:\n{}".format, NAMES, body, body),
        st.builds("try:\n{}\nexcept Exception as e:\n{}\nfinally:\n{}".format, body, body, body),
        st.builds("with torch.no_grad():\n{}".format, body),
        st.builds("def f({}):\n{}\n    return {}".format, NAMES, body, EXPRESSIONS),
        st.builds("class K:\n{}".format, body),
    )


PROGRAMS = st.lists(st.recursive(SIMPLE, block, max_leaves=6), min_size=1, max_size=6)


def outcome(notebook: Notebook, source: str) -> tuple[Any, ...]:
    """What a learner can observe of a cell: names, display, output, error and where it was."""
    space = notebook.shell.user_ns
    for name in ("a", "b", "c", "e", "f", "K"):
        space.pop(name, None)
    space.update(a=torch.ones(2, 2), b=torch.ones(2, 3), f=lambda x: x)
    shown = io.StringIO()
    with redirect_stdout(shown):
        result = notebook.shell.run_cell(source, store_history=False)
    trace, places = getattr(result.error_in_exec, "__traceback__", None), []
    while trace is not None:
        code = trace.tb_frame.f_code
        if "ipython" in code.co_filename.lower() and "interactiveshell" not in code.co_filename:
            position = list(code.co_positions())[trace.tb_lasti // 2]
            places.append((code.co_name, trace.tb_lineno, position))
        trace = trace.tb_next
    values = {name: repr(space.get(name)) for name in ("a", "b", "c")}
    text = re.sub(r"0x\w+|-\d+-\w+|In\[\d+\]", "", shown.getvalue())
    return values, text, repr(result.error_in_exec), places, repr(result.result)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PROGRAMS)
def test_programs_do_the_same_with_and_without(notebook: Notebook, program: list[str]) -> None:
    source = "\n".join(program)
    # A long traceback takes IPython longer than all the rest.
    notebook.shell.run_line_magic("xmode", "Minimal")
    lines.uninstall()
    without = outcome(notebook, source)
    lines.install(notebook.shell)
    assert outcome(notebook, source) == without
    recorder = lines.recorder()
    assert recorder is not None
    assert recorder.cells.problem is None


def test_the_source_of_a_function_is_the_learners(notebook: Notebook) -> None:
    source = 'import inspect\ndef f(a):\n    """Doc."""\n    b = a\n    return b\n'
    notebook.run(source + "kept = (inspect.getsource(f), f.__doc__, f(1), f.__code__.co_argcount)")
    text = source.partition("\n")[2]
    assert notebook.shell.user_ns["kept"] == (text, "Doc.", 1, 1)


def test_a_function_meant_for_a_compiler_of_bytecode_is_left_alone(notebook: Notebook) -> None:
    notebook.run("# as numba.njit would take it\ndef f(a):\n    b = a\n    return b\nkept = f(1)")
    names = notebook.shell.user_ns["f"].__code__.co_names
    assert names == ()


def test_compiled_functions_are_whole_and_not_compiled_again(notebook: Notebook) -> None:
    source = """
import warnings
warnings.simplefilter("ignore")
class Net(torch.nn.Module):
    def forward(self, x):
        h = x * 2
        if h.shape[0] > 1:
            h = h + 1
        return h
compiles = []
def backend(graph, inputs):
    compiles.append(graph)
    return graph.forward
net = torch.compile(Net(), backend=backend, fullgraph=True, dynamic=False)
y = net(torch.ones(3))
"""
    notebook.run(source).raise_error()
    for _ in range(3):
        notebook.run("y = net(torch.ones(3))").raise_error()
    lines.uninstall()
    notebook.run("y = net(torch.ones(3))").raise_error()
    lines.install(notebook.shell)
    notebook.run("y = net(torch.ones(3))").raise_error()
    assert len(notebook.shell.user_ns["compiles"]) == 1
    assert notebook.shell.user_ns["y"].tolist() == [3.0] * 3
    assert notebook.lines("y = net(torch.ones(3))")[0]["shape"] == [3]
    # Otherwise torch clears up at exit in a namespace that the shell has emptied by then.
    notebook.run("del net, compiles, y\ntorch._dynamo.reset()").raise_error()


@pytest.mark.skipif(sys.platform != "linux", reason="workers that know a notebook's class: fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_workers_of_a_data_loader_run(notebook: Notebook) -> None:
    source = """
class Numbers(torch.utils.data.Dataset):
    def __len__(self):
        return 6
    def __getitem__(self, i):
        x = torch.full((2,), float(i))
        return x
for batch in torch.utils.data.DataLoader(Numbers(), batch_size=4, num_workers=2):
    total = batch.sum()
"""
    shapes = {(n["line"], n["name"]): (n["shape"], n["seen"]) for n in notebook.lines(source)}
    assert shapes == {(7, "batch"): ([2, 2], 2), (8, "total"): ([], 1)}


def test_autocast_hooks_and_threads(notebook: Notebook) -> None:
    source = """
import threading
layer = torch.nn.Linear(2, 3)
handle = layer.register_forward_hook(lambda m, i, o: o * 2)
with torch.autocast("cpu", dtype=torch.bfloat16):
    y = layer(torch.ones(1, 2))
handle.remove()
def work():
    z = torch.ones(5)
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""
    found = {line["name"]: (line["shape"], line["dtype"]) for line in notebook.lines(source)}
    assert found == {"y": ([1, 3], "bfloat16"), "z": ([5], "float32")}


def test_a_failure_of_ours_stays_ours(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr("torchenstein.lines.cells.Cell.see", broken)
    notebook.run("x = torch.ones(2)\nkept = 1").raise_error()
    recorder = lines.recorder()
    assert recorder is not None
    assert recorder.cells.problem == "The line recorder stopped at a ValueError."


def test_nothing_grows_over_a_thousand_cells(notebook: Notebook) -> None:
    sizes: list[int] = []
    source = "def f(a):\n    b = a + {}\n    return b\nu = f(torch.ones(3))"
    for number in range(1200):
        # Not kept in the history, which is IPython's own to keep.
        notebook.shell.run_cell(source.format(number % 150), cell_id=f"{number % 150}")
        if number in (199, 1199):
            gc.collect()
            sizes.append(len(gc.get_objects()))
    recorder = lines.recorder()
    assert recorder is not None
    assert len(recorder.cells) == 100
    assert sizes[1] - sizes[0] < 500


def test_nothing_grows_while_one_cell_runs_over_and_over(notebook: Notebook) -> None:
    sizes: list[int] = []
    for number in range(600):
        notebook.shell.run_cell("def f(a):\n    return a + 1\nu = f(torch.ones(3))", cell_id="one")
        if number in (99, 599):
            gc.collect()
            sizes.append(len(gc.get_objects()))
    assert sizes[1] - sizes[0] < 500
