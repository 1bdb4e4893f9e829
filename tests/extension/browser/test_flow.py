"""The shape flow of a traced cell, in a real browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.extension.browser import accessibility
from tests.extension.browser.lab import THEMES, Lab

LESSON = "01_tensors/06_broadcasting.ipynb"
FIRST = 15_000
"""Milliseconds for the first trace of a kernel, which has something to import."""
LAYERS = 12
DRAWN = 10_000
"""The same for the graph of a GPT, from the run to the drawing: about 1,500 on a quiet machine."""
ATTENTION = """q = torch.randn(2, 5, 8)
def attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / 8**0.5
    return scores.softmax(-1) @ v
out = attention(q, q, q)"""
BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "flow.py"


@pytest.fixture(autouse=True)
def _quiet_console(complaints: list[str]) -> Iterator[None]:
    yield
    assert complaints == []


@pytest.fixture
def first(lab: Lab) -> Locator:
    """A cell of a lesson that imports torch and has been run."""
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    cell = lab.cell("from torchgrade import")
    lab.run(cell)
    return cell


def gpt() -> str:
    """The source of the benchmark's GPT of 12 layers and 124 million parameters."""
    return BENCHMARK.read_text("utf-8").split('GPT = """\n')[1].partition('"""')[0]


def flow(page: Page) -> Locator:
    return page.locator("#torchenstein-flow")


def box(page: Page, name: str) -> Locator:
    """A box of the drawing by the beginning of its name for screen readers."""
    return flow(page).get_by_role("button", name=re.compile(f"^{re.escape(name)},")).first


def trace(lab: Lab, cell: Locator) -> None:
    lab.activate(cell)
    lab.command("Run this cell and trace it")


def test_a_traced_cell_is_drawn_and_its_parts_lead_to_their_lines(
    lab: Lab, page: Page, first: Locator
) -> None:
    cell = lab.add_cell(first, ATTENTION)
    trace(lab, cell)
    expect(flow(page)).to_contain_text("6 operations", timeout=FIRST)
    expect(box(page, "softmax")).to_have_attribute(
        "aria-label", re.compile(r"operation, gives 2 × 5 × 5, cell \d+, line 4")
    )
    expect(box(page, "out")).to_be_visible()
    box(page, "softmax").dblclick()
    selection = page.evaluate("getSelection().toString()")
    assert selection == "scores.softmax(-1)"


def test_only_the_next_run_is_traced_and_only_of_that_cell(
    lab: Lab, page: Page, first: Locator
) -> None:
    cell = lab.add_cell(first, "y = torch.ones(3) + 1")
    lab.activate(cell)
    lab.command("Trace the next run of this cell")
    expect(flow(page)).to_contain_text("The next run of the cell will be traced")
    lab.run(first)
    expect(flow(page)).to_contain_text("The next run of the cell will be traced")
    lab.run(lab.cell("torch.ones(3) + 1"))
    expect(flow(page)).to_contain_text("2 operations", timeout=FIRST)
    lab.write(lab.cell("torch.ones(3) + 1"), "y = torch.ones(3) * 2")
    lab.run(lab.cell("torch.ones(3) * 2"))
    expect(box(page, "add")).to_be_visible()


def test_the_failing_operation_is_marked_and_still_explained(
    lab: Lab, page: Page, first: Locator
) -> None:
    cell = lab.add_cell(first, "model = torch.nn.Sequential(torch.nn.Linear(4, 3))\n"
                               "out = model(torch.zeros(2, 5))")  # fmt: skip
    trace(lab, cell)
    expect(flow(page).locator("g[data-failed='true']")).to_have_count(1, timeout=FIRST)
    expect(flow(page)).to_contain_text("mat1 and mat2 shapes cannot be multiplied")
    expect(page.locator(".jp-Torchenstein-explain")).to_contain_text("nn.Linear(5, 3)")
    expect(lab.cell("out = model").locator(".jp-OutputArea")).not_to_contain_text("torchenstein")


def test_a_gpt_is_drawn_at_once_searched_and_walked(lab: Lab, page: Page, first: Locator) -> None:
    model = lab.add_cell(first, gpt())
    lab.run(model)
    cell = lab.add_cell(lab.cell("class GPT"), "logits = gpt(tokens)")
    trace(lab, cell)
    expect(box(page, "h.11")).to_be_visible(timeout=FIRST)
    # Once more, with nothing left to be imported: from the command to the drawing.
    summary = flow(page).locator(".jp-Torchenstein-summary")
    first_run = summary.inner_text()
    start = page.evaluate("performance.now()")
    trace(lab, lab.cell("logits = gpt(tokens)"))
    expect(summary).not_to_have_text(first_run, timeout=DRAWN)
    expect(box(page, "h.11")).to_be_visible(timeout=DRAWN)
    expect(summary).to_contain_text("124 M parameters")
    assert page.evaluate("performance.now()") - start < 2 * DRAWN

    # Everything open is more than anybody looks at, and still quick.
    boxes = flow(page).locator("g[data-item]")
    deeper = flow(page).get_by_role("button", name="Open one level of modules")
    while deeper.is_enabled():
        start = page.evaluate("performance.now()")
        deeper.click()
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        assert page.evaluate("performance.now()") - start < DRAWN
    expect(flow(page).locator("g[aria-expanded='false']")).to_have_count(0)
    for name in ("attn", "ln_1", "softmax", "masked_fill"):
        label = re.compile(f"^{name},")
        expect(flow(page).get_by_role("button", name=label)).to_have_count(LAYERS)
    drawn = boxes.count()
    text = flow(page).get_by_role("button", name="Show as text")
    text.click()
    expect(flow(page).locator("li[data-item]")).to_have_count(drawn)
    text.click()
    expect(boxes).to_have_count(drawn)

    flow(page).get_by_role("searchbox").fill("softmax")
    expect(flow(page).get_by_role("status").last).to_have_text(str(LAYERS))
    page.keyboard.press("Enter")
    expect(flow(page).get_by_role("status").last).to_have_text(f"1 of {LAYERS}")
    expect(flow(page)).to_contain_text("2 × 12 × 128 × 128")
    flow(page).locator("[aria-pressed='true'][data-item]").focus()
    page.keyboard.press("ArrowDown")
    expect(flow(page).locator("[data-item]:focus")).to_have_attribute(
        "aria-label", re.compile("^matmul")
    )
    page.keyboard.press("Escape")
    expect(flow(page).locator("[data-item]:focus")).to_have_attribute(
        "aria-label", re.compile("^attn")
    )


def test_everybody_can_read_it_in_every_theme(
    lab: Lab, page: Page, first: Locator, tmp_path: Path
) -> None:
    lab.run(lab.add_cell(first, gpt()))
    cell = lab.add_cell(lab.cell("class GPT"), "logits = gpt(tokens)")
    trace(lab, cell)
    expect(box(page, "h.0")).to_be_visible(timeout=FIRST)
    box(page, "h.0").click()
    lab.command("Open the shape flow in a tab")
    page.locator("#torchenstein-flow-tab [data-item='m0']").wait_for()
    folder = Path(os.environ.get("TORCHENSTEIN_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    barriers = []
    for theme in THEMES:
        lab.use_theme(theme)
        barriers += accessibility.complaints(page, "#torchenstein-flow-tab")
        page.screenshot(path=folder / f"flow-{theme.split()[-1].lower()}.png")
    assert barriers == []
