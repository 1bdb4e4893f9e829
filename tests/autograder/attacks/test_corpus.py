"""The corpus itself: large enough, readable, and recorded under stock nbgrader."""

import json
from collections import Counter
from typing import cast

import pytest

from tests.autograder.attacks.corpus import CHANNELS, POINTS, load, names, parse
from tests.autograder.attacks.stock import RECORD
from tests.autograder.attacks.submission import SOURCE, submission
from tests.autograder.nbgrader.notebooks import find, read

HEADER = "# ---\n# title: t\n# tries: t\n# channel: code\n# ---\n"


@pytest.fixture(scope="module")
def record() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


def test_every_channel_has_attacks() -> None:
    channels = Counter(load(name).channel for name in names())
    assert channels.keys() == CHANNELS.keys()
    assert sum(channels.values()) >= 45


@pytest.mark.parametrize("name", names())
def test_an_attack_can_be_handed_in(name: str) -> None:
    attack = load(name)
    notebook = submission(attack, read(SOURCE / "target.ipynb"))
    assert attack.channel == "metadata" or len(notebook.cells) >= len(POINTS)
    own = {cell.place for cell in attack.cells} & POINTS.keys()
    assert not own & set(attack.expect), "it answers what the reference answers"


def test_stock_nbgrader_was_asked_about_every_attack(record: dict[str, dict[str, object]]) -> None:
    assert record.keys() == set(names())
    assert {name for name, found in record.items() if "not run" in found} == {
        name for name in names() if load(name).stock
    }


def test_most_attacks_gain_something_in_stock_nbgrader(
    record: dict[str, dict[str, object]],
) -> None:
    harmless = {"points stolen": 0, "honest points lost": 0, "graded": True, "read": [], "loot": 0,
                "written": [], "live markup": 0, "reached": [], "left running": 0}  # fmt: skip
    gained = [
        name
        for name, found in record.items()
        if any(found[key] != value for key, value in harmless.items())
        or cast("int", found.get("peak MiB", 0)) > 1024  # of nbgrader, or of the kernel
    ]
    assert len(gained) > len(record) / 2


def test_the_cells_of_a_file_go_where_it_says() -> None:
    text = HEADER + "\n# %% double\ndef double(x): return x\n\n# %% after test_double\n1\n"
    notebook = submission(parse("new", text), read(SOURCE / "target.ipynb"))
    assert find(notebook, "double").source == "def double(x): return x"
    at = [cell.id for cell in notebook.cells].index("test_double")
    assert notebook.cells[at + 1].source == "1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\n", "no header"),
        (HEADER.replace("code", "magic"), "no channel 'magic'"),
        (HEADER.replace("title: t", "title: t\n# expect: [relu]"), "no such exercise"),
    ],
)
def test_a_file_that_is_no_attack_is_refused_by_name(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"new.ipy.*{says}"):
        parse("new", text)
