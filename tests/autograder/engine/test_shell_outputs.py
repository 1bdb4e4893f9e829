"""`limited` takes anything and gives well-formed outputs within the limit."""

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torchgrade.engine.outputs import ROOM_FOR_CUT, limited

TEXT = st.text(st.characters(), max_size=20)  # half characters too
LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from(["x" * 900, "\x1b" * 900, "🙂" * 900])
)
JUNK = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
)
LINES = TEXT | st.lists(TEXT, max_size=3) | JUNK
MIME = st.sampled_from(["text/plain", "image/png", "application/json", "application/a+json\n", ""])
NEARLY = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "x"])},
    optional={
        "name": st.sampled_from(["stdout", "stderr", "other", 3]),
        "text": LINES,
        "ename": LINES,
        "evalue": LINES,
        "traceback": LINES,
        "data": st.dictionaries(MIME, LINES, max_size=3) | JUNK,
        "metadata": st.dictionaries(TEXT, JUNK, max_size=2) | JUNK,
        "execution_count": st.integers(-1, 3) | JUNK,
        "more": JUNK,
    },
)


def assert_sound(outputs: list[dict[str, Any]], kib: int) -> None:
    cell = nbformat.v4.new_code_cell(outputs=nbformat.from_dict(outputs))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()
    streams = sum(64 + len(o["text"].encode()) for o in outputs if o["output_type"] == "stream")
    others = [o for o in outputs if o["output_type"] != "stream"]
    rest = sum(len(json.dumps(o, ensure_ascii=False).encode()) for o in others)
    assert streams + rest <= kib * 1024


@settings(deadline=None, max_examples=100)
@given(st.lists(NEARLY | JUNK, max_size=6) | JUNK, st.integers(1, 3))
def test_anything_becomes_outputs_that_nbformat_accepts(claimed: Any, kib: int) -> None:
    outputs = limited(claimed, kib)
    assert_sound(outputs, kib)
    assert limited(outputs, kib) == outputs


def test_deep_nesting_is_dropped() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    stream = {"output_type": "stream", "name": "stdout", "text": "x"}
    data = {"output_type": "display_data", "data": {"application/json": deep}, "metadata": {}}
    assert limited([data, stream], 1) == [stream]
    assert limited(deep, 1) == []


def test_numbers_too_long_to_write_are_dropped() -> None:
    data = {"output_type": "display_data", "data": {"application/json": 10**5000}, "metadata": {}}
    assert limited([data], 1) == []


def test_good_outputs_stay_as_they_are() -> None:
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": "a\n"},
        {"output_type": "display_data", "data": {"text/html": "<b>"}, "metadata": {"a": [1]}},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "1", "application/x+json": {"a": None}},
            "metadata": {},
            "execution_count": 3,
        },
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["t"]},
    ]
    assert limited(outputs, 1) == outputs


def test_of_a_large_plot_the_smaller_form_stays() -> None:
    small: dict[str, Any] = {"application/vnd.plotly.v1+json": {"data": []}}
    plot = {**small, "text/html": "<script>" * 1000}
    display = {"output_type": "display_data", "data": plot, "metadata": {}}
    assert limited([display], 2)[0]["data"] == small


@pytest.mark.parametrize("count", [3, 100])
def test_the_error_survives_a_flood(count: int) -> None:
    flood = {"output_type": "stream", "name": "stderr", "text": "x" * 5000}
    error = {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["t"] * 3}
    outputs = limited([*[flood] * count, error, *[flood] * count], 4)
    assert error in outputs
    assert any("cut here" in output.get("text", "") for output in outputs)
    assert_sound(outputs, 4)


def test_the_note_is_on_standard_output_and_within_its_room() -> None:
    # nbgrader takes a word on standard error for a failed test.
    outputs = limited([{"output_type": "stream", "name": "stderr", "text": "x" * 2000}], 1)
    assert [output["name"] for output in outputs] == ["stderr", "stdout"]
    assert len(outputs[1]["text"]) + 64 <= ROOM_FOR_CUT
