"""A shell in which cells run as a kernel runs them, traced as the page has them traced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torchenstein.flow
from IPython.core.interactiveshell import InteractiveShell
from jsonschema import Draft202012Validator
from torchenstein import inspector

Json = dict[str, Any]


class Graph:
    """A FlowGraph with the questions that tests have."""

    def __init__(self, content: Json) -> None:
        self.content = content
        self.nodes: list[Json] = content["nodes"]
        self.modules: list[Json] = content["modules"]
        self.edges: list[Json] = content["edges"]

    def names(self, *kinds: str) -> list[str]:
        """The names of the nodes in order, with their counts where they ran more than once."""
        return [
            node["name"] + (f" x{node['count']}" if node["count"] > 1 else "")
            for node in self.nodes
            if not kinds or node["kind"] in kinds
        ]

    def node(self, name: str) -> Json:
        return next(node for node in self.nodes if node["name"] == name)

    def arrows(self) -> set[tuple[str, str, tuple[int, ...] | None]]:
        """Every edge as the names of its ends and its shape."""
        return {
            (
                self.nodes[edge["source"]]["name"],
                self.nodes[edge["target"]]["name"],
                None if edge["shape"] is None else tuple(edge["shape"]),
            )
            for edge in self.edges
        }

    def path(self, node: Json) -> list[str]:
        """The modules around a node, outermost first."""
        found: list[str] = []
        module = node["module"]
        while module is not None:
            found.insert(0, self.modules[module]["name"] or self.modules[module]["type"])
            module = self.modules[module]["parent"]
        return found

    def text(self, node: Json) -> str:
        text: str = self.content["places"][node["place"]]["text"]
        return text


class Notebook:
    """Runs cells, traced or not."""

    def __init__(self, shell: InteractiveShell, schema: Draft202012Validator) -> None:
        self.shell, self._schema = shell, schema

    def ask(self, **options: Any) -> Json:
        content: Json = json.loads(json.dumps(inspector.reply("flow", **options).content))
        self._schema.validate(content)
        return content

    def run(self, source: str, cell_id: str = "cell") -> Any:
        return self.shell.run_cell(source, store_history=True, cell_id=cell_id)

    def trace(self, source: str, *, fails: bool = False) -> Graph:
        """The flow of a cell that is run for it."""
        self.ask(trace="cell")
        result = self.run(source)
        assert result.success is not fails
        answer = self.ask()
        assert answer["state"] == "done"
        assert answer["problem"] is None
        return Graph(answer["graph"])


@pytest.fixture(scope="session")
def schema() -> Draft202012Validator:
    source = Path(inspector.__file__).parents[1] / "protocol.json"
    return Draft202012Validator(json.loads(source.read_text(encoding="utf-8")))


@pytest.fixture
def notebook(shell: InteractiveShell, schema: Draft202012Validator) -> Iterator[Notebook]:
    torchenstein.flow._tracer = None
    shell.reset(new_session=False)
    shell.run_cell("import torch\nfrom torch import nn\nimport torch.nn.functional as F")
    yield Notebook(shell, schema)
    torchenstein.flow.tracer().wait_for(None)
