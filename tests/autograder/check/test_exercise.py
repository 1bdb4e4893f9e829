"""The face: examples, hidden checks, points, mistakes, the verdict."""

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchgrade import CheckFailed, Exercise, case, cases, check, exercise
from torchgrade.check.judge import Missing


def softmax_exercise(**options: Any) -> Exercise:
    """Three points, one open example, the mistakes that learners make."""
    test = exercise("softmax", {})
    test.on(torch.tensor([[0.0, 0.0]])).gives(torch.tensor([[0.5, 0.5]]))
    test.matches(lambda x: torch.softmax(x, -1), cases=cases(x="B C"), points=3, **options)
    return test.mistakes(
        {
            "the softmax runs over the batch": lambda x: torch.softmax(x, 0),
            "the maximum is not taken away": lambda x: x.exp() / x.exp().sum(-1, keepdim=True),
            "the result is rounded": lambda x: torch.softmax(x, -1).round(decimals=3),
        }
    )


def own(x: torch.Tensor) -> torch.Tensor:
    raised = (x - x.amax(-1, keepdim=True)).exp()
    return raised / raised.sum(-1, keepdim=True)


def stub(x: torch.Tensor) -> torch.Tensor:
    # YOUR CODE HERE
    raise NotImplementedError()


def test_a_right_answer_earns_everything() -> None:
    report = softmax_exercise(gradients=True, bans=["softmax"]).run(own)
    assert (report.status, report.points, report.max_points) == ("passed", 3.0, 3.0)
    assert report.text() == "✓ softmax: passed, 3 of 3 points"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda x: x.exp() / x.exp().sum(-1, keepdim=True), "the maximum is not taken away"),
        (lambda x: (own(x) * 1000).round() / 1000, "the result is rounded"),
        (lambda x: own(x.T).T, "the softmax runs over the batch"),
    ],
)
def test_a_known_mistake_is_recognised_however_it_is_written(wrong: Any, sentence: str) -> None:
    report = softmax_exercise().run(wrong)
    assert (report.status, report.points) == ("failed", 0.0)
    assert report.mistake == sentence
    assert f"This is what you get when {sentence}." in report.text()


def test_an_unknown_mistake_is_not_guessed() -> None:
    assert softmax_exercise().run(lambda x: own(x) + 0.25 * (x[:1] > 9)).mistake is None


def test_a_mistake_that_holds_on_a_call_does_not_explain_why_it_failed() -> None:
    test = exercise("double", {})
    test.matches(lambda x: 2 * x, cases=cases(x="B C"), points=1, max_operations=2)
    test.mistakes({"the result becomes float32": lambda x: 2 * x.float()})

    def loop(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([2 * row for row in x])

    assert test.run(loop).first_failure is not None
    assert test.run(loop).mistake is None
    assert test.run(lambda x: 2 * x.float()).mistake == "the result becomes float32"


def test_another_error_of_the_same_type_is_not_the_named_mistake() -> None:
    test = exercise("f", {}).matches(lambda x: x.sum(), cases=cases(x="B C", edge=()))
    test.mistakes({"the shapes do not fit": lambda x: x @ x})
    assert test.run(lambda x: x.matmul(x)).mistake == "the shapes do not fit"
    assert test.run(lambda x: x.reshape(1000)).mistake is None


def test_an_exception_raised_by_hand_is_known_by_its_type(tmp_path: Path) -> None:
    short = tmp_path / "short.py"
    short.write_text("def f(x):\n    if x: raise ValueError('no')\n    return x\n")

    def too_strict(x: int) -> int:
        raise ValueError("never")

    def own_words(x: int) -> int:
        raise ValueError(f"I do not like {x}")

    test = exercise("f", {}).on(1).gives(1).mistakes({"every input is refused": too_strict})
    assert test.run(own_words).mistake == "every input is refused"
    assert test.run(runpy.run_path(str(short))["f"]).mistake == "every input is refused"


def test_a_function_that_is_not_allowed_is_named_before_the_gradient_that_it_costs() -> None:
    report = softmax_exercise(gradients=True, bans=["detach"]).run(lambda x: own(x.detach()))
    assert report.first_failure is not None
    assert "without detach" in report.first_failure.message[0]


def test_the_stub_is_unfinished() -> None:
    report = softmax_exercise().run(stub)
    assert (report.status, report.points) == ("unfinished", 0.0)
    first, *rest = report.text().splitlines()
    assert first == "… softmax: not done yet"
    assert rest == ["  `raise NotImplementedError()` still runs; your code replaces it"]


def test_a_name_that_does_not_exist_is_unfinished() -> None:
    report = softmax_exercise().run(Missing())
    assert report.status == "unfinished"
    assert "there is no softmax yet" in report.summary


def test_a_message_with_the_exception_makes_it_an_error_and_no_stub() -> None:
    report = softmax_exercise().run(torch.nn.Module())
    assert report.status == "failed"
    assert "missing the required" in report.text()


def test_a_failed_example_closes_the_gate() -> None:
    test = exercise("f", {})
    test.on(1).gives(1, points=2)
    test.on(2).gives(4)
    report = test.run(lambda x: 1)
    assert (report.status, report.points) == ("failed", 0.0)
    assert [outcome.title for outcome in report.checks] == ["f(2)"]


def test_examples_alone_have_no_points() -> None:
    test = exercise("f", {}).on(1).gives(1).on(2).gives(2)
    report = test.run(lambda x: x)
    assert (report.points, report.max_points) == (None, None)
    assert report.summary == "f: 2 open examples hold"
    assert exercise("f", {}).on(1).gives(1).run(lambda x: x).summary == "f: 1 open example holds"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 5)), min_size=1, max_size=8),
    st.lists(st.booleans(), max_size=3),
)
def test_the_score_is_the_sum_of_what_passes_behind_the_gates(
    hidden: list[tuple[bool, int]], gates: list[bool]
) -> None:
    test = exercise("f", {})
    for index, (passes, points) in enumerate(hidden):
        test.on(index).gives(index if passes else -1, points=points)
    for index, passes in enumerate(gates):
        test.on(index).gives(index if passes else -1)
    report = test.run(lambda x: x)
    earned = sum(points for passes, points in hidden if passes) if all(gates) else 0
    total = sum(points for _, points in hidden)
    assert (report.points, report.max_points) == (earned, total)
    whole = earned == total and all(gates)
    assert report.status == ("passed" if whole else "partial" if earned else "failed")


def test_a_wrong_value_of_an_example_is_explained() -> None:
    test = exercise("steps", {})
    test.on(0, 1).gives(torch.tensor([0.0, 1.0]),
                        mistakes={"the end is left out": torch.tensor([0.0])})  # fmt: skip
    assert test.run(lambda a, b: torch.tensor([0.0])).mistake == "the end is left out"
    assert test.run(lambda a, b: torch.tensor([5.0])).mistake is None


def failing(subject: Any, **options: Any) -> str:
    """The explanation of the first failure of `f(x) = x + 1`."""
    test = exercise("f", {}).matches(lambda x: x + 1, cases=cases(x="B C", edge=()), **options)
    first = test.run(subject).first_failure
    return "" if first is None else "\n".join(first.message)


def test_a_changed_input_fails_even_with_the_right_value() -> None:
    def spoil(x: torch.Tensor) -> torch.Tensor:
        return x.add_(1).clone()

    assert "it changed its input" in failing(spoil)
    assert failing(spoil, mutates=True) == ""


def test_shared_memory_is_asked_for_or_refused() -> None:
    view = exercise("f", {}).matches(
        lambda x: x[0], cases=[case("a table", torch.ones(2, 2))], shares=True
    )
    assert view.run(lambda x: x[0]).passed
    assert "must be a view of its input; it is a copy" in view.run(lambda x: x[0].clone()).text()
    own_copy = exercise("f", {}).matches(lambda x: x[0], cases=[case("a table", torch.ones(2, 2))])
    assert "shares memory with its input" in own_copy.run(lambda x: x[0]).text()


def test_a_missing_gradient_and_a_wrong_one_are_told_apart() -> None:
    assert "no gradient reaches its input (is the result detached?)" in failing(
        lambda x: (x + 1).detach(), gradients=True
    )
    assert "the gradient of its input does not" in failing(
        lambda x: x.detach() + 1 + (x - x.detach()) * 2, gradients=True
    )
    assert failing(lambda x: 1 + x, gradients=True) == ""


def test_a_banned_function_is_named() -> None:
    assert failing(lambda x: torch.add(x, 1), bans=[torch.add]) == (
        "on sizes B=3, C=5: this exercise is to be solved without add"
    )


def test_too_many_operations_ask_for_the_loop() -> None:
    def loop(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([torch.stack([value + 1 for value in row]) for row in x])

    assert "is there a Python loop over elements?" in failing(loop, max_operations=4)
    assert failing(lambda x: x + 1, max_operations=4) == ""


def test_an_expected_exception() -> None:
    def strict(x: int) -> int:
        if x < 0:
            raise ValueError("x must not be negative")
        return x

    test = exercise("strict", {}).on(-1).raises(ValueError, match="negative")
    assert test.run(strict).passed
    assert "expected ValueError, got 1" in test.run(abs).text()
    assert "expected ValueError" in test.run(lambda x: [][x]).text()

    def vague(x: int) -> int:
        raise ValueError("no")

    assert "should mention 'negative'" in test.run(vague).text()


def test_a_reference_that_raises_asks_for_the_same_exception() -> None:
    test = exercise("f", {}).matches(
        lambda x: torch.ones(2) @ x, cases=[case("a bad shape", torch.ones(3))]
    )
    assert test.run(lambda x: torch.ones(2).matmul(x)).passed
    assert "expected RuntimeError, got a tensor" in test.run(lambda x: x).text()


def test_a_property_says_what_should_hold() -> None:
    test = exercise("f", {}).on(3).satisfies(lambda value: value > 3, "the result grows")
    assert test.run(lambda x: x + 1).passed
    assert "the result grows" in test.run(lambda x: x).text()


def test_a_property_of_another_kind_of_result_fails_without_a_traceback() -> None:
    test = exercise("f", {}).on(3).satisfies(lambda value: value.sum() > 3, "the sum grows")
    report = test.run(lambda x: None)
    assert report.status == "failed"
    assert "got None" in report.text()


def test_a_value_is_looked_at_itself() -> None:
    test = exercise("answer", {"answer": 42}).value().gives(42)
    assert test.run(42).passed
    assert not test.run(41).passed


def test_open_examples_come_first_and_in_order() -> None:
    test = exercise("f", {}).on(1).gives(1, points=1).on(2).gives(2).on(3).gives(3)
    assert [one.title for one in test.run(lambda x: x).checks] == ["f(2)", "f(3)", "f(1)"]


def test_long_inputs_are_named_by_shape() -> None:
    test = exercise("f", {}).on(torch.zeros(4, 4), dim=1).gives(0)
    assert test.checks[0].title == "f(a tensor of shape (4, 4), dim=1)"


def test_grading_outside_of_a_notebook_raises_what_the_report_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(CheckFailed, match=r"expected 2, got 1") as caught:
        exercise("f", {"f": lambda: 1}).on().gives(2).grade()
    assert isinstance(caught.value, AssertionError)
    assert exercise("f", {"f": lambda: 2}).on().gives(2).grade() is None
    assert "1 open example holds" in capsys.readouterr().out


def test_grading_with_points_returns_the_score() -> None:
    score = exercise("f", {"f": lambda: 2}).on().gives(2, points=1.5).grade()
    assert score == 1.5
    assert repr(score) == "1.5"


def test_an_exercise_finds_the_name_where_it_was_begun() -> None:
    namespace: dict[str, Any] = {"exercise": exercise}
    exec("def f():\n    return 2\ntest = exercise('f').on().gives(2)", namespace)
    assert namespace["test"].grade() is None


def test_something_at_hand_is_checked_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    check(own).on(torch.zeros(1, 2)).gives(torch.full((1, 2), 0.5))
    assert "own: 1 open example holds" in capsys.readouterr().out
    with pytest.raises(CheckFailed):
        check(own).on(torch.zeros(1, 2)).gives(torch.zeros(1, 2))


def test_alternatives_are_kept_for_the_verifier() -> None:
    test = softmax_exercise().alternatives({"own": own})
    assert test.correct == {"own": own}
    assert test.run(test.correct["own"]).passed


def test_what_every_call_must_keep_is_listed() -> None:
    test = exercise("f", {}).matches(len, cases=[], gradients=True, mutates=True)
    assert test.checks[0].keeps == ("dtype", "device", "memory", "gradients")


def test_an_error_in_the_pass_for_the_gradient_is_told_as_it_is() -> None:
    def narrow(x: torch.Tensor) -> torch.Tensor:
        return x @ torch.eye(x.shape[-1]) + 1

    said = failing(narrow, gradients=True)
    assert "called with float64 inputs to find its gradient, it raised RuntimeError" in said
    assert "in your line: return x @ torch.eye(x.shape[-1]) + 1" in said


def deep(start: int, function: Callable[..., Any]) -> Any:
    return deep(start - 1, function) if start else function()


def test_an_endless_recursion_is_told_in_the_same_words_wherever_it_ends() -> None:
    def endless(x: torch.Tensor) -> torch.Tensor:
        rest = x + len(str(x.shape))
        return endless(rest) if isinstance(rest, torch.Tensor) else rest

    said = {deep(start, lambda: failing(endless)) for start in range(12)}
    assert len(said) == 1
    what, where = said.pop().splitlines()
    assert what.endswith("it raised RecursionError: maximum recursion depth exceeded")
    assert where == "in your line: return endless(rest) if isinstance(rest, torch.Tensor) else rest"


def test_what_the_learners_code_writes_to_stderr_does_not_reach_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def careful(x: torch.Tensor) -> torch.Tensor:
        print("careful", file=sys.stderr)
        return x + 1

    assert failing(careful, gradients=True) == ""
    assert capsys.readouterr().err == ""


def test_a_hidden_test_does_not_take_the_learners_helpers_names() -> None:
    names: dict[str, Any] = {}
    answer = "def mean(v): return sum(v) / len(v)\ndef spread(v): return max(v) - mean(v)"
    cell = """
test = exercise("spread")
def mean(v): return "another"
test.on([1, 2, 6]).gives(3.0, points=2)
report = test.grade().report
"""
    names["exercise"] = exercise
    exec(answer, names)
    exec(cell, names)
    assert names["report"].passed
    assert names["mean"](()) == "another"


def test_an_exception_that_is_returned_is_told_so() -> None:
    report = exercise("f", {}).on(-1).raises(ValueError).run(lambda x: ValueError(x))
    assert "it returned a ValueError; an exception is raised, not returned" in report.text()


def test_a_gradient_that_went_through_float32_is_told_so() -> None:
    said = failing(lambda x: x + 1 + 3e-5 * (x - x.detach()), gradients=True)
    assert "float32's: does the dtype change on the way?" in said
    assert "float32" not in failing(lambda x: 1 + x.detach() + 2 * (x - x.detach()), gradients=True)


def test_numpys_arrays_and_numbers_are_told_by_their_librarys_name() -> None:
    assert "it returned a NumPy ndarray; a tensor" in failing(lambda x: (x + 1).numpy())
    assert "it returned a NumPy float32; a tensor" in failing(lambda x: (x + 1).numpy().sum())
