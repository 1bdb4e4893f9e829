import ast
import builtins
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torchgrade.engine.names import GivenCell, free_names, given_source
from torchgrade.verify.lesson import OVERVIEW, read_lesson

LESSONS = sorted((Path(__file__).parents[3] / "source").rglob("*.ipynb"))


def plain(*sources: str) -> list[GivenCell]:
    return [GivenCell(source, "plain") for source in sources]


def bound(cells: list[GivenCell], *wanted: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(given_source(cells, len(cells), wanted), namespace)
    return {name: namespace[name] for name in wanted if name in namespace}


@pytest.mark.parametrize(
    ("source", "free"),
    [
        ("x + y", {"x", "y"}),
        ("x = 1\nx + y", {"y"}),
        ("print(y)\ny = 1", {"y"}),
        ("x = x + 1", {"x"}),
        ("x += 1", {"x"}),
        ("import torch.nn as nn\nnn.Linear(a, b)", {"a", "b"}),
        ("def f(a, b=c): return a + b + d + e\ne = 1", {"c", "d"}),
        ("def f() -> T: ...", {"T"}),
        ("f = lambda a: a + b", {"b"}),
        ("[a * c for a in rows for c in a if k]", {"rows", "k"}),
        ("[(y := a) for a in rows]\ny", {"rows"}),
        ("[a for a in ()]\n(a for a in []).throw(b)", {"b"}),
        ("class A(B):\n    k = 3\n    m = k * n\n    def f(self): return k", {"B", "n", "k"}),
        ("for i in rows: i + k", {"rows", "k"}),
        ("with opened() as f, g(f) as h: h", {"opened", "g"}),
        ("try:\n    import numpy as np\nexcept ImportError as e:\n    np = e\nnp", set()),
        ("match point:\n    case (a, *b): a, b\n    case {'k': v, **c}: v, c, d", {"point", "d"}),
        ("def f():\n    global z\n    z = 1\nz", {"z"}),
        ("len(__name__)", set()),
        ("%timeit f(x)", {"get_ipython"}),
        ("await task", {"task"}),
    ],
)  # fmt: skip
def test_free_names_are_those_read_before_they_are_bound(source: str, free: set[str]) -> None:
    assert free_names(source) == free


def test_a_cell_that_is_no_python_has_no_free_names_to_tell() -> None:
    with pytest.raises(SyntaxError):
        free_names("def f(:")


def test_given_source_brings_what_a_name_needs_and_nothing_else() -> None:
    cells = plain(
        "import math\nimport os, sys",
        "base = 2\nother = 3\nprint('shown')",
        "def area(r): return scale(r) * math.pi\nassert other == 3",
        "def scale(r): return base * r",
    )
    source = given_source(cells, 4, ["area"])
    assert [type(one).__name__ for one in ast.parse(source).body] == [
        "Import", "Assign", "FunctionDef", "FunctionDef",
    ]  # fmt: skip
    assert "other" not in source
    assert "os" not in source
    assert bound(cells, "area")["area"](1) == pytest.approx(6.2832, abs=1e-4)


def test_only_cells_above_the_test_count() -> None:
    assert given_source(plain("x = 1", "x = 2"), 1, ["x"]) == "x = 1\n"


def test_what_needs_the_learners_own_is_left_out() -> None:
    cells = [
        *plain("import math"),
        GivenCell("def softmax(x): return x", "answer"),
        *plain("y = softmax(1)\nz = y + 1\ndef later(): return softmax(2)\nfine = math.pi"),
        GivenCell("secret = 1", "test"),
        *plain("uses = secret"),
    ]
    assert bound(cells, "softmax", "y", "z", "later", "uses", "fine") == {"fine": 3.141592653589793}


def test_the_last_binding_counts_and_earlier_uses_see_the_earlier_one() -> None:
    cells = plain("k = 1", "early = k", "k = 5", "late = k\nk += 1")
    assert bound(cells, "early", "late", "k") == {"early": 1, "late": 5, "k": 6}


def test_a_learners_name_bound_again_by_the_lesson_is_the_lessons() -> None:
    cells = [GivenCell("x = 1", "answer"), *plain("x = 2")]
    assert bound(cells, "x") == {"x": 2}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("x = [1]\nx[0] = 2", [2]),
        ("x = [1]\nx.append(2)\nlen(x)", [1, 2]),
        ("x = 1\nx += 1", 2),
        ("y, (x, z) = 1, (2, 3)", 2),
        ("if True:\n    x = 1\n    print('shown')\nelse:\n    x = 2", 1),
        ("x = []\nfor i in range(3):\n    x.append(i)\n    assert i < 3", [0, 1, 2]),
        ("try:\n    import nowhere_at_all as x\nexcept ImportError:\n    x = None", None),
        ("import contextlib\nwith contextlib.suppress(KeyError):\n    x = 1\n    {}['k']", 1),
        ("x = [n * n for n in range(3)]", [0, 1, 4]),
        ("abs(x := 3)", 3),
    ],
)
def test_statements_that_bind_or_change_a_name_belong_to_it(
    source: str, value: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bound(plain(source), "x") == {"x": value}


def test_a_tensor_keeps_what_was_done_to_it_in_place() -> None:
    x = bound(plain("import torch\nx = torch.ones(2)", "x.requires_grad_()\nx.sum()"), "x")["x"]
    assert x.requires_grad


def test_settings_of_a_module_are_not_repeated() -> None:
    cells = plain("import torch", "torch.manual_seed(0)\ntorch.backends.cudnn.benchmark = True")
    assert given_source(cells, 2, ["torch"]) == "import torch\n"


def test_a_submodule_comes_with_its_package() -> None:
    cells = plain("import xml as x, os", "import xml.dom", "import xml.sax")
    assert given_source(cells, 3, ["xml"]) == "import xml.dom\nimport xml.sax\n"


def test_a_deleted_name_is_not_given() -> None:
    assert given_source(plain("x = 1\ndel x"), 1, ["x"]) == ""


def test_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    source = "for i in range(3):\n    print(i)\n    x = i\nprint(x)"
    assert bound(plain(source), "x") == {"x": 2}
    assert capsys.readouterr().out == ""


def test_cells_that_do_not_parse_are_passed_over() -> None:
    assert bound(plain("x = 1", "def f(:"), "x") == {"x": 1}


NAMES = st.sampled_from("abcde")
STATEMENTS = st.one_of(
    st.builds("{} = {}".format, NAMES, st.integers(0, 9)),
    st.builds("{} = {} + {}".format, NAMES, NAMES, NAMES),
    st.builds("{} += {}".format, NAMES, NAMES),
    st.builds("if {} > 4:\n    {} = {}".format, NAMES, NAMES, NAMES),
    st.builds("{0}, {1} = {1}, {0}".format, NAMES, NAMES),
    st.builds("for {} in range({}): {} = {}".format, NAMES, NAMES, NAMES, NAMES),
)


@given(st.lists(st.lists(STATEMENTS, max_size=4).map("\n".join), max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_slice_binds_what_the_whole_notebook_binds(sources: list[str]) -> None:
    cells = plain("a = b = c = d = e = 1", *sources)
    whole: dict[str, Any] = {}
    exec("\n".join(cell.source for cell in cells), whole)
    for name in "abcde":
        assert bound(cells, name) == {name: whole[name]}


STRAIGHT = STATEMENTS.filter(lambda source: not source.startswith(("if", "for")))


@given(st.lists(STRAIGHT, min_size=1, max_size=6).map("\n".join))
@settings(max_examples=150, deadline=None)
def test_with_its_free_names_given_a_cell_runs(source: str) -> None:
    free = free_names(source)
    assert free.isdisjoint(dir(builtins))
    exec(source, dict.fromkeys(free, 1))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_lesson_gives_its_test_cells_what_they_need(path: Path) -> None:
    code = read_lesson(path).code
    cells = [GivenCell(c.source, "plain" if c.kind == "code" else c.kind) for c in code]
    tests = [index for index, cell in enumerate(cells) if cell.kind == "test"]
    assert tests or path.stem == OVERVIEW
    for index in tests:
        free = free_names(cells[index].source)
        exec(given_source(cells, index, free), {})  # imports are paid once
        start = time.perf_counter()
        namespace: dict[str, Any] = {}
        exec(given_source(cells, index, free), namespace)
        assert time.perf_counter() - start < 0.05
        assert free <= set(namespace)
