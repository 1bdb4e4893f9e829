"""A shell in which cells run as a kernel runs them, and the page's view of the warnings."""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from jsonschema import Draft202012Validator
from torchenstein import cautions, inspector, lines

PRELUDE = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
Caution = dict[str, Any]


class Notebook:
    """Runs cells with warnings on and asks for them as the page does."""

    def __init__(self, shell: InteractiveShell, schema: Draft202012Validator) -> None:
        self.shell, self._schema = shell, schema
        self._ran = 0
        self.run(PRELUDE)

    def run(self, source: str, cell_id: str | None = None) -> None:
        """Run one cell, which must not raise."""
        self._ran += 1
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            # What torch warns of in a snippet is the snippet's affair.
            warnings.simplefilter("ignore")
            cell_id = cell_id or f"cell-{self._ran}"
            result = self.shell.run_cell(source, store_history=True, cell_id=cell_id)
        result.raise_error()

    def ask(self, **options: Any) -> dict[str, Any]:
        """A valid answer."""
        content = json.loads(json.dumps(inspector.reply("cautions", **options).content))
        self._schema.validate(content)
        assert content["kind"] == "cautions", content
        assert content["problem"] is None, content["problem"]
        return dict(content)

    def cautions(self, *cells: str, **options: Any) -> list[list[Caution]]:
        """The cautions of each of the cells after all have run."""
        first = self._ran + 1
        for cell in cells:
            self.run(cell)
        told = {cell["cell_id"]: cell["cautions"] for cell in self.ask(**options)["cells"]}
        return [told.get(f"cell-{first + i}", []) for i in range(len(cells))]


@pytest.fixture
def notebook(shell: InteractiveShell) -> Iterator[Notebook]:
    source = Path(inspector.__file__).parents[1] / "protocol.json"
    schema = Draft202012Validator(json.loads(source.read_text(encoding="utf-8")))
    before = set(shell.user_ns)
    assert cautions.install(shell)
    yield Notebook(shell, schema)
    cautions.uninstall()
    lines.uninstall()
    for name in set(shell.user_ns) - before:
        del shell.user_ns[name]
