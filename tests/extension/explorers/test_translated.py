"""In another language, an explorer has no English left, neither as text nor drawn."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
import torch
from torchenstein import explorers
from torchenstein.explorers.explorer import Explorer

from tests.extension.pseudo import CODE, english_in, spoken

from .conftest import Explore
from .test_pages import CASES

X = torch.arange(12)
SEVERAL: dict[str, Callable[[], Explorer]] = {
    **CASES,
    "strides of several": lambda: explorers.strides(X, X[1:], X.view(torch.int32), X.clone()),
    "strides apart": lambda: explorers.strides(X[:3], X[6:]),
    "strides repeated": lambda: explorers.strides(torch.ones(3, 1).expand(3, 4)),
    "conv along one axis": lambda: explorers.conv((1, 1, 9), (1, 1, 3), dilation=2),
    "einsum without a sum": lambda: explorers.einsum("i,j->ij", (2,), (3,)),
    "matmul with a vector": lambda: explorers.matmul((2, 3), (4,)),
    "autograd of many": lambda: explorers.autograd(
        torch.nn.functional.layer_norm(torch.ones(2, 4, requires_grad=True).exp() + 1, (4,))
    ),
    "attention of nothing": lambda: explorers.attention(torch.eye(3).tril(-1)),
    "attention causal": lambda: explorers.attention(torch.eye(3)),
    "attention of queries": lambda: explorers.attention(torch.softmax(torch.randn(3, 3), 0)),
}
REFUSED: dict[str, Callable[[], Explorer]] = {
    "sparse": lambda: explorers.strides(torch.eye(3).to_sparse()),
    "no equation": lambda: explorers.einsum("ij;", (2, 3)),
    "one operand": lambda: explorers.einsum("ij,jk", (2, 3)),
    "three letters": lambda: explorers.einsum("ijk", (2, 3)),
    "unknown letter": lambda: explorers.einsum("ij->k", (2, 3)),
    "letter twice": lambda: explorers.einsum("ij->ii", (2, 3)),
    "no weight": lambda: explorers.conv((1, 3, 9), (8,)),
    "too many axes": lambda: explorers.conv((1, 3, 9, 2, 2), (8, 3, 3)),
    "no padding": lambda: explorers.conv((1, 3, 9), (8, 3, 3), padding="wide"),
    "no stride": lambda: explorers.conv((1, 3, 9), (8, 3, 3), stride=0),
    "one number": lambda: explorers.matmul((), (3,)),
    "no shape": lambda: explorers.matmul("ab", (4,)),
    "no sizes": lambda: explorers.matmul((1.5,), (4,)),
    "no map": lambda: explorers.attention(torch.ones(3)),
    "one token": lambda: explorers.attention(torch.eye(3), tokens=["a"]),
    "complex": lambda: explorers.attention(torch.eye(3).to(torch.complex64)),
    "nothing": lambda: explorers.broadcast(),
}
# Names of operations and options, letters of equations, and the names in the calls above.
NAMES = "Add Exp Mean Mm NativeLayerNorm Relu ij ik bqk torch WEIGHTS"
OPTIONS = "stride ab str ij ijk jk"


class Words(HTMLParser):
    """What a page says, its labels too."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.words += [value or "" for name, value in attrs if name.endswith("label")]

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.words.append(data)


@pytest.mark.parametrize("make", SEVERAL.values(), ids=SEVERAL)
def test_an_explorer_is_translated_as_a_whole(make: Callable[[], Explorer]) -> None:
    with spoken():
        explorer = make()
        for words in (str(explorer), *Words(explorer.html()).words):
            assert english_in(words, NAMES) == [], words


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_translated_as_a_whole(make: Callable[[], Explorer]) -> None:
    with spoken(), pytest.raises((TypeError, ValueError)) as refusal:
        make()
    assert english_in(str(refusal.value), OPTIONS) == []


@pytest.mark.parametrize(
    "options",
    [
        {"explorer": "strides", "names": ["x"]},
        {"explorer": "strides", "names": ["nothing"]},
        {"explorer": "colours", "names": ["x"]},
        {"explorer": "matmul", "names": ["x"]},
    ],
    ids=str,
)
def test_the_page_is_answered_in_its_language(explore: Explore, options: dict[str, Any]) -> None:
    with spoken():
        content = explore({"x": torch.ones(2, 3)}, language=CODE, **options)
    for field in {"title", "text", "message"} & set(content):
        assert english_in(content[field], "nothing colours") == []
