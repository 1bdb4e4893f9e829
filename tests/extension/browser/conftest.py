"""A real JupyterLab, as `lab.py open` starts it, and a real browser to look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.extension.browser.lab import Lab
from tests.extension.browser.start import started_chromium, started_lab


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The address that `python lab.py open` prints, on a workbench of the test's own."""
    port = 8960 if worker_id == "master" else 8970 + 10 * int(worker_id.removeprefix("gw"))
    with started_lab(tmp_path_factory.mktemp("lab") / "workbench", port) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Headless Chromium: the one that the stage found, else Playwright's own."""
    with started_chromium() as browser:
        yield browser


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console reported as an error."""
    return []


@pytest.fixture
def page(chromium: Browser, complaints: list[str]) -> Iterator[Page]:
    """A page of a browser that has never been here, with its errors collected."""
    context: BrowserContext = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(f"{error} {error.stack}"))
    yield page
    context.close()


@pytest.fixture
def lab(page: Page, address: str) -> Lab:
    """The lab, open in the browser."""
    return Lab(page, address)
