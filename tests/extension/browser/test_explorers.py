"""Explorers in a notebook's output and from the tensor panel, in a real browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.extension.browser import accessibility
from tests.extension.browser.accessibility import READABLE, colour, contrast
from tests.extension.browser.lab import THEMES, Lab

LESSON = "01_tensors/06_broadcasting.ipynb"
FIRST = 10_000
"""Milliseconds for the first explorer of a kernel, which has something to import."""

TENSORS = """torch.manual_seed(0)
q, k = torch.randn(2, 5, 8), torch.randn(2, 5, 8)
x = torch.arange(12.0).view(3, 4)
turned = x.T
mask = torch.ones(5, 5).triu(1).bool()
weights = (q @ k.mT).masked_fill(mask, -torch.inf).softmax(-1)
image, kernel = torch.randn(1, 3, 9, 9), torch.randn(8, 3, 3, 3)
column, row = torch.randn(4, 1), torch.randn(3)
w = torch.randn(8, 4, requires_grad=True)
loss = (q @ w).relu().mean()"""

OPENED = {
    "strides": ("x", "strides", "x (3, 4), stride (4, 1)"),
    "broadcast": ("column", "broadcast with …", "column (4, 1) with"),
    "matmul": ("q", "matmul with …", "q (2, 5, 8) @"),
    "einsum": ("q", "einsum with …", "of q (2, 5, 8) and"),
    "conv": ("image", "convolution with …", "image (1, 3, 9, 9) with kernel (8, 3, 3, 3)"),
    "attention": ("weights", "attention map", "weights (2, 5, 5)"),
    "autograd": ("loss", "autograd graph", "loss ()"),
}


@pytest.fixture(autouse=True)
def _quiet_console(complaints: list[str]) -> Iterator[None]:
    yield
    assert complaints == []


@pytest.fixture
def first(lab: Lab) -> Locator:
    """A cell of a lesson that imports torch and has been run, tensors below it."""
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    lab.wait_for_tensors()
    cell = lab.cell("from torchgrade import")
    lab.run(cell)
    lab.run(lab.add_cell(cell, TENSORS))
    return lab.cell("torch.manual_seed(0)")


def explorer(page: Page) -> Locator:
    """The section of the sidebar."""
    return page.locator(".jp-Torchenstein-explore")


def open_on(lab: Lab, name: str, label: str) -> Locator:
    """Open an explorer by its button in the row of a tensor."""
    row = lab.row(name)
    if row.get_attribute("data-open") != "true":
        row.get_by_role("button").first.click()
    buttons = lab.page.get_by_role("group", name=f"Explore {name}", exact=True)
    buttons.get_by_role("button", name=label, exact=True).click()
    section = explorer(lab.page)
    expect(section.locator(".tx-base")).to_be_visible(timeout=FIRST)
    return section


def test_each_explorer_opens_on_a_real_tensor_and_is_readable(
    lab: Lab, page: Page, first: Locator, tmp_path: Path
) -> None:
    # High enough for a whole drawing with its steps.
    page.set_viewport_size({"width": 1440, "height": 1900})
    folder = Path(os.environ.get("TORCHENSTEIN_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    saved = page.request.get(f"{lab.base}/api/contents/{quote(LESSON)}?{lab.token}").json()
    barriers: list[str] = []
    faint: set[str] = set()
    for theme in THEMES:
        lab.use_theme(theme)
        background = colour(page.locator("#torchenstein-sidebar"), "backgroundColor")
        for name, (tensor, label, title) in OPENED.items():
            section = open_on(lab, tensor, label)
            # The kernel may know names of dimensions from a cell of another test.
            named = re.sub(r"(\d+(?:,|\\\)))", r"(?:\\w+ )?\1", re.escape(title))
            expect(section.locator(".tx-title")).to_contain_text(re.compile(named))
            barriers += accessibility.complaints(page, ".jp-Torchenstein-explore")
            # Words of a drawing, which axe does not look at.
            words = section.locator(".tx-base text").evaluate_all(
                "nodes => nodes.map(node => [node.textContent, getComputedStyle(node).fill])"
            )
            faint |= {
                f"{name}, {theme}: {word}"
                for word, fill in words
                if contrast(fill, background) < READABLE
            }
            section.screenshot(path=folder / f"explorer-{name}-{theme.split()[-1].lower()}.png")
            lab.row(tensor).get_by_role("button").first.click()
    assert barriers == []
    assert faint == set()
    # Those of the file and the one that `first` has added; JupyterLab may draw the last ones late.
    cells = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
    expect(cells).to_have_count(len(saved["content"]["cells"]) + 1)


def test_steps_are_walked_with_the_keyboard_in_an_output(
    lab: Lab, page: Page, first: Locator
) -> None:
    source = "from torchenstein import explorers\nexplorers.broadcast(column, row)"
    cell = lab.add_cell(first, source)
    lab.run(cell)
    shown = page.locator(".jp-OutputArea .torchenstein-explorer").first
    expect(shown).to_contain_text("column (4, 1) with row (3,)", timeout=FIRST)
    steps = shown.get_by_role("radio")
    steps.first.focus()
    expect(shown.locator(".tx-sentence:visible")).to_contain_text("aligned at the right")
    page.keyboard.press("ArrowRight")
    expect(steps.nth(1)).to_be_checked()
    expect(shown.locator(".tx-sentence:visible")).to_have_text(
        "column has size 1 and row has size 3: column is repeated to 3."
    )
    expect(shown.locator(".tx-layer:visible")).to_have_count(1)


def test_the_second_tensor_and_the_options_can_be_changed(lab: Lab, first: Locator) -> None:
    section = open_on(lab, "q", "matmul with …")
    section.get_by_label("with").select_option("k")
    expect(section.locator(".tx-summary")).to_contain_text("The inner sizes differ")
    expect(section).to_contain_text("q @ k.mT would fit and give (2, 5, 5)")

    section = open_on(lab, "q", "einsum with …")
    section.get_by_label("with").select_option("k")
    section.get_by_label("equation").fill("bqd,bkd->bqk")
    expect(section.locator(".tx-summary")).to_contain_text("The result is (2, 5, 5)")
    section.get_by_label("equation").fill("bqd,bk->bqk")
    expect(section.get_by_role("status")).to_contain_text("k (2, 5, 8) has 3")

    lab.row("q").get_by_role("button").first.click()
    section = open_on(lab, "image", "convolution with …")
    section.get_by_label("padding").fill("1")
    expect(section.locator(".tx-summary")).to_contain_text("(1, 8, 9, 9)")


def test_the_drawing_follows_the_notebook_and_keeps_its_step(lab: Lab, first: Locator) -> None:
    section = open_on(lab, "x", "strides")
    section.get_by_role("radio", name="axis 1").check()
    lab.run(lab.add_cell(first, "unrelated = 1"))
    expect(section.get_by_role("radio", name="axis 1")).to_be_checked()
    lab.run(lab.add_cell(first, "x = torch.zeros(2, 6)"))
    expect(section.locator(".tx-title")).to_contain_text("x (2, 6), stride (6, 1)")


def test_it_closes_by_its_button_and_with_the_kernel(lab: Lab, page: Page, first: Locator) -> None:
    section = open_on(lab, "x", "strides")
    section.get_by_role("button", name="Close").click()
    expect(explorer(page)).to_have_count(0)
    open_on(lab, "x", "strides")
    lab.restart_kernel()
    expect(explorer(page)).to_have_count(0)
