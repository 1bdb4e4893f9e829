"""Start the lab as `python lab.py open` does, and a browser to look at it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

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


@contextmanager
def started_lab(workbench: Path, port: int = 8960) -> Iterator[str]:
    """The address of a lab on this workbench; the log lies beside it."""
    command = [sys.executable, str(ROOT / "lab.py"), "open", "--no-browser", "--port", str(port)]
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
        try:
            yield found.group(1)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)


@contextmanager
def started_chromium() -> Iterator[Browser]:
    """Headless Chromium: the one of TORCHENSTEIN_CHROMIUM, else Playwright's own."""
    program = os.environ.get("TORCHENSTEIN_CHROMIUM") or None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()
