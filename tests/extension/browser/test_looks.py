"""How the lab looks: both panels in every theme; the README shows two of these pictures.

`TORCHENSTEIN_PICTURES=course/images pytest tests/extension/browser/test_looks.py` renews them.
"""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.extension.browser.accessibility import complaints
from tests.extension.browser.lab import THEMES, Lab

LESSON = "01_tensors/06_broadcasting.ipynb"


def test_both_panels_are_for_everybody_in_every_theme(lab: Lab, page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    lab.open_lesson(LESSON)
    lab.show_sidebar()
    lab.restart_kernel()
    lab.run(lab.cell("from torchgrade import"))
    lab.run(lab.cell("cups = torch.tensor"))
    lab.run(lab.cell("stretched = bonus"))
    answer = lab.cell("def center_columns")
    check = lab.cell('exercise("center_columns")')
    lab.activate(answer)
    if lab.hints.get_by_role("button", name="Show the nudge").count():
        lab.hints.get_by_role("button", name="Show the nudge").click()
    lab.write(
        answer, "def center_columns(x: torch.Tensor) -> torch.Tensor:\n    return x - x.mean()"
    )
    lab.run(answer)
    lab.run(check)
    lab.row("stretched").get_by_role("button").click()
    lab.tensors.locator(".jp-Torchenstein-detail").scroll_into_view_if_needed()
    expect(lab.tensors.get_by_role("definition").first).to_be_visible()
    check.locator(".jp-OutputArea").scroll_into_view_if_needed()

    folder = Path(os.environ.get("TORCHENSTEIN_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    barriers = []
    for theme in THEMES:
        lab.use_theme(theme)
        page.mouse.move(5, 5)
        barriers += complaints(page, "#torchenstein-sidebar")
        page.screenshot(path=folder / f"lab-{theme.split()[-1].lower()}.png")
    assert barriers == []
