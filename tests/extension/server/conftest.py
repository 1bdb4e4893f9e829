"""A server that runs only our extension, on a workbench made for the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.extension.server.notebooks import COURSE, put


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"torchenstein": True},
            # A route that forgets to ask who is there answers 403 to everybody.
            "allow_unauthenticated_access": False,
        }
    }


@pytest.fixture
def workbench(tmp_path: Path) -> Path:
    """A folder with a course in it."""
    folder = tmp_path / "workbench"
    put(folder / ".torchenstein" / "course.json", COURSE)
    return folder
