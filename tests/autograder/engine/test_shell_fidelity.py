"""Cells give what they give in stock nbclient with a real kernel."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.autograder.engine.corpus import CELLS, INTENDED

Outputs = list[dict[str, Any]]

OURS = """
import json, os, sys
here = os.getcwd()
for fd in (1, 2):
    os.dup2(os.memfd_create(f"fd{fd}"), fd)
sys.path.insert(0, "")
from torchgrade.engine.shell import NotebookShell
shell = NotebookShell()
cells = json.load(open("cells.json"))
result = {name: vars(shell.run(source, name)) for name, source in cells.items()}
for ran in result.values():
    ran["error"] = repr(ran["error"])
json.dump(result, open(os.path.join(here, "outputs.json"), "w"))
"""

CHANGES = (
    (re.compile(r"/tmp/ipykernel_\d+/\d+\.py|\b\d{5,10}\.py"), "CELL"),
    (re.compile(r"0x[0-9a-f]{6,}"), "ADDRESS"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "ID"),
    (re.compile(r"[\d.]+(e\+\d+)? (ns|μs|µs|us|ms|s)\b( ± \S+ \S+)?"), "TIME"),
    (re.compile(r"(?<=TIME, )total: TIME|sys: TIME, total: TIME"), "TIME"),
    (re.compile(r"[^\s\"']*/(ours|stock)\b"), "FOLDER"),
)


def normalised(outputs: Outputs) -> Outputs:
    """Without what differs between two runs, and with neighbouring streams joined in one order."""
    joined: Outputs = []
    streams: dict[str, str] = {}

    def end_streams() -> None:
        for name in sorted(streams, reverse=True):
            text = re.sub(r".*\r(?=[^\n])", "", streams[name])
            joined.append({"output_type": "stream", "name": name, "text": text})
        streams.clear()

    for output in outputs:
        if output["output_type"] == "stream":
            streams[output["name"]] = streams.get(output["name"], "") + output["text"]
        else:
            end_streams()
            joined.append(output)
    end_streams()
    text = json.dumps(joined, ensure_ascii=False, sort_keys=True)
    for pattern, instead in CHANGES:
        text = pattern.sub(instead, text)
    result: Outputs = json.loads(text)
    return result


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outputs]:
    folder = tmp_path_factory.mktemp("t") / "stock"
    folder.mkdir()
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook, allow_errors=True, timeout=60, resources={"metadata": {"path": str(folder)}}
    )
    # Under this name of pytest's, a kernel leaves its file descriptors alone.
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    client.execute(env=env)
    outputs = [json.loads(json.dumps(cell.outputs)) for cell in cells]
    return dict(zip(CELLS, outputs, strict=True))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("t") / "ours"
    folder.mkdir()
    (folder / "cells.json").write_text(json.dumps(CELLS))
    subprocess.run([sys.executable, "-c", OURS], cwd=folder, check=True, timeout=120)
    result: dict[str, dict[str, Any]] = json.loads((folder / "outputs.json").read_text())
    return result


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_gives_what_it_gives_in_jupyter(
    name: str, ours: dict[str, dict[str, Any]], stock: dict[str, Outputs]
) -> None:
    mine, theirs = normalised(ours[name]["outputs"]), normalised(stock[name])
    if name in INTENDED:
        assert [o["ename"] for o in mine] == [o["ename"] for o in theirs]
    else:
        assert mine == theirs


def test_every_intended_difference_is_one(
    ours: dict[str, dict[str, Any]], stock: dict[str, Outputs]
) -> None:
    for name in INTENDED:
        assert normalised(ours[name]["outputs"]) != normalised(stock[name])


def test_outputs_are_nbformat(ours: dict[str, dict[str, Any]]) -> None:
    cells = [
        nbformat.v4.new_code_cell(outputs=nbformat.from_dict(ran["outputs"]))
        for ran in ours.values()
    ]
    nbformat.validate(nbformat.v4.new_notebook(cells=cells))
