"""What the learner's code calls a dimension is its name and its colour in an explorer too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from torchenstein import explorers, inspector, lines
from torchenstein.dims import Names
from torchenstein.explorers import hues
from torchenstein.explorers.explorer import Explorer

from .conftest import Explore

CELL = """from torchenstein import explorers
q = torch.zeros(2, 5, 8)  # (B, T, D)
turned = torch.zeros(2, 8, 3)  # (B, D, S)
bias = torch.zeros(5, 1)  # (T, 1)
keys = torch.zeros(2, 5, 8)  # (B, S, D)
wrong = torch.zeros(2, 4, 8)  # (B, S, D)
w = torch.zeros(8, 4)
image = torch.zeros(1, 3, 9, 9)  # (N, C, H, W)
kernel = torch.zeros(8, 3, 3, 3)  # (out, C, 3, 3)
last = torch.zeros(1, 9, 9, 3)  # (N, H, W, C)
weights = torch.ones(2, 5, 5)  # (B, T, 5)
"""
# What is seen of the named sizes, each in the hue of the name it begins with.
CASES = {
    "broadcast(q, bias)": ["B 2", "T 5", "D 8"],
    "broadcast(q, keys)": ["B 2", "T 5", "S 5", "D 8"],
    "matmul(q, turned)": ["B 2", "T 5", "D 8", "S 3"],
    "matmul(q, w)": ["B 2", "T 5", "D 8"],
    "conv(image, kernel)": ["N 1", "C 3", "H 9", "W 9", "out 8"],
    "conv(last, kernel)": ["N 1", "W 9", "out 8"],
    "strides(q)": ["→ axis 2 (D): +1", "↓ axis 1 (T): +8", "⇢ axis 0 (B): +40"],
}


@pytest.fixture
def watched(shell: InteractiveShell) -> Iterator[InteractiveShell]:
    """A shell whose cells are watched for the chips, and which has run CELL."""
    assert lines.install(shell)
    shell.run_cell(CELL, store_history=True, cell_id="first").raise_error()
    yield shell
    lines.uninstall()


def explored(shell: InteractiveShell, call: str) -> Explorer:
    """An explorer that the learner calls in a cell of their own."""
    result = shell.run_cell(f"made = explorers.{call}", store_history=True, cell_id="second")
    result.raise_error()
    made: Explorer = shell.user_ns["made"]
    return made


def hues_of(explorer: Explorer, words: str) -> set[int]:
    """The hues in which the drawing has these words."""
    base = explorer.drawing().base
    found = re.findall(rf'<t(?:ext|span) class="([^"]*)"[^>]*>{re.escape(words)}<', base)
    return {int(hue) for classes in found for hue in re.findall(r"tx-hue-(\d+)", classes)}


def dims(name: str) -> Names:
    """The names that the chip of a variable has."""
    cells = inspector.reply("lines").content["cells"]
    found = (line["dims"] for cell in cells for line in cell["lines"] if line["name"] == name)
    return tuple(next(found))


@pytest.mark.parametrize("call", CASES)
def test_a_named_dimension_has_the_colour_of_its_chip(watched: InteractiveShell, call: str) -> None:
    explorer = explored(watched, call)
    for words in CASES[call]:
        name = re.search(r"\((\w)\)", words)
        hue = hues.hue_of_name(name[1] if name else words.split()[0])
        assert hues_of(explorer, words) == {hue}, words


def test_the_names_are_those_of_the_chips(watched: InteractiveShell) -> None:
    made = explored(watched, "matmul(q, turned)")
    assert isinstance(made, explorers.Matmul)
    assert made.left.names == dims("q") == ("B", "T", "D")
    assert made.right.names == dims("turned") == ("B", "D", "S")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("broadcast(q, bias)", "q (B 2, T 5, D 8) with bias (T 5, 1)"),
        ("broadcast(q, bias)", "The result is (B 2, T 5, D 8)"),
        ("broadcast(q, bias)", "result      B 2      T 5      D 8"),
        ("broadcast(q, keys)", "The result is (B 2, 5, D 8)"),
        ("matmul(q, turned)", "q (B 2, T 5, D 8) @ turned (B 2, D 8, S 3)"),
        ("matmul(q, turned)", "result  (B 2, T 5, S 3)"),
        ("matmul(q, w)", "inner sizes: D 8 meets 8"),
        ("conv(image, kernel)", "The result is (N 1, out 8, 7, 7)"),
        ("strides(q)", "One step along axis 1 (T) jumps 8 places"),
        ("attention(weights)", "weights (B 2, T 5, 5)"),
        ("einsum('btd->bt', q)", "of q (B 2, T 5, D 8)"),
    ],
)
def test_the_text_says_the_names(watched: InteractiveShell, call: str, said: str) -> None:
    assert said in str(explored(watched, call))


@pytest.mark.parametrize("explorer", ["broadcast", "matmul"])
def test_the_page_gets_them_too(watched: InteractiveShell, explore: Explore, explorer: str) -> None:
    names: dict[str, Any] = {"broadcast": ["q", "bias"], "matmul": ["q", "turned"]}
    content = explore(watched.user_ns, explorer=explorer, names=names[explorer])
    assert "q (B 2, T 5, D 8)" in content["text"]
    assert f"tx-hue-{hues.hue_of_name('T')}" in content["html"]


def test_a_clash_keeps_its_own_look(watched: InteractiveShell) -> None:
    ladder, product = explored(watched, "broadcast(q, wrong)"), explored(watched, "matmul(q, q)")
    assert 'class="tx-text tx-wrong tx-m tx-muted"' in ladder.drawing().base
    assert ">T 5<" in ladder.drawing().base
    assert "D 8 ≠ T 5" in product.drawing().base
    assert hues_of(product, "D 8 ≠ T 5") == set()


def test_a_repeated_dimension_is_dashed_in_the_colour_of_the_result(
    watched: InteractiveShell,
) -> None:
    made = explored(watched, "broadcast(q, bias)")
    assert hues_of(made, "1 → 8") == {hues.hue_of_name("D")}
    assert f'class="tx-ghost tx-hue tx-hue-{hues.hue_of_name("D")}"' in made.drawing().base


def test_only_the_variable_itself_has_its_names(watched: InteractiveShell) -> None:
    """Not its values under another shape, and not what only happens to get the same letter."""
    watched.run_cell("a = torch.zeros(4, 3)  # (T, D)", store_history=True, cell_id="letter")
    assert str(explored(watched, "broadcast((4, 3), (3,))").subject) == "a (4, 3) with b (3,)"
    assert explored(watched, "broadcast(*(w.T[:, :3],))").subject == "a (4, 3)"
    assert explored(watched, "broadcast(q[0])").subject == "q[0] (5, 8)"
    watched.user_ns["q"] = watched.user_ns["q"].mT
    assert explored(watched, "broadcast(q)").subject == "q (2, 8, 5)"


def test_where_nobody_watches_an_explorer_is_as_it_was(watched: InteractiveShell) -> None:
    lines.uninstall()
    made = explored(watched, "broadcast(q, bias)")
    assert made.subject == "q (2, 5, 8) with bias (5, 1)"
    assert hues_of(made, "5") == {hues.hue_of(5)}


def test_long_names_are_drawn_side_by_side(watched: InteractiveShell) -> None:
    source = "long = torch.zeros(1000, 1, 768)  # (a_long_batch, a_long_sequence, a_long_hidden)"
    watched.run_cell(source, store_history=True, cell_id="long").raise_error()
    base = explored(watched, "broadcast(long, long)").drawing().base
    boxes = re.findall(r'<rect class="tx-box[^"]*" x="([\d.]+)" y="30" width="([\d.]+)"', base)
    edges = [(float(x), float(x) + float(width)) for x, width in boxes]
    assert len(edges) == 3
    assert all(one[1] < other[0] for one, other in pairwise(edges))
    words = ("a_long_batch 1000", "a_long_sequence 1", "a_long_hidden 768")
    assert all(end - start > len(word) * 7 for (start, end), word in zip(edges, words, strict=True))
