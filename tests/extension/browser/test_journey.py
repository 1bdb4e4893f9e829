"""A learner's first hour in the lab, driven in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.extension.browser.lab import Lab

LESSON = "01_tensors/06_broadcasting.ipynb"
WRONG = "def center_columns(x: torch.Tensor) -> torch.Tensor:\n    return x - x.mean()"
RIGHT = "def center_columns(x: torch.Tensor) -> torch.Tensor:\n    return x - x.mean(dim=0)"
SOON = 1_000
"""Milliseconds in which the tensor panel must follow a cell."""


@pytest.fixture(autouse=True)
def _quiet_console(complaints: list[str]) -> Iterator[None]:
    yield
    assert complaints == []


def test_the_lab_opens_on_a_page_that_says_where_to_begin(lab: Lab, page: Page) -> None:
    lab.open_start_page()
    start = page.locator(".jp-Torchenstein-start")
    expect(start).to_contain_text("Getting started")
    expect(start).to_contain_text("Broadcasting: when shapes stretch")
    start.get_by_role("button", name="Begin: Meet your machine").click()
    lab.wait_for_kernel()
    expect(page.locator(".jp-NotebookPanel h1").first).to_contain_text("Meet your machine")


def test_hints_follow_the_learner_from_a_wrong_answer_to_the_right_one(
    lab: Lab, page: Page
) -> None:
    # Another test may have defined the answer in this notebook's kernel.
    lab.end_kernels()
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    lab.run(lab.cell("from torchgrade import"))
    answer = lab.cell("def center_columns")
    check = lab.cell('exercise("center_columns")')
    hints = lab.hints

    lab.activate(lab.cell("def broadcast_shape"))
    expect(hints.locator("h3")).to_have_text("The rule as a function")
    lab.activate(answer)
    expect(hints.locator("h3")).to_have_text("Centre the columns")
    expect(hints).to_contain_text("2 points")

    hints.get_by_role("button", name="Show the nudge").click()
    nudge = hints.get_by_role("region", name="Nudge")
    expect(nudge).to_contain_text("Which numbers should be averaged together")
    expect(nudge).to_be_focused()
    expect(hints).to_contain_text("The strategy opens once you have run an answer of your own.")
    expect(hints.get_by_role("button", name="Show the outline")).to_have_count(0)

    lab.run(check)
    expect(check.locator(".jp-OutputArea")).to_contain_text("there is no center_columns yet")

    lab.write(answer, WRONG)
    lab.run(answer)
    hints.get_by_role("button", name="Show the strategy").click()
    expect(hints.get_by_role("region", name="Strategy")).to_be_focused()
    expect(hints).to_contain_text("The outline opens when a check of your answer has failed.")

    lab.run(check)
    verdict = check.locator(".jp-OutputArea")
    expect(verdict).to_contain_text("first difference at [0, 0]: expected -1, got -10")
    expect(verdict).to_contain_text(
        "This is what you get when one mean is taken over the whole table."
    )
    expect(hints.get_by_role("region", name="Last check")).to_contain_text("Not yet")
    hints.get_by_role("button", name="Show the outline").click()
    expect(hints.get_by_role("region", name="Outline")).to_be_focused()
    expect(hints.locator(".jp-Torchenstein-locked, .jp-Torchenstein-button")).to_have_count(0)

    lab.write(answer, RIGHT)
    lab.run(answer)
    lab.run(check)
    expect(verdict).to_contain_text("center_columns: 1 open example holds")
    expect(hints.get_by_role("region", name="Last check")).to_contain_text("Passed")


def test_the_opened_hints_stay_with_the_learners_copy(lab: Lab, page: Page) -> None:
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    # An exercise that no other test opens: the file is theirs, too.
    lab.activate(lab.cell("def unbroadcast_grad"))
    lab.hints.get_by_role("button", name="Show the nudge").click()
    page.keyboard.press("ControlOrMeta+s")
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    page.reload()
    lab.wait_for_kernel()
    lab.show_sidebar()
    lab.activate(lab.cell("def unbroadcast_grad"))
    expect(lab.hints.get_by_role("region", name="Nudge")).to_be_visible()


def test_the_tensor_panel_follows_every_cell_and_a_restart(lab: Lab, page: Page) -> None:
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    lab.run(lab.cell("import torch"))
    cell = lab.add_cell(lab.cell("import torch"), "alpha = torch.zeros(3, 4)")
    lab.run(cell)
    expect(lab.row("alpha")).to_contain_text("3 × 4", timeout=SOON)
    expect(lab.row("alpha")).to_contain_text("f32")

    lab.write(cell, "alpha = torch.arange(10).reshape(2, 5).T; beta = alpha[0]")
    lab.run(cell)
    expect(lab.row("alpha")).to_contain_text("5 × 2", timeout=SOON)
    expect(lab.row("alpha")).to_contain_text("not contiguous")
    expect(lab.row("beta")).to_contain_text("view of alpha")

    lab.row("alpha").get_by_role("button").click()
    expect(lab.tensors.get_by_role("definition").first).to_have_text("4.5")
    lab.row("alpha").get_by_role("button").press("Enter")

    lab.write(cell, "del alpha")
    lab.run(cell)
    expect(lab.row("alpha")).to_have_count(0, timeout=SOON)
    expect(lab.row("beta")).to_have_count(1)

    lab.restart_kernel()
    expect(lab.row("beta")).to_have_count(0)
    lab.run(lab.cell("import torch"))
    lab.write(cell, "gamma = torch.ones(7)")
    lab.run(cell)
    expect(lab.row("gamma")).to_contain_text("7", timeout=2 * SOON)


def test_a_failing_cell_breaks_nothing(lab: Lab) -> None:
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    lab.run(lab.cell("import torch"))
    cell = lab.add_cell(
        lab.cell("import torch"), "delta = torch.ones(2)\ntorch.ones(2) @ torch.ones(3)"
    )
    lab.run(cell)
    expect(cell.locator(".jp-OutputArea")).to_contain_text("RuntimeError")
    expect(lab.row("delta")).to_have_count(1, timeout=SOON)


def test_the_plain_voice_hides_the_professor_and_no_information(lab: Lab, page: Page) -> None:
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    spoken = page.locator(".jp-Notebook blockquote.torchenstein-voice").first
    expect(spoken).to_be_visible()
    lab.command("Let the Professor speak")
    expect(spoken).to_be_hidden()
    lab.command("Let the Professor speak")
    expect(spoken).to_be_visible()


def test_the_panels_work_with_the_keyboard_alone(lab: Lab, page: Page) -> None:
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    lab.run(lab.cell("import torch"))
    lab.run(lab.add_cell(lab.cell("import torch"), "one = torch.ones(2); two = torch.ones(3)"))
    expect(lab.row("two")).to_have_count(1, timeout=SOON)
    lab.row("one").get_by_role("button").focus()
    page.keyboard.press("ArrowDown")
    expect(lab.row("two").get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(lab.row("two").get_by_role("button")).to_have_attribute("aria-expanded", "true")


def test_notebook_7_has_the_panels_and_the_chips_too(
    lab: Lab, page: Page, complaints: list[str]
) -> None:
    lab.open_lesson(LESSON, app="notebooks")
    lab.menu("View", "Right Sidebar", "Show Torchenstein: hints and tensors")
    lab.activate(lab.cell("def center_columns"))
    expect(lab.hints.locator("h3")).to_have_text("Centre the columns")
    first = lab.cell("from torchgrade import")
    lab.run(first)
    lab.run(lab.add_cell(first, "q = torch.zeros(2, 3)  # (B, D)\nq @ q"))
    expect(page.locator(".jp-Torchenstein-chipFace").first).to_have_text(
        "qB 2D 3", timeout=10 * SOON
    )
    expect(lab.explanation.locator("mark")).to_have_text("q @ q", timeout=10 * SOON)
    expect(lab.row("q")).to_have_count(1)
    # Notebook 7 with nbgrader complains in the same way when our extension is disabled.
    complaints[:] = [each for each in complaints if "torchenstein" in each]
