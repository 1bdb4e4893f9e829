"""Every snippet of the corpus, run for real: what must be told, and when nothing must be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from torchenstein.cautions import KINDS

from .conftest import Notebook
from .corpus import Entry, entries, title

WARN = entries("warn")
QUIET = entries("quiet")


@pytest.mark.parametrize("entry", WARN, ids=title)
def test_warns_of_the_line_and_names_what_is_wrong(notebook: Notebook, entry: Entry) -> None:
    told = notebook.cautions(*[cell.strip("\n") for cell in entry["cells"]])
    position = entry.get("cell", len(told)) - 1
    found = [caution for caution in told[position] if caution["kind"] == entry["kind"]]
    assert len(found) == 1, [caution["text"] for cell in told for caution in cell]
    (caution,) = found
    _write(entry, caution["text"])
    assert caution["spot"]["line"] == entry["line"] - 1
    if not entry.get("part"):
        assert caution["expression"] == entry["expression"]
    assert caution["result"] == entry.get("result", caution["result"])
    if "code" in entry:
        assert entry["code"] in [remedy["code"] for remedy in caution["remedies"]]
    others = [c["kind"] for i, cell in enumerate(told) for c in cell if c is not caution]
    assert others == []


@pytest.mark.parametrize("entry", QUIET, ids=title)
def test_is_silent_where_the_code_is_right(notebook: Notebook, entry: Entry) -> None:
    cells = entry.get("cells") or [entry["code"]]
    told = notebook.cautions(*[cell.strip("\n") for cell in cells])
    allowed = 1 if "told once" in entry["name"] else 0
    assert [c["text"] for c in told[-1]] == []
    assert sum(map(len, told)) == allowed, [c["text"] for cell in told for c in cell]


@pytest.mark.parametrize("entry", WARN, ids=title)
def test_each_kind_can_be_switched_off(notebook: Notebook, entry: Entry) -> None:
    notebook.ask(off=[entry["kind"]])
    told = notebook.cautions(*[cell.strip("\n") for cell in entry["cells"]])
    assert [c for cell in told for c in cell] == []


def test_the_corpus_is_as_large_as_it_must_be() -> None:
    assert len(WARN) >= 20
    assert len(QUIET) >= 20
    assert {entry["kind"] for entry in WARN} == set(KINDS)
    assert len({title(entry) for entry in WARN + QUIET}) == len(WARN + QUIET)


def _write(entry: Entry, text: str) -> None:
    """Append the warning to the file $CAUTIONS, for a human reader."""
    report = os.environ.get("CAUTIONS")
    if report:
        with Path(report).open("a", encoding="utf-8") as file:
            file.write("\n".join(("#" * 80, title(entry), entry["cells"][-1], text, "")))
