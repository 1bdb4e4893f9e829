"""In another language, an explanation has no English left."""

from __future__ import annotations

import re

import pytest
from torchenstein.explain import Explanation, explain

from tests.extension.pseudo import english_in, spoken

from .conftest import PRELUDE, Shell
from .corpus import Entry, entries, title


def words_of_code(found: Explanation) -> list[str]:
    layer = (found.layer.path, found.layer.type) if found.layer is not None else ()
    nodes = re.findall(r"output \d+ of ([A-Za-z]+?)(?:Backward\d*)?\b", found.message)
    fixes = (fix.code for fix in found.fixes)
    return [found.expression, found.function or "", *layer, *nodes, *fixes]


def sentences(found: Explanation) -> list[str]:
    clash = [found.clash.sentence] if found.clash is not None else []
    return [found.summary, *clash, *(fix.sentence for fix in found.fixes), str(found)]


@pytest.mark.parametrize("entry", entries("snippet"), ids=title)
def test_an_explanation_is_translated_as_a_whole(shell: Shell, entry: Entry) -> None:
    error = shell.run(*entry["cells"])
    assert error is not None
    with spoken():
        found = explain(error)
        if found is None:
            pytest.skip("This computer has what the snippet lacks.")
        code = [PRELUDE, *entry["cells"], *words_of_code(found)]
        for sentence in sentences(found):
            assert english_in(sentence, *code) == [], sentence
