"""Every snippet of the corpus, run for real: what must be said, and fixes that must work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torchenstein import inspector, lines
from torchenstein.explain import Explanation, Fix, explain

from .conftest import Answer, Shell
from .corpus import Entry, entries, title

SNIPPETS = entries("snippet")
QUIET = entries("quiet")


@pytest.mark.parametrize("entry", SNIPPETS, ids=title)
def test_explains_the_failure_and_offers_what_works(
    shell: Shell, valid: Answer, entry: Entry
) -> None:
    if entry.get("needs") == "no cuda" and torch.cuda.is_available():
        pytest.skip("There is a CUDA device.")
    if "chips" in entry:
        lines.install(shell.ipython)
    try:
        error = shell.run(*entry["cells"])
        assert error is not None
        found = explain(error)
        answer = valid(inspector.reply("explain"))
    finally:
        lines.uninstall()
    assert found is not None
    _write(entry, found)
    _check(entry, found)
    _check_answer(found, answer)
    last = shell.last_cell
    for fix in found.fixes:
        repeated = shell.run(*_fixed(entry["cells"], fix, last))
        # The line may hold another failure behind the one that is mended.
        again = explain(repeated) if repeated is not None else None
        assert repeated is None or (
            again is not None and again.expression != found.expression != fix.code
        ), f"{fix.code}: {repeated}"


def _check(entry: Entry, found: Explanation) -> None:
    """Hold the explanation against every field the entry has."""
    assert found.family == entry["family"]
    # Pythons differ in what they say of a condition: the whole of it, or the part.
    assert found.expression in entry.get("expressions", [entry.get("expression")])
    assert found.function == entry.get("function", found.function)
    if "layer" in entry:
        assert found.layer is not None
        assert found.layer.path == entry["layer"]
    shapes = [list(operand.shape or ()) for operand in found.operands]
    assert shapes == entry["shapes"]
    unknown = [i for i, operand in enumerate(found.operands) if operand.shape is None]
    assert unknown == entry.get("unknown", [])
    if "written" in entry:
        # What torch's message alone tells: part of a shape, counted from the end.
        assert [operand.written for operand in found.operands] == entry["written"]
    if "says" in entry:
        assert entry["says"] in str(found)
    for fact in ("dtype", "device"):
        if f"{fact}s" in entry:
            assert [getattr(o, fact) for o in found.operands] == entry[f"{fact}s"]
    if "names" in entry:
        assert [list(operand.names or ()) for operand in found.operands] == entry["names"]
    if "rule" in entry:
        assert found.clash is not None
        assert found.clash.rule == entry["rule"]
        pairs = [[d.operand, d.axis] for d in found.clash.dimensions]
        assert pairs == entry.get("clash", pairs)
    if "fix" in entry:
        assert entry["fix"] in [fix.code for fix in found.fixes]


def _check_answer(found: Explanation, content: dict[str, Any]) -> None:
    """Hold what the page receives against the explanation."""
    assert content["kind"] == "explanation"
    assert content["text"] == str(found)
    assert content["drawing"] in content["text"]
    for dimension in content["clash"]["dimensions"] if content["clash"] else []:
        shape = content["operands"][dimension["operand"]]["shape"]
        assert 0 <= dimension["axis"] < len(shape)


def _fixed(cells: list[str], fix: Fix, last: int) -> list[str]:
    """The cells, of which the last had number `last`, with the fix in place."""
    assert fix.place.cell is not None
    position = fix.place.cell - last - 1
    lines = cells[position].split("\n")
    first, end = fix.place.line - 1, fix.place.end_line - 1
    before, after = lines[first][: fix.place.column], lines[end][fix.place.end_column :]
    lines[first : end + 1] = f"{before}{fix.code}{after}".split("\n")
    changed = list(cells)
    changed[position] = "\n".join(lines)
    return changed


def _write(entry: Entry, found: Explanation) -> None:
    """Append the explanation to the file $EXPLANATIONS, for a human reader."""
    report = os.environ.get("EXPLANATIONS")
    if report:
        parts = ("#" * 80, title(entry), entry["cells"][-1], found.message, "", str(found), "")
        with Path(report).open("a", encoding="utf-8") as file:
            file.write("\n".join(parts))


@pytest.mark.parametrize("entry", QUIET, ids=title)
def test_says_nothing_where_there_is_nothing_to_say(shell: Shell, entry: Entry) -> None:
    error = shell.run(entry["code"])
    if "error" not in entry:
        assert error is None
        return
    assert error is not None
    assert type(error).__name__ == entry["error"]
    assert explain(error) is None


def test_the_corpus_is_as_large_as_it_must_be() -> None:
    assert len(SNIPPETS) >= 60
    assert len(QUIET) >= 20
    assert len({title(entry) for entry in SNIPPETS + QUIET}) == len(SNIPPETS + QUIET)
