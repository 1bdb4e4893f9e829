"""Whether everybody can read and use a part of the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

AXE = Path(__file__).resolve().parents[3] / "extension/node_modules/axe-core/axe.min.js"
RUN = "selectors => axe.run({ include: selectors.map(one => [one]) })"
READABLE = 4.5
"""The least contrast of text (WCAG 2, level AA)."""


def complaints(page: Page, *selectors: str) -> list[str]:
    """What axe-core reports of the elements that the selectors name: rule, element and reason."""
    for selector in selectors:
        page.locator(selector).first.wait_for()
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=AXE)
    found: dict[str, Any] = page.evaluate(RUN, list(selectors))
    assert found["passes"], "axe looked at nothing"
    return [
        f"{rule['id']}: {node['html']}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


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
