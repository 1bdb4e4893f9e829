"""A real IPython shell, in which every snippet runs as a cell would."""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from jsonschema import Draft202012Validator
from torchenstein import explain, inspector
from traitlets.config import Config

PRELUDE = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"

Answer = Callable[..., dict[str, Any]]
Explain = Callable[..., "explain.Explanation | None"]


class Shell:
    """Runs cells in an empty namespace with torch, nn and F."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        self.ipython = InteractiveShell.instance(config=config)
        self._own = set(self.ipython.user_ns)

    def run(self, *cells: str) -> BaseException | None:
        """The error of the last cell, None if it has none. The cells before it must succeed."""
        for name in set(self.ipython.user_ns) - self._own:
            del self.ipython.user_ns[name]
        for cell in (PRELUDE, *cells[:-1]):
            assert self.more(cell) is None
        return self.more(cells[-1])

    def more(self, cell: str) -> BaseException | None:
        """The error of one more cell in the same namespace."""
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            # What torch warns of in a snippet is the snippet's affair.
            warnings.simplefilter("ignore")
            result = self.ipython.run_cell(cell, store_history=True)
        error: BaseException | None = result.error_in_exec or result.error_before_exec
        return error

    @property
    def last_cell(self) -> int:
        """The number of the cell that ran last."""
        number: int = self.ipython.execution_count - 1
        return number


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    InteractiveShell.clear_instance()  # another test's has names of its own
    yield Shell()
    InteractiveShell.clear_instance()


@pytest.fixture
def explained(shell: Shell) -> Explain:
    """`explained(*cells)`: the explanation of the error that the last cell raises."""

    def run(*cells: str) -> explain.Explanation | None:
        error = shell.run(*cells)
        assert error is not None
        return explain.explain(error)

    return run


@pytest.fixture(scope="session")
def valid() -> Answer:
    """The content of a reply as the page receives it, after it was found valid."""
    source = Path(inspector.__file__).parents[1] / "protocol.json"
    validator = Draft202012Validator(json.loads(source.read_text(encoding="utf-8")))

    def check(reply: inspector.Reply) -> dict[str, Any]:
        text = json.dumps(reply._repr_mimebundle_()["application/json"], allow_nan=False)
        content: dict[str, Any] = json.loads(text)
        validator.validate(content)
        return content

    return check
