"""A Chromium for the browser tests: one that is there, Playwright's, or the system's package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from course.lab.console import say
from course.lab.environment import Environment

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ON_MACOS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
)
ON_WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Chromium\Application\chrome.exe")
WHERE = """
from playwright.sync_api import sync_playwright
with sync_playwright() as run:
    print(run.chromium.executable_path)
"""
FETCH_LIMIT = 600.0


def find_chromium(environment: Environment) -> Path | None:
    """Return a Chromium that starts, installed now if need be; None if none is to be had."""
    return first_that_runs(installed()) or from_playwright(environment) or from_apt()


def installed() -> Iterator[Path]:
    """Yield the places where a Chromium or Chrome may be."""
    named = os.environ.get("TORCHENSTEIN_CHROMIUM")
    if named:
        yield Path(named)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            yield Path(found)
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield from (folder / name for name in ON_MACOS)
    if os.name == "nt":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            if os.environ.get(variable):
                yield from (Path(os.environ[variable]) / name for name in ON_WINDOWS)


def first_that_runs(programs: Iterator[Path]) -> Path | None:
    """Return the first program that is there and runs; Ubuntu's stub of that name does not."""
    for program in programs:
        # Chrome on Windows opens a window for --version; there, being there is enough.
        if program.is_file() and (os.name == "nt" or succeeds([str(program), "--version"], 60)):
            return program
    return None


def from_playwright(environment: Environment) -> Path | None:
    """Return the Chromium that Playwright has, or fetches."""
    say("No Chromium or Chrome found; asking Playwright for one ...")
    python, variables = str(environment.python), environment.variables()
    succeeds([python, "-m", "playwright", "install", "chromium"], FETCH_LIMIT, variables)
    try:
        done = subprocess.run(
            [python, "-c", WHERE], env=variables, capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode or not done.stdout.strip():
        return None
    return first_that_runs(iter([Path(done.stdout.strip())]))


def from_apt() -> Path | None:
    """Return Debian's or Ubuntu's Chromium, installing it where we may."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    say("Installing the system's chromium package ...")
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    succeeds(["apt-get", "update", "-q"], FETCH_LIMIT, variables)
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]
    succeeds(command, FETCH_LIMIT, variables)
    return first_that_runs(installed())


def succeeds(command: Sequence[str], limit: float, variables: dict[str, str] | None = None) -> bool:
    """Tell whether a command ends well within `limit` seconds; its output is dropped."""
    try:
        done = subprocess.run(
            command,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
