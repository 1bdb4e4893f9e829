"""How the lab looks: both panels in both themes; the README shows these pictures.

`TORCHENSTEIN_PICTURES=course/images pytest tests/extension/browser/test_looks.py` renews them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.extension.browser.lab import Lab

LESSON = "01_tensors/06_broadcasting.ipynb"
READABLE = 4.5
"""The least contrast of text (WCAG 2, level AA)."""


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(r, g, b)`, as WCAG defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two opaque colours."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def colour(element: Locator, name: str) -> str:
    """A computed colour of an element."""
    value: str = element.evaluate("(node, name) => getComputedStyle(node)[name]", name)
    return value


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_both_panels_are_readable_in_both_themes(
    lab: Lab, page: Page, theme: str, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    lab.open_lesson(LESSON)
    lab.use_theme(theme)
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
    page.mouse.move(5, 5)

    background = colour(page.locator("#torchenstein-sidebar"), "backgroundColor")
    shown = "h3, p, th, td, dt, dd, .jp-Torchenstein-size, .jp-Torchenstein-note, blockquote"
    faint = {
        f"{part.text_content()}: {colour(part, 'color')}"
        for part in page.locator("#torchenstein-sidebar").locator(shown).all()
        if part.is_visible() and contrast(colour(part, "color"), background) < READABLE
    }
    assert faint == set()

    folder = Path(os.environ.get("TORCHENSTEIN_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"lab-{theme.split()[-1].lower()}.png")
