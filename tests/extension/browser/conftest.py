"""A real JupyterLab, as `lab.py open` starts it, and a real browser to look at it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.extension.browser.lab import Lab

ROOT = Path(__file__).resolve().parents[3]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that `python lab.py open` prints, on a workbench of the test's own."""
    workbench = tmp_path_factory.mktemp("lab") / "workbench"
    command = [sys.executable, str(ROOT / "lab.py"), "open", "--no-browser", "--port", "8960"]
    command += ["--workbench", str(workbench)]
    if Path(sys.prefix) != ROOT / ".venv":
        command.append("--here")
    log = workbench.parent / "lab.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=output, text=True, start_new_session=True
        ) as process,
    ):
        assert process.stdout is not None
        found = None
        said = []
        for line in process.stdout:
            said.append(line)
            found = re.search(r"open at\s+(\S+)", line)
            if found:
                break
        assert found, f"the lab did not open:\n{''.join(said)}\n{log.read_text()}"
        yield found.group(1)
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Headless Chromium: the one that the stage found, else Playwright's own."""
    program = os.environ.get("TORCHENSTEIN_CHROMIUM") or None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


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
