"""Shapes in the editor, and the explanation of a failed run, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.extension.browser import accessibility
from tests.extension.browser.accessibility import READABLE, colour, contrast
from tests.extension.browser.lab import THEMES, Lab

LESSON = "01_tensors/06_broadcasting.ipynb"
SOON = 5_000
"""Milliseconds in which the editor must follow a cell."""
FIRST = 10_000
"""The same for the first explanation of a kernel, which has something to import."""

TENSORS = """q = torch.zeros(2, 5, 8)  # (B, T, D)
ids = torch.arange(10).reshape(2, 5)  # (B, T)
total = sum([1, 2])"""

DEEP = """class Head(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.key = torch.nn.Linear(8, 8)

    def forward(self, x):
        k = self.key(x)  # (B, T, D)
        scores = x @ k / 8**0.5
        return scores.softmax(-1)

class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.head = Head()

    def forward(self, x):
        return self.head(x)

class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = torch.nn.Sequential(Block())

    def forward(self, x):
        return self.blocks(x)"""


@pytest.fixture(autouse=True)
def _quiet_console(complaints: list[str]) -> Iterator[None]:
    yield
    assert complaints == []


@pytest.fixture
def first(lab: Lab) -> Locator:
    """A cell of a lesson that imports torch and has been run."""
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    lab.wait_for_tensors()
    cell = lab.cell("from torchgrade import")
    lab.run(cell)
    return cell


def add(lab: Lab, below: Locator, source: str) -> Locator:
    """Make a code cell below another one and run it; found by its place, whatever is written."""
    cell = lab.add_cell(below, source)
    place = cell.get_attribute("data-windowed-list-index")
    lab.run(cell)
    shown = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    return shown.locator(f".jp-Cell[data-windowed-list-index='{place}']")


def chip(cell: Locator, line: int) -> Locator:
    """The chip at the end of a line of a cell, from 0."""
    return cell.locator(".cm-line").nth(line).locator(".jp-Torchenstein-chip")


def face(cell: Locator, line: int) -> Locator:
    """What eyes see of that chip."""
    return chip(cell, line).locator(".jp-Torchenstein-chipFace")


def test_each_line_that_made_a_tensor_says_its_shape(lab: Lab, first: Locator) -> None:
    cell = add(lab, first, TENSORS)
    expect(face(cell, 0)).to_have_text("qB 2T 5D 8", timeout=SOON)
    expect(face(cell, 1)).to_have_text("idsB 2T 5i64")
    expect(chip(cell, 2)).to_have_count(0)
    expect(chip(cell, 0).locator(".jp-Torchenstein-hidden")).to_have_text("q: B 2 × T 5 × D 8")
    expect(chip(cell, 0)).to_have_attribute("title", "q: B 2 × T 5 × D 8, float32, cpu")


def test_a_dimension_has_one_colour_in_chips_panel_and_explorer(lab: Lab, first: Locator) -> None:
    cell = add(lab, first, TENSORS)
    expect(face(cell, 1)).to_be_visible(timeout=SOON)
    times = [face(cell, line).locator(".jp-Torchenstein-size", has_text="T 5") for line in range(2)]
    times += [lab.row(name).locator(".jp-Torchenstein-size").nth(1) for name in ("q", "ids")]
    lab.row("q").get_by_role("button").first.click()
    explore = lab.page.get_by_role("group", name="Explore q", exact=True)
    explore.get_by_role("button", name="matmul with …", exact=True).click()
    rows = lab.page.locator(".jp-Torchenstein-explore .tx-base").get_by_text("T 5", exact=True)
    expect(rows.first).to_be_visible(timeout=FIRST)
    colours = {colour(size, "color") for size in times}
    assert colours == {colour(rows.first, "fill")}
    assert len(colours) == 1


def test_chips_move_with_edits_go_stale_and_recover(lab: Lab, page: Page, first: Locator) -> None:
    cell = add(lab, first, TENSORS)
    expect(chip(cell, 1)).to_have_attribute("data-stale", "false", timeout=SOON)

    lab.activate(cell)
    page.keyboard.press("ControlOrMeta+Home")
    page.keyboard.insert_text("# two tensors\n")
    expect(face(cell, 1)).to_have_text("qB 2T 5D 8")
    expect(face(cell, 2)).to_contain_text("ids")
    expect(chip(cell, 0)).to_have_count(0)

    page.keyboard.insert_text("my_")
    expect(chip(cell, 1)).to_have_attribute("data-stale", "true")
    expect(chip(cell, 1)).to_have_attribute("title", re.compile("the line has changed"))
    expect(chip(cell, 2)).to_have_attribute("data-stale", "false")
    for _ in "my_":
        page.keyboard.press("Backspace")
    expect(chip(cell, 1)).to_have_attribute("data-stale", "false")

    lab.write(cell, "q = torch.zeros(3)")
    expect(cell.locator(".jp-Torchenstein-chip")).to_have_count(0)
    lab.run(cell)
    expect(face(cell, 0)).to_have_text("q3", timeout=SOON)


def test_functions_show_what_they_last_saw(lab: Lab, first: Locator) -> None:
    function = add(lab, first, "def double(x):\n    y = x * 2\n    return y")
    add(lab, function, "for n in (3, 4):\n    double(torch.zeros(n, 2))")
    expect(face(function, 1)).to_have_text("y422 shapes", timeout=SOON)


def test_chips_disappear_with_the_kernel_and_are_never_saved(
    lab: Lab, page: Page, first: Locator
) -> None:
    cell = add(lab, first, TENSORS)
    expect(chip(cell, 0)).to_be_visible(timeout=SOON)
    page.keyboard.press("ControlOrMeta+s")
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    saved = page.request.get(f"{lab.base}/api/contents/{quote(LESSON)}?{lab.token}").json()
    ours = [each for each in saved["content"]["cells"] if "".join(each["source"]) == TENSORS]
    assert [each["outputs"] for each in ours] == [[]]
    assert set(ours[0]["metadata"]) <= {"trusted"}

    lab.restart_kernel()
    expect(page.locator(".jp-Torchenstein-chip")).to_have_count(0)


def test_one_command_hides_the_shapes_and_shows_them_again(
    lab: Lab, page: Page, first: Locator
) -> None:
    cell = add(lab, first, TENSORS)
    expect(chip(cell, 0)).to_be_visible(timeout=SOON)
    lab.command("Show shapes in the editor")
    expect(page.locator(".jp-Torchenstein-chip")).to_have_count(0)
    lab.run(cell)
    expect(page.locator(".jp-Torchenstein-chip")).to_have_count(0)
    lab.command("Show shapes in the editor")
    lab.run(cell)
    expect(chip(cell, 0)).to_be_visible(timeout=SOON)


def test_a_matmul_three_modules_deep_is_explained_where_it_fails(
    lab: Lab, page: Page, first: Locator
) -> None:
    module = add(lab, first, DEEP)
    call = add(lab, module, "Model()(torch.zeros(2, 5, 8))")
    explained = lab.explanation
    expect(explained.locator("mark")).to_have_text("x @ k", timeout=FIRST)
    expect(explained.locator(".jp-Torchenstein-expression")).to_have_text("scores = x @ k / 8**0.5")
    expect(explained).to_contain_text("line 8")
    expect(explained).to_contain_text("in forward")
    drawing = explained.get_by_role("img")
    expect(drawing).to_have_attribute("aria-label", re.compile("x: .*2.*5.*8; k: B 2 × T 5 × D 8"))
    expect(drawing.locator(".jp-Torchenstein-meeting")).to_have_text(re.compile("8 meets T 5"))
    expect(explained.locator(".jp-Torchenstein-fix").first).to_contain_text("x @ k")
    expect(chip(module, 7)).to_have_attribute("data-kind", "failure")
    expect(face(module, 7)).to_have_text("fails here")
    assert len(explained.inner_text().split()) <= 160

    explained.get_by_role("button", name="Go to the line").click()
    expect(module).to_have_class(re.compile("jp-mod-active"))
    page.wait_for_function("getSelection().toString() === 'x @ k'")

    lab.write(module, DEEP.replace("x @ k ", "x @ k.mT "))
    lab.run(module)
    expect(explained).to_have_count(0)
    lab.run(call)
    expect(explained).to_have_count(0)
    expect(page.locator(".jp-Torchenstein-chip[data-kind='failure']")).to_have_count(0)


def test_the_explanation_goes_with_the_kernel(lab: Lab, first: Locator) -> None:
    add(lab, first, "torch.zeros(4, 3) + torch.zeros(4)")
    expect(lab.explanation.get_by_role("img")).to_be_visible(timeout=FIRST)
    lab.restart_kernel()
    expect(lab.explanation).to_have_count(0)


def test_chips_and_explanation_are_readable_in_every_theme(
    lab: Lab, page: Page, first: Locator
) -> None:
    cell = add(lab, first, TENSORS + "\ny = q @ q")
    expect(face(cell, 3)).to_have_text("fails here", timeout=FIRST)
    faint, barriers = set(), []
    chips = cell.locator(".jp-Torchenstein-chip")
    for theme in THEMES:
        lab.use_theme(theme)
        background = colour(page.locator("#torchenstein-sidebar"), "backgroundColor")
        # axe looks at no words of a drawing.
        shown = dict.fromkeys(lab.explanation.locator("text").all(), background)
        for part in chips.locator(".jp-Torchenstein-chipFace span").all():
            shown[part] = colour(chips.first, "backgroundColor")
        for part, behind in shown.items():
            if contrast(colour(part, "color"), behind) < READABLE:
                faint.add(f"{theme}: {part.text_content()}")
        barriers += accessibility.complaints(page, "#torchenstein-sidebar", ".jp-Torchenstein-chip")
    assert faint == set()
    assert barriers == []
    assert colour(chips.first, "transitionDuration") != "0s"
    page.emulate_media(reduced_motion="reduce")
    assert colour(chips.first, "transitionDuration") == "0s"
