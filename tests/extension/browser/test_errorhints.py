"""Hints that read the error: mistakes get names without hidden tests, failed lines their shapes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.extension.browser.lab import Lab

LESSON = "01_tensors/06_broadcasting.ipynb"
FIRST = 10_000
"""Milliseconds for the first explanation of a kernel, which has something to import."""

JOINED_BY_OR = """def attention_mask(lengths: torch.Tensor, T: int) -> torch.Tensor:
    place = torch.arange(T)
    return (place <= place[:, None]) | (place < lengths[:, None, None, None])"""

CLASHING_IN_CHECK = """def column_scale(x: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    row = scale.reshape(1, -1)
    return x @ row"""

CLASHING = """def column_scale(x: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    return x * scale[:, None]

column_scale(torch.ones(2, 3), torch.ones(3))"""


@pytest.fixture(autouse=True)
def _quiet_console(complaints: list[str]) -> Iterator[None]:
    yield
    assert complaints == []


@pytest.mark.parametrize("app", ["lab/tree", "notebooks"])
def test_a_mistake_that_no_open_example_describes_gets_its_name(
    lab: Lab, app: str, complaints: list[str]
) -> None:
    lab.open_lesson(LESSON, app)
    if app == "lab/tree":
        lab.show_sidebar()
    lab.run(lab.cell("from torchgrade import"))
    answer = lab.cell("def attention_mask")
    check = lab.cell('exercise("attention_mask")')
    expect(check).not_to_contain_text("joined by or")
    lab.write(answer, JOINED_BY_OR)
    lab.run(answer)
    lab.run(check)
    named = "This is what you get when the two conditions are joined by or."
    expect(check.locator(".jp-OutputArea")).to_contain_text(named)
    if app == "notebooks":
        # Notebook 7 itself reports menu entries of JupyterLab that it has not got.
        complaints[:] = [each for each in complaints if "torchenstein" in each]
    else:
        last = lab.hints.get_by_role("region", name="Last check")
        expect(last).to_contain_text(named)
        expect(last).to_contain_text("Look for the line of your answer that does this.")


def column_scale(lab: Lab) -> tuple[Locator, Locator]:
    """The answer and the check of an exercise in an opened lesson, its imports run."""
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    lab.run(lab.cell("from torchgrade import"))
    return lab.cell("def column_scale"), lab.cell('exercise("column_scale")')


def test_what_a_check_caught_is_drawn_with_its_real_shapes(lab: Lab, page: Page) -> None:
    answer, check = column_scale(lab)
    lab.write(answer, CLASHING_IN_CHECK)
    lab.run(answer)
    expect(lab.explanation).to_have_count(0)
    lab.run(check)
    expect(lab.explanation).to_contain_text("x @ row", timeout=FIRST)
    expect(lab.explanation.locator("svg")).to_be_visible()
    stopped = lab.hints.get_by_role("region", name="Where the last run stopped")
    expect(stopped.get_by_role("row")).to_have_count(2)
    expect(stopped.get_by_role("row").nth(1)).to_contain_text("row")

    lab.write(answer, CLASHING_IN_CHECK.replace("@", "*"))
    lab.run(answer)
    lab.run(check)
    expect(lab.explanation).to_have_count(0)
    expect(stopped).to_have_count(0)


def test_one_thing_at_a_time(lab: Lab, page: Page) -> None:
    answer, check = column_scale(lab)
    lab.activate(answer)
    lab.hints.get_by_role("button", name="Stuck? Show the nudge").click()
    nudge = lab.hints.get_by_role("region", name="Nudge").locator(".jp-Torchenstein-markdown")
    expect(nudge).to_be_visible()

    lab.write(answer, CLASHING)
    lab.run(answer)
    stopped = lab.hints.get_by_role("region", name="Where the last run stopped")
    expect(stopped).to_contain_text("x * scale[:, None]", timeout=FIRST)
    rows = stopped.get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("2")
    expect(rows.nth(0)).to_contain_text("3")
    expect(nudge).to_be_hidden()
    stopped.get_by_role("button", name="Show what would fit").click()
    expect(page.locator(".jp-Torchenstein-explain svg")).to_be_visible()
    said = stopped.inner_text()
    assert len(said.split()) < 160

    lab.hints.get_by_role("button", name="Still stuck? Show the strategy").click()
    expect(lab.hints.get_by_role("region", name="Strategy")).to_be_focused()
    expect(lab.hints.locator(".jp-Torchenstein-markdown:visible")).to_have_count(1)

    lab.write(answer, CLASHING.split("\n\n")[0].replace("scale[:, None]", "scale"))
    lab.run(answer)
    expect(stopped).to_have_count(0)
    lab.run(check)
    last = lab.hints.get_by_role("region", name="Last check")
    expect(last).to_contain_text("This is what you get when")
    expect(lab.hints.locator(".jp-Torchenstein-markdown:visible")).to_have_count(0)
    lab.hints.get_by_text("Strategy", exact=True).click()
    expect(lab.hints.locator(".jp-Torchenstein-markdown:visible")).to_have_count(1)
