"""README and CONTRIBUTING: what they show, link to and tell people to type is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from course.lab import commands, stages
from course.startpage import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CONTRIBUTING.md"]


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def typed(page: str) -> list[str]:
    """Return the commands of a page's code blocks, and its `lab.py` commands elsewhere."""
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```", text(page), flags=re.DOTALL | re.MULTILINE))
    lines = [line.partition("#")[0].strip(" ()") for line in blocks.splitlines()]
    return [line for line in [*lines, *re.findall(r"`(python lab\.py [^`]*)`", text(page))] if line]


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_shows_or_links_to_is_there(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", text(page)) + re.findall(
        r'src(?:set)?="([^"]+)"', text(page)
    )
    local = [link for link in links if not link.startswith("https://")]
    assert len(local) >= 1
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_the_table_of_modules_is_fresh() -> None:
    assert main(["--readme", str(ROOT / "README.md"), "--check"]) == 0


@pytest.mark.parametrize("page", PAGES)
def test_every_lab_command_on_a_page_is_one(page: str) -> None:
    ours = [line.split()[2:] for line in typed(page) if line.startswith("python lab.py")]
    assert len(ours) >= 2
    for words in ours:
        assert callable(commands.parser().parse_args(words).run)


def test_the_contributing_page_names_every_stage() -> None:
    assert " ".join(stages.NAMES) in text("CONTRIBUTING.md")


def test_every_folder_in_the_readmes_list_is_a_room() -> None:
    rooms = re.findall(r"^\| \[`(\w+)/`\]\((\w+)\)", text("README.md"), flags=re.MULTILINE)
    assert len(rooms) >= 7
    assert all(shown == target for shown, target in rooms)


def test_every_nbgrader_command_in_the_readme_is_a_stock_one() -> None:
    names = re.findall(r"^nbgrader (\w+)", text("README.md"), flags=re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "--help"], capture_output=True, text=True, timeout=60
    )
    known = re.findall(r"^(\w+)$", done.stdout, flags=re.MULTILINE)
    assert len(names) == 6
    assert [name for name in names if name not in known] == []
