"""Random edits keep an answer valid and its meaning; each kind of edit does something."""

from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.autograder.same_grades.edits import EDITS, edited
from tests.autograder.same_grades.submissions import drawn

ANSWER = '''
def spread(numbers, *more, scale=1):
    """The largest less the smallest.

    Of all of them.
    """
    everything = [*numbers, *more]
    factor = scale
    label = "spread"
    try:
        low = min(n for n in everything)
    except ValueError as problem:
        raise TypeError(f"{label} of nothing") from problem
    else:
        high = max(everything)
    return torch.tensor(factor * (high - low))

class Pair:
    def __init__(self, one, other):
        both = (one, other)
        self.both = both

    def sum(self):
        total = sum(self.both)
        return total
'''


def behaviour(source: str) -> list[Any]:
    names: dict[str, Any] = {"torch": torch}
    exec(source, names)
    with pytest.raises(TypeError, match="spread of nothing"):
        names["spread"]([])
    spread, pair = names["spread"], names["Pair"](1, 2)
    return [spread([3, 9]).item(), spread([3], 1, scale=2).item(), pair.sum()]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited(ANSWER))
def test_an_edited_answer_does_what_it_did(source: str) -> None:
    assert behaviour(source) == behaviour(ANSWER)
    assert source != ANSWER


SIGNS = {
    "rename_locals": "my_everything",
    "add_hints": "numbers: object",
    "dead_code": "never = 1 / 0",
    "insert_print": "print('called with', numbers)",
    "split_helper": "def inside_spread(numbers, *more, scale=1)",
    "swap_independent": "factor = scale\n    everything = ",
    "torch_as_t": "import torch as t",
}


def test_every_edit_is_among_those_that_are_drawn() -> None:
    found = drawn(st.tuples(edited(ANSWER), edited(ANSWER)), 30)
    seen = {name for name, sign in SIGNS.items() if any(sign in text for p in found for text in p)}
    assert seen == {edit.__name__ for edit in EDITS}
