"""What a student version knows of mistakes: their names, for those who make them."""

import json
from typing import Any

import pytest
import torch
from torchgrade import case, exercise
from torchgrade.check.exercise import Exercise
from torchgrade.check.known import Known, carried
from torchgrade.check.observe import Observation
from torchgrade.verify.outcomes import known_of

X = torch.tensor([[1.0, 2.0], [5.0, 8.0]])
COUNTED: list[int] = []


def counted(x: torch.Tensor) -> torch.Tensor:
    COUNTED.append(0)
    return x + len(COUNTED)


MISTAKES: dict[str, Any] = {
    "one mean is taken over the whole tensor": lambda x: x - x.mean(),
    "the mean runs over the batch": lambda x: x - x.mean(0),
    "the mean runs over the batch, by sum": lambda x: x - x.sum(0) / 2,
    "the input is changed": lambda x: x.sub_(x.mean(-1, keepdim=True)),
    "rows of three are refused": lambda x: 1 / 0 if len(x) == 3 else x - x.mean(-1, keepdim=True),
    "the mean is kept as a number": lambda x: x.mean(-1),
    "the answer is another one each time": counted,
}


def shown() -> Exercise:
    """The open examples of an exercise that centres rows."""
    test = exercise("centred", {})
    test.on(X).gives(torch.tensor([[-0.5, 0.5], [-1.5, 1.5]]))
    test.on(torch.ones(2)).gives(torch.zeros(2), mistakes={"nothing is subtracted": torch.ones(2)})
    return test


@pytest.fixture
def known() -> Known:
    return known_of(shown().checks, MISTAKES, "salt")


def named(known: Known, subject: Any) -> str | None:
    return shown().run(subject, known).mistake


def test_a_mistake_is_named_however_it_is_written(known: Known) -> None:
    assert named(known, lambda x: x - x.sum() / 4) == "one mean is taken over the whole tensor"
    assert named(known, lambda x: x - x.mean(0)) == "the mean runs over the batch"
    assert named(known, lambda x: (x * 3 - x.mean(0) * 3) / 3) == "the mean runs over the batch"
    assert (
        named(known, lambda x: torch.stack([row.mean() for row in x]))
        == "the mean is kept as a number"
    )
    assert named(known, lambda x: x + 17) is None
    assert named(known, lambda x: x.nope) is None


def test_what_is_right_or_named_already_says_nothing_new(known: Known) -> None:
    assert len(known.outcomes) == 4  # three wrong results of the first example, one of the second
    report = shown().run(lambda x: x - x.mean(-1, keepdim=True), known)
    assert report.passed
    assert report.mistake is None
    identity = shown().run(lambda x: x if x.dim() == 1 else x - x.mean(-1, keepdim=True), known)
    assert identity.mistake == "nothing is subtracted"


@pytest.mark.parametrize("wrong", MISTAKES.values(), ids=MISTAKES)
def test_nothing_but_the_name_depends_on_it(known: Known, wrong: Any) -> None:
    with_names, without = shown().run(wrong, known).json(), shown().run(wrong).json()
    for report in (with_names, without):
        report["mistake"] = None
        for check in report["checks"]:
            check["mistake"] = None
    if wrong is not MISTAKES["the answer is another one each time"]:
        assert with_names == without


def test_it_names_a_mistake_as_the_hidden_tests_do(known: Known) -> None:
    for sentence, wrong in MISTAKES.items():
        full = shown()
        full.mistakes(MISTAKES)
        if "each time" not in sentence:
            assert named(known, wrong) == full.run(wrong).mistake


def test_what_rounding_makes_of_the_right_answer_is_no_mistake() -> None:
    test = exercise("third", {})
    test.on(torch.tensor([1.0])).gives(torch.tensor([1 / 3]))
    mistakes = {"three digits are too few": lambda x: x * (1 / 3 + 5e-6)}
    assert len(known_of(test.checks, mistakes, "salt").outcomes) == 1
    assert not known_of(test.checks, mistakes, "salt", lambda x: x / 3).outcomes


def test_several_failing_calls_must_have_one_name() -> None:
    test = exercise("f", {})
    calls = [case("one", torch.ones(1)), case("two", torch.ones(2)), case("three", torch.ones(3))]
    test.matches(torch.sum, cases=calls, points=0)
    mistakes = {
        "it is one too large": lambda x: x.sum() + 1,
        "it is too large where there are two": lambda x: x.sum() + (len(x) == 2),
        "it is one too large except for two": lambda x: x.sum() + (len(x) != 2),
    }
    known = known_of(test.checks, mistakes, "salt")
    for sentence, wrong in mistakes.items():
        expected = test.run(wrong).mistake
        test.mistakes(mistakes)
        assert test.run(wrong).mistake == test.run(wrong, known).mistake
        test.named_mistakes.clear()
        assert expected is None
        assert test.run(wrong, known).mistake in (sentence, "it is one too large")
    assert test.run(lambda x: x.sum() + 5, known).mistake is None


def test_metadata_holds_neither_sentences_nor_values_nor_code(known: Known) -> None:
    text = json.dumps(known.metadata())
    for sentence in MISTAKES:
        assert sentence not in text
    assert "mean" not in text.replace("salt", "")
    assert known_of(shown().checks, MISTAKES, "salt").metadata() == known.metadata()
    other = known_of(shown().checks, MISTAKES, "pepper")
    assert not set(other.outcomes) & set(known.outcomes)


def test_it_is_read_from_metadata_and_damage_costs_only_the_name(known: Known) -> None:
    found = Known.read(json.loads(json.dumps(known.metadata())))
    assert found is not None
    assert named(found, lambda x: x - x.mean(0)) == "the mean runs over the batch"
    newer = {"torchgrade": {"known": {"version": 2, "outcomes": {}}}}
    damaged: list[Any] = [None, [], "text", {}, {"torchgrade": 3}, newer]
    for damage in damaged:
        assert Known.read(damage) is None
    strange: list[Any] = ["", "?", "AAAA", None, 7, ["x"]]
    for sealed in strange:
        broken = Known("salt", dict.fromkeys(known.outcomes, sealed))
        assert named(broken, lambda x: x - x.mean(0)) is None
    assert Known("salt").named(0, {0: Observation(result=1)}) is None


def test_outside_of_a_kernel_nothing_is_carried() -> None:
    assert carried() is None
