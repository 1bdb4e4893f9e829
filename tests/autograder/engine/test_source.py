from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torchgrade.engine.source import Finding, banned_calls, tampering
from torchgrade.verify.lesson import read_lesson

ROOT = Path(__file__).parents[3]
LESSONS = sorted((ROOT / "source").rglob("*.ipynb"))
HERE = Path(__file__).parent
IMPORTS = (
    "import torch, sys, os, math\nfrom torch import nn\nimport torch.nn.functional as F\n"
    "import numpy as np\nfrom torchgrade import case, cases, check, device, exercise, reveal"
)


def listed(name: str) -> list[str]:
    """The snippets of a file of ours, which are set apart by lines of `# %%`."""
    text = (HERE / name).read_text(encoding="utf-8")
    return [part.strip("\n") for part in text.split("\n# %%\n")]


HONEST = listed("honest_cells.txt")
HOSTILE = listed("hostile_cells.txt")


@pytest.mark.parametrize("cell", HONEST)
def test_what_students_write_is_not_flagged(cell: str) -> None:
    assert tampering([cell], unchanged=[IMPORTS]) == ()


def test_nor_is_all_of_it_in_one_notebook() -> None:
    assert tampering([IMPORTS, *HONEST]) == ()


@pytest.mark.parametrize("cell", HOSTILE)
def test_what_could_blind_a_watcher_is_flagged(cell: str) -> None:
    assert tampering([cell], unchanged=[IMPORTS])


def test_the_lists_are_as_long_as_promised() -> None:
    assert len(HONEST) >= 60
    assert len(HOSTILE) >= 40


ATTACKS = HERE.parent / "attacks" / "submissions"
BLINDING = ("frames_", "ipython_", "python_", "torch_", "torchgrade_")


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(ATTACKS.glob("*.ipy")) if path.name.startswith(BLINDING)],
    ids=lambda path: path.stem,
)
def test_attacks_on_what_watches_are_flagged(path: Path) -> None:
    cells = path.read_text(encoding="utf-8").split("\n# %%")
    sources = [cell.partition("\n")[2] for cell in cells]  # the first line names the cell
    assert tampering(sources, unchanged=[IMPORTS])


# The lesson on devices pretends, in a cell of its own, that no accelerator is there. Who changes
# such a cell is told; the exercises of these lessons watch no calls.
PRETENDS = {
    "01_hello_lab.ipynb": {
        "imports unittest.mock",
        "uses unittest.mock",
        "calls unittest.mock.patch",
    },
    # It shows what a pickle can do, and why nobody should load one so.
    "03_saving_weights.ipynb": {"loads what may run code (weights_only)"},
}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_cell_of_a_lesson_is_flagged(path: Path) -> None:
    cells = [cell.source for cell in read_lesson(path).of_kind("code", "answer")]
    assert {one.what for one in tampering(cells)} == PRETENDS.get(path.name, set())


# Test cells hold the references, alternatives and mistakes, and more that runs on the judge's side.
IN_TESTS = {
    "03_saving_weights.ipynb": {
        "imports unittest.mock.patch",
        "calls unittest.mock.patch",
        "loads what may run code (weights_only)",
        "names __reduce__",
    },
    "05_matrix_multiplication.ipynb": {  # a probe counts the numbers of the largest intermediate
        "imports torch.utils._python_dispatch",
        "imports torch.utils._python_dispatch.TorchDispatchMode",
        "uses torch.utils._python_dispatch",
        "uses torch.utils._python_dispatch.TorchDispatchMode",
        "names __torch_dispatch__",
    },
    "01_hello_lab.ipynb": {
        "calls getattr with a name that is not written out",  # the reference of pick_device
        "passes torchgrade.on_machine on",
    },
    "06_broadcasting.ipynb": {"imports unittest.mock.patch", "calls unittest.mock.patch"},
    "02_how_the_lab_works.ipynb": {
        "calls exec with code that is not written out",
        "passes torch on",
    },
    "01_nn_module.ipynb": {"names __getattr__", "passes torch.Tensor on"},  # a class made by type()
    "02_compose_modules.ipynb": {  # a mistake is made by another way of putting a layer in
        "calls getattr with a name that is not written out",
        "passes setattr on",
        "sets an attribute whose name is not written out",
    },
    "02_torch_nn/99_workshop.ipynb": {"uses __mro__"},  # a probe looks for a class by its name
    "11_tensor_puzzles.ipynb": {"names __code__", "uses __code__"},  # how long an answer is
    "11_training_evaluation_mode.ipynb": {  # probes make layers of torch.nn by their names
        "calls getattr with a name that is not written out"
    },
    "08_positional_encoding.ipynb": {"calls sys.setprofile"},  # a probe counts calls of a loop
}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_references_alternatives_and_mistakes_are_not_flagged(path: Path) -> None:
    lesson = read_lesson(path)
    plain = [cell.source for cell in lesson.of_kind("code", "answer")]
    tests = [cell.source for cell in lesson.of_kind("test")]
    flagged = {one.what for one in tampering([*plain, *tests]) if one.cell >= len(plain)}
    name = path.name if path.name in IN_TESTS else f"{path.parent.name}/{path.name}"
    assert flagged == IN_TESTS.get(name, set())


def test_a_finding_says_where_and_what() -> None:
    cells = ["import torch", "x = 1\ntorch.allclose = print", "exec(x)"]
    assert tampering(cells) == (
        Finding(1, 2, "assigns torch.allclose"),
        Finding(2, 1, "calls exec with code that is not written out"),
    )


def test_lines_inside_a_cell_magic_count_from_the_cells_top() -> None:
    assert tampering(["%%time\nx = 1\nbreakpoint()"]) == (Finding(0, 3, "calls breakpoint"),)


def test_an_unchanged_cell_lends_its_names_and_is_not_suspected() -> None:
    theirs = ["import torch as t", "from unittest import mock"]
    assert tampering(["t.relu = abs"], unchanged=theirs) == (Finding(0, 1, "assigns torch.relu"),)


def test_an_alias_of_another_cell_is_followed() -> None:
    assert tampering(["import torch", "t = torch", "t.relu = abs"])[0].what == "assigns torch.relu"


def test_a_cell_that_cannot_run_is_passed_over() -> None:
    assert tampering(["exec(("]) == ()


def test_deep_nesting_is_no_way_out() -> None:
    deep = "x = " + "+".join(["1"] * 20_000)
    assert [one.what for one in tampering([deep])] in ([], ["is nested too deeply to be read"])
    chain = "import torch\nt0 = torch\n" + "\n".join(f"t{n + 1} = t{n}" for n in range(5000))
    assert tampering([chain + "\nt5000.relu = abs"])


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_without_an_error(text: str) -> None:
    tampering([text])
    banned_calls([text], "f", ["softmax"], strict=True)


BANNED = [
    "def f(x): return torch.softmax(x, 0)",
    "def f(x): return F.softmax(x, 0)",
    "def f(x): return torch.nn.functional.softmax(x, 0)",
    "def f(x): return torch.special.softmax(x, 0)",
    "def f(x): return torch.Tensor.softmax(x, 0)",
    "def f(x): return torch.ops.aten.softmax.int(x, 0)",
    "def f(x): return getattr(torch, 'softmax')(x, 0)",
    "from torch import softmax as s\ndef f(x): return s(x, 0)",
    "from torch import *\ndef f(x): return softmax(x, 0)",
    "def f(x):\n    from torch import softmax\n    return softmax(x, 0)",
    "s = torch.softmax\ndef f(x): return s(x, 0)",
    "t = torch\ndef f(x): return t.softmax(x, 0)",
    "f = torch.softmax",
    "f = lambda x: torch.softmax(x, 0)",
    "def g(x): return torch.softmax(x, 0)\ndef f(x): return g(x)",
    "def f(x): return g(x)\ndef g(x): return torch.softmax(x, 0)",
    "def g(x): return torch.softmax(x, 0)\nh = g\ndef g(x): return x\ndef f(x): return h(x)",
    "def g(x): return torch.softmax(x, 0)\ndef f(x, g=g): return g(x)\ndef g(x): return x",
    "def f(x): return torch.softmax(x, 0)\nold = f\ndef f(x): return old(x)",
    "table = {}\ntable['s'] = torch.softmax\ndef f(x): return table['s'](x, 0)",
    "tools = []\ntools.append(torch.softmax)\ndef f(x): return tools[0](x, 0)",
    "class M:\n    def run(self, x): return torch.softmax(x, 0)\ndef f(x): return M().run(x)",
    "class M: ...\nM.run = torch.softmax\ndef f(x): return M.run(x, 0)",
    "def wrap(g): return lambda x: torch.softmax(x, 0)\n@wrap\ndef f(x): return x",
    "def arm():\n    global s\n    s = torch.softmax\narm()\ndef f(x): return s(x, 0)",
    "for s in (torch.softmax,): pass\ndef f(x): return s(x, 0)",
    "if True:\n    def f(x): return torch.softmax(x, 0)",
    "def f(x): return [torch.softmax(r, 0) for r in x]",
    "def f(x): return torch.softmax_(x, 0)",
    "class f(nn.Module):\n    def forward(self, x): return F.softmax(x, 0)",
]
ALLOWED = [
    "def f(x): return x.exp() / x.exp().sum()",
    "def f(x):\n    'As torch.softmax does.'\n    return x  # torch.softmax",
    "def g(x): return torch.softmax(x, 0)\ndef f(x): return x",
    "def f(x): return torch.softmax(x, 0)\ndef f(x): return x",
    "def g(x): return torch.softmax(x, 0)\ndef g(x): return x\ndef f(x): return g(x)",
    "s = torch.softmax\ns = abs\ndef f(x): return s(x)",
    "def f(x): return x.softmax(0)",
    "def softmax(x): return x\ndef f(x): return softmax(x)",
    "def f(x): return nn.Softmax(0)(x)",
    "def f(x): return torch.log_softmax(x, 0)",
    "def f(n): return n and f(n - 1)\nprint(torch.softmax(f(torch.ones(1)), 0))",
    "def f(x): return x\nassert torch.equal(f(torch.ones(2)), torch.softmax(torch.ones(2), 0))",
    "class torch_like:\n    softmax = abs\ndef f(x): return torch_like.softmax(x)",
    "def f(torch): return torch.softmax(0)",
    "g = 1",
]


@pytest.mark.parametrize("source", BANNED)
def test_a_banned_function_is_found_behind_the_exercise(source: str) -> None:
    assert banned_calls([IMPORTS, *source.split("\n# cell\n")], "f", ["softmax"]) == ("softmax",)


@pytest.mark.parametrize("source", ALLOWED)
def test_what_the_exercise_does_not_use_is_not_held_against_it(source: str) -> None:
    assert banned_calls([IMPORTS, source], "f", ["softmax"]) == ()


@pytest.mark.parametrize(
    "cell",
    [
        "def f(x): return x.softmax(0)",
        "name = 'softmax'",
        "from anything import softmax as s",
        "def f(x: return x.softmax(0)",
    ],
)
def test_strict_counts_every_mention_in_every_cell(cell: str) -> None:
    assert banned_calls(["def f(x): return x", cell], "f", ["softmax"]) == ()
    assert banned_calls(["def f(x): return x", cell], "f", ["softmax"], strict=True) == ("softmax",)


def test_several_bans_are_named_once_each() -> None:
    cell = "import torch\ndef f(x): return torch.exp(x) / torch.exp(x).sum() + torch.add(x, x)"
    assert banned_calls([cell], "f", ["add", "sum", "exp"]) == ("add", "exp")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_reference_uses_what_it_defines_alone(path: Path) -> None:
    """A lesson's own solution must never be held against it, whatever the ban."""
    cells = [cell.source for cell in read_lesson(path).of_kind("code", "answer")]
    for answer in read_lesson(path).of_kind("answer"):
        assert banned_calls(cells, answer.grade_id, ["broadcast_shapes", "sum_to_size"]) == ()
