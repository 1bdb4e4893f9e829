"""A shell in which cells run as a kernel runs them."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    """The shell of this process, one for each file of tests, with torch at hand."""
    # A shell puts a module of its own there, which starts no process once the shell was reset.
    main = sys.modules["__main__"]
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    shell.run_line_magic("colors", "nocolor")
    shell.run_cell("import torch")
    yield shell
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main
