"""Every snippet of the corpus, run for real: what must be said, and fixes that must work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torchenstein.explain import Explanation, Fix, explain

from .conftest import Explain, Shell
from .corpus import Entry, entries, title

SNIPPETS = entries("snippet")
QUIET = entries("quiet")


def _skip(entry: Entry) -> None:
    if entry.get("needs") == "no cuda" and torch.cuda.is_available():
        pytest.skip("There is a CUDA device.")


@pytest.mark.parametrize("entry", SNIPPETS, ids=title)
def test_explains_the_failure(explained: Explain, entry: Entry) -> None:
    _skip(entry)
    found: Explanation | None = explained(*entry["cells"])
    assert found is not None
    report = os.environ.get("EXPLANATIONS")
    if report:
        with Path(report).open("a", encoding="utf-8") as file:
            file.write(
                f"{'#' * 80}\n{title(entry)}\n{entry['cells'][-1]}\n{found.message}\n\n{found}\n"
            )
    assert found.family == entry["family"]
    assert found.expression == entry["expression"].replace("\n", " ")
    if "function" in entry:
        assert found.function == entry["function"]
    assert (found.layer.path if found.layer else None) == entry.get("layer") or not entry.get(
        "layer"
    )
    unknown = entry.get("unknown", [])
    shapes = [list(o.shape) if o.shape is not None else [] for o in found.operands]
    assert shapes == entry["shapes"]
    assert [i for i, o in enumerate(found.operands) if o.shape is None] == unknown
    for fact in ("dtype", "device"):
        if f"{fact}s" in entry:
            assert [getattr(o, fact) for o in found.operands] == entry[f"{fact}s"]
    if "names" in entry:
        assert [list(o.names or ()) for o in found.operands] == entry["names"]
    assert (found.clash.rule if found.clash else None) == entry.get("rule", _any(found))
    if "clash" in entry and found.clash:
        assert [[d.operand, d.axis] for d in found.clash.dimensions] == entry["clash"]
    if "fix" in entry:
        assert entry["fix"] in [fix.code for fix in found.fixes]


def _any(found: Explanation) -> str | None:
    return found.clash.rule if found.clash else None


@pytest.mark.parametrize("entry", SNIPPETS, ids=title)
def test_every_fix_works(shell: Shell, entry: Entry) -> None:
    _skip(entry)
    error = shell.run(*entry["cells"])
    assert error is not None
    found = explain(error)
    assert found is not None
    for fix in found.fixes:
        cells = _fixed(shell, entry["cells"], fix)
        repeated = shell.run(*cells)
        assert repeated is None, f"{fix.code}: {repeated}"


def _fixed(shell: Shell, cells: list[str], fix: Fix) -> list[str]:
    """The cells with the fix in place."""
    assert fix.place.cell is not None
    # Counted from the last cell that ran, the numbers are those of `cells`.
    position = fix.place.cell - shell.ipython.execution_count
    lines = cells[position].split("\n")
    first, last = fix.place.line - 1, fix.place.end_line - 1
    before = lines[first][: fix.place.column]
    after = lines[last][fix.place.end_column :]
    lines[first : last + 1] = f"{before}{fix.code}{after}".split("\n")
    changed = list(cells)
    changed[position] = "\n".join(lines)
    return changed


@pytest.mark.parametrize("entry", QUIET, ids=title)
def test_says_nothing_where_there_is_nothing_to_say(shell: Shell, entry: Entry) -> None:
    error: Any = shell.run(entry["code"])
    if "error" in entry:
        assert type(error).__name__ == entry["error"]
        assert explain(error) is None
    else:
        assert error is None


def test_the_corpus_is_as_large_as_it_must_be() -> None:
    assert len(SNIPPETS) >= 60
    assert len(QUIET) >= 20
    assert len({title(entry) for entry in SNIPPETS + QUIET}) == len(SNIPPETS + QUIET)
