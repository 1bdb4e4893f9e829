"""The HTML of an explorer, and its text: for every one, whole or clashing, small or large."""

from __future__ import annotations

import gc
import re
import weakref
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
import torch
from nbconvert import HTMLExporter, MarkdownExporter
from torchenstein import explorers
from torchenstein.explorers import hues
from torchenstein.explorers.explorer import Explorer

EXTENSION = Path(__file__).resolve().parents[3] / "extension"
WEIGHTS = torch.tensor([[0.9, 0.1], [0.5, 0.5]])
W = torch.randn(3, 2, requires_grad=True)
CASES = {
    "broadcast": lambda: explorers.broadcast((4, 1), (3,)),
    "broadcast clash": lambda: explorers.broadcast((2, 3), (2, 4)),
    "broadcast large": lambda: explorers.broadcast((4096, 4096), (4096, 1)),
    "broadcast scalars": lambda: explorers.broadcast(1.0, ()),
    "broadcast many": lambda: explorers.broadcast((2, 1), (3,), (5, 1, 1), 2),
    "einsum": lambda: explorers.einsum("bqd,bkd->bqk", (2, 5, 8), (2, 7, 8)),
    "einsum clash": lambda: explorers.einsum("ij,jk", (2, 3), (4, 5)),
    "einsum trace": lambda: explorers.einsum("ii", (3, 3)),
    "einsum ellipsis": lambda: explorers.einsum("...ij,jk->...ik", (2, 1, 3, 4), (4, 5)),
    "matmul": lambda: explorers.matmul((2, 1, 3, 4), (5, 4, 2)),
    "matmul clash": lambda: explorers.matmul((2, 3), (2, 3)),
    "matmul batches clash": lambda: explorers.matmul((2, 3, 4), (5, 4, 3)),
    "matmul vectors": lambda: explorers.matmul((3,), (3,)),
    "matmul large": lambda: explorers.matmul((8192, 50257), (50257, 768)),
    "strides": lambda: explorers.strides(torch.arange(12).view(3, 4).T),
    "strides empty": lambda: explorers.strides(torch.empty(0, 3)),
    "strides scalar": lambda: explorers.strides(torch.tensor(1.0)),
    "strides large": lambda: explorers.strides(torch.empty(512, 512, device="meta")[100:, ::2]),
    "conv": lambda: explorers.conv((1, 3, 9, 9), (8, 3, 3, 3), stride=2, padding=1),
    "conv clash": lambda: explorers.conv((1, 9, 9, 3), (8, 3, 3, 3)),
    "conv too small": lambda: explorers.conv((1, 1, 2), (1, 1, 5)),
    "conv large": lambda: explorers.conv((8, 3, 4096, 4096), (64, 3, 31, 31), padding=15),
    "conv 3d": lambda: explorers.conv((1, 4, 5, 6, 7), (2, 4, 3, 3, 3), dilation=2),
    "autograd": lambda: explorers.autograd((torch.ones(2, 3) @ W).relu().mean()),
    "autograd none": lambda: explorers.autograd(torch.ones(2)),
    "autograd leaf": lambda: explorers.autograd(W),
    "attention": lambda: explorers.attention(WEIGHTS, tokens=["<a>", "b & c"]),
    "attention wrong": lambda: explorers.attention(WEIGHTS * 2),
    "attention nan": lambda: explorers.attention(torch.full((2, 2), torch.nan)),
    "attention large": lambda: explorers.attention(torch.full((4, 8, 300, 300), 1 / 300)),
    "attention none": lambda: explorers.attention(torch.empty(0, 2, 2)),
}
MOST_BYTES = 120_000


class Page(HTMLParser):
    """Checks that tags close in order, and collects what matters of them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag != "input":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(params=CASES)
def explorer(request: pytest.FixtureRequest) -> Explorer:
    made: Explorer = CASES[request.param]()
    return made


def test_the_page_is_well_formed_without_script_and_of_bounded_size(explorer: Explorer) -> None:
    html = explorer.html()
    page = Page(html)
    assert len(html.encode()) < MOST_BYTES
    assert "\n" not in html, "Markdown would end the HTML at an empty line"
    assert page.all("script") == []
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
    assert "http" not in html.replace("http://www.w3.org", "")
    assert not re.search(r"\b(?:nan|inf)\b", "".join(re.findall(r"<svg.*?</svg>", html)))


def test_every_step_has_a_button_with_a_name_and_one_is_chosen(explorer: Explorer) -> None:
    buttons = Page(explorer.html()).all("input")
    assert [button["aria-label"] for button in buttons] == [s.label for s in explorer.steps]
    assert sum("checked" in button for button in buttons) == min(1, len(buttons))
    assert len({button["name"] for button in buttons}) <= 1
    assert all(step.sentence and step.label for step in explorer.steps)


def test_two_of_the_same_do_not_share_their_buttons(explorer: Explorer) -> None:
    names = [Page(explorer.html()).all("input") for _ in range(2)]
    if names[0]:
        assert names[0][0]["name"] != names[1][0]["name"]


def test_the_text_twin_says_what_the_drawing_says(explorer: Explorer) -> None:
    text = str(explorer)
    assert explorer.summary in text
    assert explorer.subject in text
    assert all(step.sentence in text for step in explorer.steps)
    assert all(str(fit) in text for fit in explorer.fits)
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == text
    assert set(bundle) == {"text/plain", "text/html"}


def test_without_its_style_sheet_the_drawing_stays_hidden(explorer: Explorer) -> None:
    drawn = [a for a in Page(explorer.html()).all("div") if a.get("class") == "tx-drawn"]
    assert [a["style"] for a in drawn] == ["display: none"]


def test_a_label_is_escaped() -> None:
    page = explorers.attention(WEIGHTS, tokens=["<script>", "&"]).html()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_callers_names_are_drawn() -> None:
    scores, bias = torch.zeros(4, 3), torch.zeros(3)
    assert explorers.broadcast(scores, bias).subject == "scores (4, 3) with bias (3,)"
    assert explorers.matmul(scores, bias[:, None]).subject == "scores (4, 3) @ bias[:, None] (3, 1)"
    pair = (scores, bias)
    assert explorers.broadcast(*pair).subject == "a (4, 3) with b (3,)"


def test_the_hues_are_those_of_the_panels() -> None:
    source = (EXTENSION / "src" / "tensors" / "colors.ts").read_text(encoding="utf-8")
    assert f"HUES = {hues.HUES};" in source
    assert f"LETTERS = '{hues.LETTERS}'" in source
    palette = (EXTENSION / "style" / "palette.css").read_text(encoding="utf-8")
    sheet = (Path(explorers.__file__).parent / "style.css").read_text(encoding="utf-8")
    for hue in range(hues.HUES):
        colours = re.findall(rf"--jp-torchenstein-hue-{hue}: (#\w+)", palette)
        assert re.findall(rf"--jp-torchenstein-hue-{hue}, (#\w+)", sheet) == colours


def test_nbconvert_shows_the_drawing_and_in_markdown_the_text() -> None:
    explorer = explorers.broadcast((4, 1), (3,))
    output = nbformat.v4.new_output("execute_result", explorer._repr_mimebundle_())
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("explorers.broadcast(a, b)", outputs=[output])]
    )
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert 'class="tx-base"' in page
    assert "axis -1" in MarkdownExporter().from_notebook_node(notebook)[0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: explorers.broadcast("ab"),
        lambda: explorers.broadcast(object(), (2,)),
        lambda: explorers.broadcast(),
        lambda: explorers.matmul((), (2,)),
        lambda: explorers.conv((1, 2), (3, 4)),
        lambda: explorers.conv((2, 3, 4, 5, 6), (1, 1, 1)),
        lambda: explorers.conv((1, 1, 4), (1, 1, 2), stride=0),
        lambda: explorers.conv((1, 1, 4), (1, 1, 2), padding="full"),
        lambda: explorers.strides(torch.eye(2).to_sparse()),
        lambda: explorers.attention(torch.ones(3)),
        lambda: explorers.attention(WEIGHTS, tokens=["one"]),
        lambda: explorers.attention((2, 2)),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(call: object) -> None:
    assert callable(call)
    with pytest.raises((TypeError, ValueError), match=r"\w+ \w+"):
        call()


def test_no_explorer_keeps_a_tensor_alive() -> None:
    x = torch.randn(4, 4, requires_grad=True)
    made = [
        explorers.strides(x, x.T),
        explorers.attention(x.softmax(-1)),
        explorers.autograd((x * 2).sum()),
        explorers.broadcast(x, x),
        explorers.matmul(x, x),
        explorers.einsum("ij,jk->ik", x, x),
        explorers.conv(x[None, None], x[None, None]),
    ]
    assert all(one._repr_mimebundle_() for one in made)
    gone = weakref.ref(x)
    del x
    gc.collect()
    assert gone() is None
    assert made


def test_only_attention_reads_elements() -> None:
    meta = torch.empty(4, 4, device="meta", requires_grad=True)
    for made in (
        explorers.strides(meta, meta.T),
        explorers.broadcast(meta, meta),
        explorers.matmul(meta, meta),
        explorers.einsum("ij->j", meta),
        explorers.conv(meta[None, None], meta[None, None]),
        explorers.autograd(meta.sum()),
    ):
        assert made.html()
