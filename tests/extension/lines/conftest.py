"""A shell in which cells run as a kernel runs them, and the page's view of their lines.

To run these tests on another Python (its torch needs no GPU):

    python3.13 -m venv env && env/bin/pip install torch numpy ipykernel jupyter_client jsonschema \\
        pytest hypothesis
    PYTHONPATH=extension env/bin/python -m pytest tests/extension/lines
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from jsonschema import Draft202012Validator
from torchenstein import inspector, lines

Line = dict[str, Any]


class Notebook:
    """Runs cells with the recorder on and asks for their lines as the page does."""

    def __init__(self, shell: InteractiveShell, schema: Draft202012Validator) -> None:
        self.shell, self._schema = shell, schema
        self._ran = 0

    def run(self, source: str, cell_id: str | None = None) -> Any:
        self._ran += 1
        return self.shell.run_cell(
            source, store_history=True, cell_id=cell_id or f"cell-{self._ran}"
        )

    def ask(self, **options: Any) -> dict[str, Any]:
        content = json.loads(json.dumps(inspector.reply("lines", **options).content))
        self._schema.validate(content)
        assert content["kind"] == "lines", content
        assert content["problem"] is None
        return dict(content)

    def lines(self, source: str | None = None) -> list[Line]:
        """The lines of the cell that ran last, which is `source` if given."""
        if source is not None:
            result = self.run(source)
            result.raise_error()
        cells = self.ask()["cells"]
        return list(cells[-1]["lines"]) if cells else []

    def shapes(self, source: str) -> dict[tuple[int, str | None], list[int]]:
        """Shape by line and name, of a cell that is run for it."""
        return {(line["line"], line["name"]): line["shape"] for line in self.lines(source)}


@pytest.fixture
def notebook(shell: InteractiveShell) -> Iterator[Notebook]:
    source = Path(inspector.__file__).parents[1] / "protocol.json"
    schema = Draft202012Validator(json.loads(source.read_text(encoding="utf-8")))
    assert lines.install(shell)
    yield Notebook(shell, schema)
    lines.uninstall()
    shell.user_ns.pop("kept", None)
