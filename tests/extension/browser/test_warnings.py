"""Quiet warnings in a real lab: a mark at the line, a card in the sidebar, and an end to both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.extension.browser import accessibility
from tests.extension.browser.lab import THEMES, Lab

LESSON = "01_tensors/06_broadcasting.ipynb"
SOURCE = """pred = torch.nn.Linear(1, 1)(torch.ones(6, 1))
y = torch.zeros(6)
loss = ((pred - y) ** 2).mean()"""


@pytest.fixture(autouse=True)
def _quiet_console(complaints: list[str]) -> Iterator[None]:
    yield
    assert complaints == []


@pytest.fixture
def cell(lab: Lab) -> Iterator[Locator]:
    """A cell with a silent outer broadcast, run once; all kinds of warnings are on."""
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    first = lab.cell("from torchgrade import")
    lab.run(first)
    cell = lab.add_cell(first, SOURCE)
    lab.page.keyboard.press("Control+Enter")
    yield cell
    # The settings are the lab's, not the page's.
    address = f"{lab.base}/lab/api/settings/torchenstein:preferences?{lab.token}"
    lab.page.request.put(address, data={"raw": "{}"})


def mark(cell: Locator) -> Locator:
    return cell.locator(".jp-Torchenstein-chip[data-kind='warning']")


def card(lab: Lab) -> Locator:
    return lab.page.locator(".jp-Torchenstein-cautions")


def test_a_silent_outer_broadcast_is_marked_and_told(lab: Lab, page: Page, cell: Locator) -> None:
    expect(mark(cell)).to_contain_text("6 × 6, really?")
    expect(card(lab)).to_contain_text("pred has the shape (6, 1) and y (6,)")
    expect(card(lab).get_by_role("img")).to_be_visible()
    expect(card(lab)).to_contain_text("pred.squeeze(-1) - y")
    folder = os.environ.get("TORCHENSTEIN_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / "warning.png")
    card(lab).get_by_role("button", name="Go to the line").click()
    page.wait_for_function("getSelection().toString() === 'pred - y'")


def test_the_mark_opens_the_card_and_both_follow_edits(lab: Lab, page: Page, cell: Locator) -> None:
    expect(mark(cell)).to_be_visible()
    page.locator("[data-id='torchenstein-sidebar']").click()
    expect(card(lab)).to_be_hidden()
    mark(cell).click()
    expect(card(lab)).to_be_visible()
    lab.activate(cell)
    page.keyboard.press("ControlOrMeta+Home")
    page.keyboard.insert_text("# a line more\n")
    expect(mark(cell)).to_have_attribute("data-stale", "false")
    expect(card(lab)).to_be_visible()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.insert_text(" * 2")
    expect(mark(cell)).to_have_attribute("data-stale", "true")
    expect(card(lab)).to_have_count(0)


def test_mark_and_card_are_for_everybody_in_every_theme(
    lab: Lab, page: Page, cell: Locator
) -> None:
    expect(mark(cell)).to_be_visible()
    expect(card(lab)).to_be_visible()
    barriers = []
    for theme in THEMES:
        lab.use_theme(theme)
        barriers += accessibility.complaints(
            page, ".jp-Torchenstein-cautions", ".jp-Torchenstein-chip[data-kind='warning']"
        )
    assert barriers == []


def test_it_is_gone_when_it_is_mended(lab: Lab, cell: Locator) -> None:
    expect(mark(cell)).to_be_visible()
    lab.write(cell, SOURCE.replace("pred - y", "pred.squeeze(-1) - y"))
    lab.page.keyboard.press("Control+Enter")
    expect(mark(cell)).to_have_count(0)
    expect(card(lab)).to_have_count(0)


def test_one_can_be_meant_and_a_kind_switched_off(lab: Lab, cell: Locator) -> None:
    card(lab).get_by_role("button", name="I meant it").click()
    expect(mark(cell)).to_have_count(0)
    expect(card(lab)).to_have_count(0)
    lab.activate(cell)
    lab.page.keyboard.press("Control+Enter")
    expect(mark(cell)).to_be_visible()
    card(lab).get_by_role("button", name="No longer warn of").click()
    expect(mark(cell)).to_have_count(0)
    lab.activate(cell)
    lab.page.keyboard.press("Control+Enter")
    expect(cell.locator(".jp-Torchenstein-chip[data-kind='shape']").first).to_be_visible()
    expect(mark(cell)).to_have_count(0)
    lab.restart_kernel()
    lab.wait_for_kernel()
