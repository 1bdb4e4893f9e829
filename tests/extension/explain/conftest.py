"""A real IPython shell, in which every snippet runs as a cell would."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

PRELUDE = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


class Shell:
    """Runs cells in an empty namespace with torch, nn and F."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        self.ipython = InteractiveShell.instance(config=config)

    def run(self, *cells: str) -> BaseException | None:
        """The error of the last cell, None if it has none. The cells before it must succeed."""
        self.ipython.reset(new_session=False)
        self._cell(PRELUDE)
        for cell in cells[:-1]:
            assert self._cell(cell) is None
        return self._cell(cells[-1])

    def more(self, cell: str) -> BaseException | None:
        """The error of one more cell in the same namespace."""
        return self._cell(cell)

    def _cell(self, cell: str) -> BaseException | None:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            # What torch warns of in a snippet is the snippet's affair.
            warnings.simplefilter("ignore")
            result = self.ipython.run_cell(cell, store_history=True)
        error: BaseException | None = result.error_in_exec or result.error_before_exec
        return error


@pytest.fixture(scope="session")
def shell() -> Iterator[Shell]:
    yield Shell()
    InteractiveShell.clear_instance()


Explain = Callable[..., Any]


@pytest.fixture
def explained(shell: Shell) -> Explain:
    """`explained(*cells)`: the explanation of the error that the last cell raises."""
    from torchenstein.explain import explain

    def run(*cells: str) -> Any:
        error = shell.run(*cells)
        assert error is not None, "The last cell raised nothing."
        return explain(error)

    return run
