"""What the learner's process claims: its form is checked, and what can be proven is proven."""

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchgrade import case, exercise, probe
from torchgrade.check.observe import Call, Observation, Watch, observe
from torchgrade.engine.answer import probe_from, told
from torchgrade.engine.channel import Malformed, Message
from torchgrade.engine.remote import Subject, probe_as_data


class Trusting:
    tampering = forgery = ""

    def banned(self, subject: str, bans: tuple[str, ...]) -> tuple[str, ...]:
        return ()


class Doubtful(Trusting):
    tampering = "cell 3, line 1 assigns torch.add"


class Says:
    """A learner's process that answers every request with one reply."""

    def __init__(self, reply: Message) -> None:
        self._reply = reply

    def ask(self, request: Message) -> Message:
        return self._reply


def seen(reply: Message, call: Call, watch: Watch | None = None, doubts: Any = None) -> Observation:
    subject = Subject(Says(reply), "f", doubts or Trusting())
    return observe(subject, call, watch or Watch())


def honest(function: Any, *args: Any, **changes: Any) -> Message:
    return {"value": told(observe(function, Call("", args), Watch())) | changes}


X = torch.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize(
    "view",
    [lambda x: x.T, lambda x: x[1:, ::2], lambda x: [x[0], 5], lambda x: x.view(-1)],
)
def test_a_view_is_proven_by_its_strides(view: Any) -> None:
    assert seen(honest(view, X), Call("", (X,))).shares == ("its input",)


def test_a_copy_that_claims_to_be_a_view_is_found_out() -> None:
    lie = honest(lambda x: x.T.clone(), X, shares=["its input"])
    assert seen(lie, Call("", (X,))).shares == ()


@pytest.mark.parametrize("change", [{"offset": 1}, {"stride": (4, 1)}, {"stride": (1,)},
                                    {"offset": 2**50}, {"leaf": "[0]"}])  # fmt: skip
def test_a_view_with_wrong_strides_is_no_view(change: dict[str, Any]) -> None:
    reply = honest(lambda x: x.T, X)
    reply["value"]["views"][0] |= change
    assert seen(reply, Call("", (X,))).shares == ()


def test_what_cannot_be_believed_is_marked_only_where_it_is_watched() -> None:
    call, reply = Call("", (X,)), honest(lambda x: x + 1, X)
    assert seen(reply, call, Watch(bans=("add",)), Doubtful()).distrust
    assert not seen(reply, call, Watch(), Doubtful()).distrust


def test_a_doubtful_notebook_gets_no_points_for_what_is_watched() -> None:
    names: dict[str, Any] = {}
    test = exercise("f", names)
    test.matches(lambda x: x + 1, cases=[case("a", X)], bans=["sum"], points=1)
    test.matches(lambda x: x + 1, cases=[case("b", X)], points=2)
    report = test.run(Subject(Says(honest(lambda x: x + 1, X)), "f", Doubtful()))
    assert report.points == 2
    assert "assigns torch.add" in report.text()


FIELDS = st.sampled_from(
    ["result", "facts", "error", "mutated", "shares", "gradients", "banned", "operations", "views"]
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@given(FIELDS, JUNK)
def test_junk_is_an_observation_or_malformed(field: str, junk: Any) -> None:
    watch = Watch(gradients=True, operations=True)
    try:
        got = seen(honest(lambda x: x, X, **{field: junk, "operations": 1}), Call("", (X,)), watch)
    except Malformed:
        return
    assert isinstance(got, Observation)


def test_a_count_that_is_withheld_is_malformed() -> None:
    with pytest.raises(Malformed, match="operations"):
        seen(honest(lambda x: x, X), Call("", (X,)), Watch(operations=True))


def test_probes_travel_as_code_and_work_there() -> None:
    @probe
    def shifted(subject: Any, x: Any, by: int = 2, *, times: int = 1) -> Any:
        import math

        return subject(x) + by * times + math.floor(0.5) + torch.zeros(1)

    again = probe_from(probe_as_data(shifted))
    assert float(again(lambda x: x, 1)) == 3.0
    assert float(again(lambda x: x, 1, 5, times=2)) == 11.0


def test_torchgrades_own_probes_travel_by_name() -> None:
    from torchgrade import on_machine

    assert probe_from(probe_as_data(on_machine)) is on_machine
