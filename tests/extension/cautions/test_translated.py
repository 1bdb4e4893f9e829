"""In another language, a warning has no English left."""

from __future__ import annotations

import pytest

from tests.extension.pseudo import CODE, english_in, spoken

from .conftest import PRELUDE, Notebook
from .corpus import Entry, entries, title


@pytest.mark.parametrize("entry", entries("warn"), ids=title)
def test_a_warning_is_translated_as_a_whole(notebook: Notebook, entry: Entry) -> None:
    cells = [cell.strip("\n") for cell in entry["cells"]]
    with spoken():
        told = [one for cell in notebook.cautions(*cells, language=CODE) for one in cell]
    assert told
    for caution in told:
        code = [PRELUDE, *cells, *(remedy["code"] or "" for remedy in caution["remedies"])]
        sentences = [caution[field] for field in ("title", "about", "sentence", "text")]
        for sentence in (*sentences, *(remedy["sentence"] for remedy in caution["remedies"])):
            assert english_in(sentence, *code) == [], sentence


def test_another_language_is_spoken_of_the_same_cell(notebook: Notebook) -> None:
    notebook.run("x = torch.arange(3)\nx[0] = 0.5", "cell")
    english = notebook.ask()["cells"][-1]["cautions"][0]["sentence"]
    with spoken():
        other = notebook.ask(language=CODE)["cells"][-1]["cautions"][0]["sentence"]
    assert english_in(english)
    assert not english_in(other)
    assert notebook.ask()["cells"][-1]["cautions"][0]["sentence"] == english
