"""What warnings must never do: run the learner's code, keep a tensor, read an accelerator."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torchenstein import cautions, inspector, lines
from torchenstein.cautions import families, moment, watch

from .conftest import Notebook

TRAPS = """
ran = []

class Trap:
    @property
    def tensor(self):
        ran.append("property")
        return torch.ones(3, 1)

    def __getattr__(self, name):
        ran.append("getattr")
        raise AttributeError(name)

class Layer(nn.Linear):
    def forward(self, x):
        ran.append("forward")
        return super().forward(x)

class Mine(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        ran.append("torch_function")
        return super().__torch_function__(func, types, args, kwargs or {})

def make(n):
    ran.append("call")
    return torch.ones(n, 1)

trap, layer = Trap(), Layer(3, 1)
mine = torch.ones(3, 1).as_subclass(Mine)
"""


@pytest.mark.parametrize(
    "source",
    [
        "d = ((make(3) - torch.ones(3)) ** 2).mean()",
        "d = ((trap.tensor - torch.ones(3)) ** 2).mean()",
        "d = ((layer(torch.ones(3, 3)) - torch.ones(3)) ** 2).mean()",
        "d = ((mine - torch.ones(3)) ** 2).mean()",
        "loss = F.cross_entropy(layer(torch.ones(3, 3)).softmax(1), torch.zeros(3).long())",
        "loss = layer(torch.ones(2, 3)).sum()\nloss.backward()",
    ],
)
def test_runs_nothing_of_the_learners(notebook: Notebook, source: str) -> None:
    notebook.run(TRAPS)
    notebook.run(source)
    ran: list[str] = notebook.shell.user_ns["ran"]
    before = list(ran)
    notebook.ask()
    assert ran == before


def test_keeps_no_tensor_alive(notebook: Notebook) -> None:
    notebook.run("x = torch.randn(4, 1)\ny = torch.randn(4)\nd = (x - y).abs().mean()")
    notebook.run("model = nn.Linear(2, 1)\nloss = model(torch.ones(1, 2)).sum()\nloss.backward()")
    notebook.ask()
    namespace = notebook.shell.user_ns
    kept = [weakref.ref(namespace[name]) for name in ("x", "y", "d", "model", "loss")]
    notebook.run("del x, y, d, model, loss")
    gc.collect()
    assert [tensor() for tensor in kept] == [None] * 5


def test_nothing_grows_over_a_thousand_runs(notebook: Notebook) -> None:
    source = (
        "x = torch.randn(4, 1)\nd = (x - torch.randn(4)).abs().mean()\n"
        "model = nn.Linear(2, 1)\nmodel(torch.ones(1, 2)).sum().backward()\n"
        "z = torch.zeros(1).log()\n"
        "model.weight.data = z.expand(1, 2).clone()\nspare = model.weight.detach().add_(1)"
    )
    sizes: list[int] = []
    since = 0
    for number in range(1100):
        # Not kept in the history, which is IPython's own to keep.
        notebook.shell.run_cell(source, cell_id=f"again-{number % 3}")
        since = inspector.reply("cautions", since=since).content["revision"]
        if number in (99, 1099):
            gc.collect()
            sizes.append(len(gc.get_objects()))
    assert sizes[1] - sizes[0] < 500


def test_draws_no_random_number_and_changes_nothing(notebook: Notebook) -> None:
    notebook.run("x = torch.randn(6, 1)\nd = (x - torch.randn(6)).abs().mean()")
    state, version = torch.get_rng_state(), notebook.shell.user_ns["x"]._version
    notebook.ask()
    assert torch.equal(torch.get_rng_state(), state)
    assert notebook.shell.user_ns["x"]._version == version


class Seen(TorchDispatchMode):
    """Notes every operation on a tensor that is not of the meta device."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        tensors = [a for a in args if isinstance(a, torch.Tensor)]
        if any(t.device.type != "meta" for t in tensors):
            self.names.append(str(func))
        return func(*args, **(kwargs or {}))


def test_the_answer_computes_on_shapes_alone(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The modes that a learner has on must not see us either, so this one is put underneath.
    from torchenstein.explain import shadow

    monkeypatch.setattr(shadow, "undispatched", _nothing)
    notebook.run("x = torch.randn(6, 1)\nd = (x - torch.randn(6)).abs().mean()")
    with Seen() as seen:
        told = notebook.ask()
    assert any(cell["cautions"] for cell in told["cells"])
    assert seen.names == []


class _nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The shapes of the tensors whose elements are looked at."""
    read: list[tuple[int, ...]] = []
    original = moment.Camera._unusual

    def spy(self: moment.Camera, tensor: torch.Tensor) -> object:
        read.append(tuple(tensor.shape))
        return original(self, tensor)

    monkeypatch.setattr(moment.Camera, "_unusual", spy)
    return read


def test_elements_are_read_of_small_cpu_tensors_alone(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, read: list[tuple[int, ...]]
) -> None:
    monkeypatch.setattr(moment, "MOST_ELEMENTS", 100)
    notebook.run("a = torch.ones(7)\nb = torch.ones(101)\nc = torch.ones(3, device='meta')")
    assert read == [(7,)]
    read.clear()
    notebook.ask(off=["nonfinite"])
    notebook.run("a = torch.ones(8)")
    assert read == []


MODULE = """
model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Linear(2, 1, device="meta"))
def fit(part):
    with torch.no_grad():
        part.weight.mul_(2)
"""


def test_of_modules_only_what_changed_in_memory_of_the_cpu_is_read(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, read: list[tuple[int, ...]]
) -> None:
    notebook.run(MODULE)
    read.clear()
    notebook.run("model[0].weight.sum(), model(torch.ones(1, 3)) if False else None")
    assert read == []
    notebook.run("fit(model[0])")
    assert read == [(2, 3), (2,)]
    read.clear()
    notebook.run("fit(model[2])")
    assert read == []
    monkeypatch.setattr(moment, "MOST_ELEMENTS", 5)
    notebook.run("fit(model[0])")
    assert read == [(2,)]
    read.clear()
    notebook.ask(off=["nonfinite"])
    notebook.run("fit(model[0])")
    assert read == []


def test_a_spoiled_module_is_told_anew_once_it_was_mended_and_is_not_kept(
    notebook: Notebook,
) -> None:
    notebook.run(
        "model = nn.Linear(1, 1)\ngood = {k: v + 0 for k, v in model.state_dict().items()}"
    )
    spoil = "def spoil():\n    with torch.no_grad():\n        model.bias.div_(model.bias * 0)"
    cells = [spoil, "spoil()", "spoil()", "model.load_state_dict(good)", "spoil()"]
    assert [len(told) for told in notebook.cautions(*cells)] == [0, 1, 0, 0, 1]
    kept = [weakref.ref(notebook.shell.user_ns["model"])]
    kept.append(weakref.ref(notebook.shell.user_ns["model"].bias))
    notebook.run("del model")
    gc.collect()
    assert [thing() for thing in kept] == [None, None]


def test_a_module_that_was_spoiled_before_the_watching_is_not_told_of_a_cell_that_leaves_it_alone(
    notebook: Notebook,
) -> None:
    notebook.ask(off=["nonfinite"])
    notebook.run("model = nn.Linear(1, 1)\nwith torch.no_grad():\n    model.bias.div_(0)")
    notebook.ask(off=[])
    assert notebook.cautions("other = nn.Linear(1, 1)\nprint(model)") == [[]]


def test_a_function_that_is_interrupted_is_told_of_all_the_same(notebook: Notebook) -> None:
    notebook.run("model = nn.Linear(1, 1)")
    notebook.run(
        "def fit():\n    with torch.no_grad():\n        model.weight.mul_(torch.inf).mul_(0)\n"
        "    raise KeyboardInterrupt"
    )
    with pytest.raises(KeyboardInterrupt):
        notebook.run("print(1)\nfit()")
    # fit() writes infinity down, and what it holds is NaN.
    (found,) = notebook.ask()["cells"][-1]["cautions"]
    assert (found["expression"], found["sentence"]) == (
        "fit()",
        "model.weight holds NaN after this line.",
    )


def test_a_cell_that_raises_or_is_no_python_harms_nothing(notebook: Notebook) -> None:
    with pytest.raises(RuntimeError):
        notebook.run("x = torch.ones(2)\nx @ torch.ones(3)")
    with pytest.raises(SyntaxError):
        notebook.run("x = = 1")
    assert notebook.cautions("z = torch.zeros(1) / torch.zeros(1)")[0][0]["kind"] == "nonfinite"


BROADCAST = "x = torch.ones(2, 1)\nd = (x - torch.ones(2)).abs().mean()"


def test_a_family_that_fails_is_told_and_takes_no_other_with_it(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[None]:
        raise ZeroDivisionError

    monkeypatch.setitem(families.FAMILIES, "broadcast", broken)
    notebook.run(BROADCAST + "\nz = torch.zeros(1).log()")
    content = inspector.reply("cautions").content
    assert content["problem"] == "A warning could not be made: ZeroDivisionError."
    (cell,) = [cell for cell in content["cells"] if cell["cautions"]]
    assert [c["kind"] for c in cell["cautions"]] == ["nonfinite"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_failure_while_a_cell_runs_is_told_and_the_next_cell_is_well(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(moment.Camera, when, broken)
        notebook.run("x = torch.ones(2)")
        first = inspector.reply("cautions").content
    assert first["problem"] == "A warning could not be made: ZeroDivisionError."
    assert inspector.reply("lines").content["problem"] is None
    notebook.run(BROADCAST)
    told = inspector.reply("cautions", since=first["revision"]).content
    assert told["problem"] is None
    assert [c["kind"] for cell in told["cells"] for c in cell["cautions"]] == ["broadcast"]


def test_an_answer_that_cannot_be_made_at_all_is_still_one(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(watch, "Scene", broken)
    notebook.run(BROADCAST)
    content = inspector.reply("cautions").content
    assert (content["kind"], content["reason"]) == ("failure", "error")
    monkeypatch.undo()
    notebook.run("y = 1")
    assert inspector.reply("snapshot").content["kind"] == "snapshot"
    assert inspector.reply("cautions").content["kind"] == "cautions"


def test_chips_and_warnings_share_one_recorder(notebook: Notebook) -> None:
    assert inspector.reply("lines", watch=True).content["watching"]
    inspector.reply("lines", watch=False)
    assert inspector.reply("lines").content["watching"] is False
    assert notebook.cautions("z = torch.zeros(1).log()")[0] != []
    assert lines.recorder() is not None
    assert inspector.reply("cautions", watch=False).content["watching"] is False
    assert lines.recorder() is None
    assert cautions.watcher() is None


@pytest.mark.parametrize("options", [{"off": ["other"]}, {"off": 1}, {"watch": 1}, {"x": 1}])
def test_requests_that_are_not_of_the_protocol_are_refused(
    notebook: Notebook, options: dict[str, Any]
) -> None:
    assert inspector.reply("cautions", **options).content["reason"] == "bad request"


def test_torch_is_not_imported_for_it() -> None:
    import subprocess

    script = (
        "import sys, torchenstein.cautions, torchenstein.cautions.answer; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_magic_and_a_moved_line_are_told_where_they_were_typed(notebook: Notebook) -> None:
    (found,) = notebook.cautions("\n\n%%time\nx = torch.zeros(2)\ny = x.log()".lstrip("\n"))[0]
    assert found["spot"]["line"] == 2
    (found,) = notebook.cautions("\n\nx = torch.zeros(2)\nä = 'ü'; y = x.log()")[0]
    assert found["spot"]["line"] == 3
