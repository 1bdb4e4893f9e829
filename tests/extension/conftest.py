"""A shell in which cells run as a kernel runs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    """The shell of this process, one for each file of tests, with torch at hand."""
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    shell.run_line_magic("colors", "nocolor")
    shell.run_cell("import torch")
    yield shell
    InteractiveShell.clear_instance()
