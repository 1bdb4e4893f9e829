"""What a training loop shows while it runs, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.extension.browser import accessibility
from tests.extension.browser.lab import THEMES, Lab

LESSON = "01_tensors/06_broadcasting.ipynb"
STARTS = 10_000
"""Milliseconds in which a new kernel's first run must begin to show."""
RUNS = 20
"""Seconds of the loop whose updates are counted."""
PER_SECOND = 2

LOOP = """import time
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(20, 32), torch.nn.ReLU(), torch.nn.Linear(32, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(256, 20), torch.randint(2, (256,))
until = time.monotonic() + {seconds}
step = 0
while time.monotonic() < until:
    loss = torch.nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    step += 1
    history = torch.zeros(step)
    time.sleep(0.005)"""


@pytest.fixture(autouse=True)
def _quiet_console(complaints: list[str]) -> Iterator[None]:
    yield
    assert complaints == []


@pytest.fixture
def first(lab: Lab) -> Locator:
    """A cell of a lesson that imports torch and has been run, with the sidebar open."""
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    lab.wait_for_tensors()
    cell = lab.cell("from torchgrade import")
    lab.run(cell)
    return cell


def begin(lab: Lab, below: Locator, seconds: float) -> Locator:
    """Run the loop in a new cell, and return when it runs."""
    cell = lab.add_cell(below, LOOP.format(seconds=seconds))
    place = cell.get_attribute("data-windowed-list-index")
    lab.page.keyboard.press("Control+Enter")
    shown = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    cell = shown.locator(f".jp-Cell[data-windowed-list-index='{place}']")
    expect(prompt(cell)).to_have_text("[*]:")
    return cell


def prompt(cell: Locator) -> Locator:
    return cell.locator(".jp-InputPrompt").first


def curves(page: Page) -> Locator:
    return page.locator(".jp-Torchenstein-live")


def test_a_training_loop_updates_the_panel_twice_a_second(
    lab: Lab, page: Page, first: Locator
) -> None:
    cell = begin(lab, first, RUNS)
    start = time.monotonic()
    expect(curves(page)).to_contain_text("running", timeout=STARTS)
    plot = curves(page).locator("figure", has_text="loss").locator(".jp-Torchenstein-curve").first
    grown = lab.row("history")
    expect(grown).to_be_visible()
    seen: tuple[set[str], set[str]] = (set(), set())
    while prompt(cell).inner_text() == "[*]:":
        seen[0].add(plot.get_attribute("d") or "")
        seen[1].add(grown.inner_text())
        page.wait_for_timeout(50)
    took = time.monotonic() - start
    assert took > RUNS - 1
    assert min(map(len, seen)) >= PER_SECOND * took, [len(each) for each in seen]

    expect(curves(page)).to_contain_text("ended", timeout=STARTS)
    drawing = curves(page).get_by_role("img", name=re.compile("^loss over"))
    expect(drawing).to_have_attribute("aria-label", re.compile("loss: .* now, .* at first"))
    lab.run(first)
    expect(curves(page)).to_contain_text("ended")


def test_gradients_are_drawn_once_they_are_asked_for(lab: Lab, page: Page, first: Locator) -> None:
    cell = begin(lab, first, 2)
    button = curves(page).get_by_role("button", name="gradient norms")
    button.click(timeout=STARTS)
    expect(curves(page)).to_contain_text("whenever an optimizer takes a step")
    expect(prompt(cell)).to_have_text(re.compile(r"\[\d+\]"), timeout=STARTS)
    begin(lab, cell, 4)
    drawing = curves(page).get_by_role("img", name=re.compile("^norm of each gradient"))
    expect(drawing).to_have_attribute("aria-label", re.compile("model.0.weight: "))


def test_the_loop_can_be_stopped_and_the_kernel_restarted_meanwhile(
    lab: Lab, page: Page, first: Locator
) -> None:
    cell = begin(lab, first, 60)
    expect(curves(page)).to_contain_text("running", timeout=STARTS)
    lab.menu("Kernel", "Interrupt Kernel")
    expect(cell.locator(".jp-OutputArea")).to_contain_text("KeyboardInterrupt", timeout=STARTS)
    expect(curves(page)).to_contain_text("ended")
    expect(lab.row("loss")).to_be_visible()

    cell = begin(lab, cell, 60)
    expect(curves(page)).to_contain_text("running")
    lab.restart_kernel()
    expect(curves(page)).to_have_count(0)
    lab.wait_for_kernel()
    lab.run(lab.cell("from torchgrade import"))
    begin(lab, lab.cell("from torchgrade import"), 3)
    expect(curves(page)).to_contain_text("running", timeout=STARTS)


def test_the_curves_are_readable_in_every_theme(lab: Lab, page: Page, first: Locator) -> None:
    begin(lab, first, 3)
    expect(curves(page)).to_contain_text("ended", timeout=STARTS)
    barriers = []
    for theme in THEMES:
        lab.use_theme(theme)
        barriers += accessibility.complaints(page, ".jp-Torchenstein-live")
    assert barriers == []
