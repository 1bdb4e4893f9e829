"""A traced cell does what it does untraced; nothing of it is kept; nothing is left behind."""

from __future__ import annotations

import gc
import sys
import traceback
import warnings
from typing import Any

import pytest
import torch
from torch.nn.modules import module as modules
from torchenstein.flow import model, recording, tracer

from .conftest import Notebook
from .test_flow import MODEL


def leftovers() -> list[Any]:
    return [
        *torch.overrides._get_current_function_mode_stack(),
        *modules._global_forward_hooks.values(),
        *modules._global_forward_pre_hooks.values(),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "y = torch.ones(2)",
        "1 / 0",
        "torch.ones(2) @ torch.ones(3)",
        "raise KeyboardInterrupt",
        "def f(:",
        "torch.set_default_device('cpu')\ny = torch.ones(2)\ntorch.set_default_device(None)",
        "mode = torch.overrides.BaseTorchFunctionMode()\nmode.__enter__()",
        "torch.overrides._pop_mode()",
    ],
)
def test_nothing_is_left_behind(notebook: Notebook, source: str) -> None:
    before = list(warnings.filters)
    notebook.ask(trace="cell")
    notebook.run(source)
    assert notebook.ask()["state"] == "done"
    learners = torch.overrides._get_current_function_mode_stack()
    assert [type(mode).__name__ for mode in leftovers()] == ["BaseTorchFunctionMode"] * len(
        learners
    )
    for _ in learners:
        torch.overrides._pop_mode()
    assert list(warnings.filters) == before
    ways = [torch.functional, torch.nn.functional, torch._tensor]
    assert {way.handle_torch_function for way in ways} == {torch.overrides.handle_torch_function}
    assert "grad" not in vars(torch.Tensor)
    assert "showtraceback" not in vars(notebook.shell)
    assert "torchenstein" not in type(warnings.showwarning).__module__
    callbacks = notebook.shell.events.callbacks
    assert tracer()._before not in callbacks["pre_run_cell"]
    assert tracer()._after not in callbacks["post_run_cell"]


def test_only_the_next_run_of_that_cell_is_traced(notebook: Notebook) -> None:
    assert notebook.ask()["state"] == "none"
    assert notebook.ask(trace="other")["state"] == "waiting"
    notebook.run("y = torch.ones(2)")
    assert notebook.ask()["state"] == "waiting"
    notebook.run("y = torch.ones(3)", "other")
    answer = notebook.ask()
    assert (answer["state"], answer["graph"]["nodes"][0]["made"][0]["shape"]) == ("done", [3])
    notebook.run("y = torch.ones(4)", "other")
    assert notebook.ask(since=answer["revision"])["graph"] is None
    assert notebook.ask()["graph"] == answer["graph"]
    assert notebook.ask(trace="other")["state"] == "waiting"
    assert notebook.ask(trace="")["state"] == "done"


def test_no_tensor_and_no_module_is_kept(notebook: Notebook) -> None:
    notebook.run(MODEL)
    notebook.trace(
        "from weakref import ref\n"
        "big = model(x)\n"
        "refs = [ref(big), ref(model), ref(model.head.weight)]\n"
        "inside = ref(big * 2)() is None\n"
        "del big, model"
    )
    gc.collect()
    assert notebook.shell.user_ns["inside"]
    assert [found() for found in notebook.shell.user_ns["refs"]] == [None] * 3


def test_the_operands_of_a_failure_are_not_kept(notebook: Notebook) -> None:
    graph = notebook.trace(
        "from weakref import ref\nrefs = []\ndef noted(t):\n    refs.append(ref(t))\n    return t\n"
        "noted(torch.ones(2, 3) * 1) @ noted(torch.ones(2, 3) * 2)",
        fails=True,
    )
    assert graph.nodes[-1]["failed"]
    assert [found() for found in notebook.shell.user_ns["refs"]] == [None, None]


@pytest.mark.parametrize("failing", ["a @ torch.ones(3)", "F.cross_entropy(a, a.long() + 7)"])
def test_the_traceback_is_the_learners(notebook: Notebook, capsys: Any, failing: str) -> None:
    notebook.trace(f"a = torch.ones(2)\n{failing}", fails=True)
    assert "torchenstein" not in capsys.readouterr().out
    shown: Any = sys.last_value
    frames = traceback.extract_tb(shown.__traceback__)
    assert not any("torchenstein" in frame.filename for frame in frames)


@pytest.mark.parametrize("action", ["default", "always"])
def test_warnings_are_told_as_often_as_ever_and_at_the_learners_lines(
    notebook: Notebook, action: Any
) -> None:
    source = (
        "a = torch.ones(2, requires_grad=True) * 2\nfor _ in range(2):\n    a.grad\na.grad\n"
        "for _ in range(2):\n    F.mse_loss(torch.ones(2, 1), torch.ones(2))\n"
        "nn.MSELoss()(torch.ones(2, 1), torch.ones(2))\nwarnings.warn('theirs')"
    )
    notebook.run("import warnings")
    told = []
    for run in (notebook.run, notebook.trace, notebook.trace):
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter(action)
            run(source)
        told.append([(str(one.message), one.lineno, one.filename[-9:]) for one in found])
    untraced, traced, again = ([one[:2] for one in each] for each in told)
    assert untraced == traced == again
    assert len(untraced) == (5 if action == "default" else 7)
    assert not any("flow" in name for _, _, name in told[1])


def test_what_is_remembered_is_bounded(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MOST_NODES", 50)
    monkeypatch.setattr(model, "MOST_EDGES", 60)
    monkeypatch.setattr(model, "MOST_MODULES", 5)
    monkeypatch.setattr(recording, "MOST_PRODUCERS", 40)
    graph = notebook.trace(
        "layers = [nn.Linear(n + 1, n + 2) for n in range(40)]\nx = torch.ones(1, 1)\n"
        "kept = []\nfor layer in layers:\n    x = layer(x)\n    kept += [x, x.relu()]"
    )
    assert len(graph.nodes) <= 50
    assert len(graph.edges) <= 60
    assert len(graph.modules) <= 5
    assert graph.content["omitted"] > 0


def test_our_own_failure_is_a_sentence_and_no_more(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise OSError

    monkeypatch.setattr(recording.Recording, "_connect", fail)
    notebook.ask(trace="cell")
    assert notebook.run("y = torch.ones(2) + 1\nz = y * 2").success
    answer = notebook.ask()
    assert answer["problem"] == "The trace stopped early, at a OSError of ours."
    assert leftovers() == []


def test_a_torch_that_comes_in_the_cell_is_too_late(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torchenstein.flow.shell.loaded_torch", lambda: None)
    notebook.ask(trace="cell")
    assert notebook.run("y = torch.ones(2)").success
    answer = notebook.ask()
    assert answer["graph"] is None
    assert "not imported yet" in answer["problem"]


def test_no_other_mode_and_no_subclass_hears_of_us(notebook: Notebook) -> None:
    source = (
        "heard = []\nclass Mode(torch.overrides.TorchFunctionMode):\n"
        "    def __torch_function__(self, f, t, a=(), k=None):\n"
        "        heard.append(f.__name__)\n        return f(*a, **(k or {}))\n"
        "class Loud(torch.Tensor):\n    @classmethod\n"
        "    def __torch_function__(cls, f, t, a=(), k=None):\n"
        "        heard.append(f.__name__)\n"
        "        return super().__torch_function__(f, t, a, k or {})\n"
        "x = torch.ones(3).as_subclass(Loud)\nmodel = nn.Linear(3, 2)\n"
        "with Mode():\n    y = model(torch.ones(3)) * 2\nz = x + 1"
    )
    notebook.run(source)
    heard = list(notebook.shell.user_ns["heard"])
    notebook.trace(source)
    assert notebook.shell.user_ns["heard"] == heard


def test_a_step_that_fails_and_is_caught(notebook: Notebook) -> None:
    notebook.run(MODEL)
    graph = notebook.trace(
        "class Bad(torch.optim.SGD):\n    def step(self):\n        raise ValueError\n"
        "opt = Bad(model.parameters(), lr=0.1)\n"
        "try:\n    opt.step()\nexcept ValueError:\n    pass\ny = model(x)\nz = y * 3"
    )
    assert graph.names()[-2:] == ["mul", "z"]
    assert leftovers() == []


def test_a_layer_that_fails_late_in_a_loop_is_marked(notebook: Notebook) -> None:
    graph = notebook.trace(
        "table = nn.Embedding(4, 3)\nfor step in range(30):\n"
        "    rows = table(torch.full((5,), step // 9))\n"
        "    rows = table(torch.full((5,), step // 5))",
        fails=True,
    )
    failed = [node for node in graph.nodes if node["failed"]]
    assert [node["name"] for node in failed] == ["embedding"]
    assert "IndexError" in failed[0]["error"]
    assert graph.path(failed[0]) == ["table"]
    assert leftovers() == []


def test_zero_grad_does_its_work_and_is_given_back(notebook: Notebook) -> None:
    before = torch.optim.Optimizer.zero_grad
    notebook.run(MODEL + "opt = torch.optim.SGD(model.parameters(), lr=0.1)")
    graph = notebook.trace(
        "model(x).sum().backward()\nopt.zero_grad()\n"
        "assert all(p.grad is None for p in model.parameters())\ny = x * 2"
    )
    assert graph.names()[-2:] == ["mul", "y"]
    assert torch.optim.Optimizer.zero_grad is before


def test_modes_and_subclasses_of_the_learner_hear_all_that_they_hear_untraced(
    notebook: Notebook,
) -> None:
    notebook.run(
        "heard = []\nclass Mode(torch.overrides.TorchFunctionMode):\n"
        "    def __torch_function__(self, func, types, args=(), kwargs=None):\n"
        "        heard.append((func.__name__, types))\n"
        "        return func(*args, **(kwargs or {}))\n"
        "class Kind(torch.Tensor):\n    @classmethod\n"
        "    def __torch_function__(cls, func, types, args=(), kwargs=None):\n"
        "        heard.append((func.__name__, types))\n"
        "        return super().__torch_function__(func, types, args, kwargs or {})\n"
        "x, kind = torch.ones(2, requires_grad=True), torch.ones(2).as_subclass(Kind)"
    )
    source = (
        "heard.clear()\nwith Mode():\n    F.relu(x).sum().backward()\n    x.grad = x.grad + 1\n"
        "kind.grad\nF.relu(kind)\nF.softmax(kind, 0)\nx.unique()"
    )
    notebook.run(source)
    untraced = list(notebook.shell.user_ns["heard"])
    graph = notebook.trace(source)
    assert notebook.shell.user_ns["heard"] == untraced
    assert graph.names("operation", "backward")[:5] == [
        *("relu", "sum", "backward", "add", "relu"),
    ]


def test_gradients_are_read_set_and_deleted_as_ever(notebook: Notebook) -> None:
    notebook.run("from threading import Thread\nsaid = []\np = torch.ones(2, requires_grad=True)")
    source = (
        "said.clear()\n(p * 2).sum().backward()\nsaid.append(p.grad.tolist())\n"
        "other = Thread(target=lambda: said.append(p.grad.sum().item()))\n"
        "other.start()\nother.join()\n"
        "try:\n    p.grad = torch.ones(3)\nexcept RuntimeError as e:\n    said.append(str(e))\n"
        "try:\n    p.grad = 3\nexcept TypeError as e:\n    said.append(str(e))\n"
        "p.grad = torch.zeros(2)\nsaid.append(p.grad.tolist())\ndel p.grad\nsaid.append(p.grad)\n"
        "said.append((torch.Tensor.grad.__get__(p), torch.Tensor.grad.__doc__))"
    )
    notebook.run(source)
    untraced = list(notebook.shell.user_ns["said"])
    notebook.trace(source + "\nshort = 'grad' in vars(torch.Tensor)")
    assert notebook.shell.user_ns["said"] == untraced
    assert notebook.shell.user_ns["short"]
    assert len(untraced) == 7


def test_what_is_compiled_while_traced_reads_gradients(
    notebook: Notebook,
) -> None:
    notebook.run(
        "p = torch.ones(2, requires_grad=True)\n(p * 2).sum().backward()\n"
        "compiled = []\ndef backend(graph, examples):\n"
        "    compiled.append(graph)\n    return graph\n"
        "double = torch.compile(lambda a: a.grad * 2, backend=backend, fullgraph=True)"
    )
    notebook.trace("doubled = double(p) + double(p)\nonce = len(compiled) == 1")
    # Untraced it is another program to torch.
    notebook.run("doubled += double(p)\ntorch._dynamo.reset()")
    assert notebook.shell.user_ns["doubled"].tolist() == [12, 12]
    assert notebook.shell.user_ns["once"]


def test_a_thousand_traced_runs_leave_nothing_that_grows(notebook: Notebook) -> None:
    notebook.run("layer = nn.Linear(2, 2)\nx = torch.ones(1, 2)")
    counts = []
    for _ in range(2):
        for _ in range(500):
            notebook.ask(trace="cell")
            notebook.shell.run_cell("y = layer(x)", store_history=False, cell_id="cell")
        gc.collect()
        classes = [str(type(found).__module__) for found in gc.get_objects()]
        counts.append(sum(name.startswith("torchenstein") for name in classes))
    assert counts[1] <= counts[0] + 2


@pytest.mark.parametrize("trace", [None, 3, ["cell"]])
def test_a_bad_request_is_told(notebook: Notebook, trace: object) -> None:
    if trace is None:
        assert notebook.ask()["kind"] == "flow"
    else:
        assert notebook.ask(trace=trace)["reason"] == "bad request"
