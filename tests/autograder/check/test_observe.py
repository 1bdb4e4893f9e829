"""What is seen of one call, without any judgement."""

import gc
import traceback
import weakref
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torchgrade.check import observe as observing
from torchgrade.check.observe import Call, Observation, Watch, observe


def seen(subject: Any, *args: Any, watch: Watch | None = None, **kwargs: Any) -> Observation:
    return observe(subject, Call("the call", args, kwargs), watch or Watch())


def test_the_result_is_plain_and_detached() -> None:
    x = torch.ones(2, requires_grad=True)
    found = seen(lambda x: {"sum": x.sum(), "shape": x.shape}, x)
    assert not found.result["sum"].requires_grad
    assert found.result["shape"] == (2,)
    assert found.facts["['sum']"].requires_grad


def test_gradients_that_an_answer_switches_off_stay_off_for_nobody() -> None:
    def switches_off(x: torch.Tensor) -> torch.Tensor:
        torch.set_grad_enabled(False)
        return 2 * x

    x, watch = torch.ones(2, requires_grad=True), Watch(gradients=True)
    seen(switches_off, x, watch=watch)
    assert torch.is_grad_enabled()
    with torch.no_grad():
        gradients = seen(lambda x: 2 * x, x, watch=watch).gradients
    assert gradients is not None
    assert gradients.popitem()[1] is not None


def test_what_is_not_plain_is_named() -> None:
    error = seen(lambda: [1, {2}]).error
    assert error is not None
    assert (error.name, error.message) == ("NotPlain", "it returned a set at [1]")


def test_the_caller_s_inputs_are_never_touched() -> None:
    x, items = torch.ones(3), [torch.ones(1)]

    def spoil(x: torch.Tensor, items: list[torch.Tensor]) -> None:
        x.zero_()
        items[0].zero_()
        items.append(x)

    found = seen(spoil, x, items)
    assert found.mutated == ("input 1", "input 2")
    assert torch.equal(x, torch.ones(3))
    assert len(items) == 1
    assert torch.equal(items[0], torch.ones(1))


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.add_(1),
        lambda x: x.resize_(1),
        lambda x: x[0].zero_(),
        lambda x: x.t_(),
    ],
)
def test_a_changed_input_is_seen(change: Any) -> None:
    assert seen(change, torch.arange(1.0, 7.0).reshape(2, 3)).mutated == ("its input",)


def test_inputs_by_name_are_named() -> None:
    assert seen(lambda *, x, y: y.zero_(), x=torch.ones(1), y=torch.ones(1)).mutated == ("y",)


@pytest.mark.parametrize("value", [float("nan"), torch.tensor([float("nan")]), None, (1, "a")])
def test_an_input_left_alone_is_not_called_changed(value: Any) -> None:
    assert seen(lambda x: 1, value).mutated == ()


def test_shared_memory_is_seen_through_views() -> None:
    x = torch.ones(2, 3)
    assert seen(lambda x: x, x).shares == ("its input",)
    assert seen(lambda x: [0, x.T[1:]], x).shares == ("its input",)
    assert seen(lambda x, y: y[0], x, x.clone()).shares == ("input 2",)
    assert seen(lambda x: x.clone(), x).shares == ()
    assert seen(lambda x: x[:0].clone(), x).shares == ()


@pytest.mark.parametrize(
    "spelling",
    [
        lambda x: torch.softmax(x, -1),
        lambda x: F.softmax(x, dim=-1),
        lambda x: x.softmax(-1),
        lambda x: torch.nn.Softmax(-1)(x),
        lambda x: torch.special.softmax(x, -1),
        lambda x: torch._softmax(x, -1, False),
        lambda x: torch.ops.aten._softmax(x, -1, False),
    ],
)
def test_a_banned_function_is_seen_in_every_spelling(spelling: Any) -> None:
    assert seen(spelling, torch.ones(2, 3), watch=Watch(bans=("softmax",))).banned == ("softmax",)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        (lambda x: x @ x, "matmul"),
        (lambda x: torch.matmul(x, x), "matmul"),
        (lambda x: x.matmul(x), "matmul"),
        (lambda x: 1 - x, "sub"),
        (lambda x: x - 1, "sub"),
        (lambda x: 2 / x, "div"),
        (lambda x: x / 2, "div"),
        (lambda x: x * 2, "mul"),
        (lambda x: x.mul_(2), "mul"),
        (lambda x: x.__iadd__(2), "add"),
        (lambda x: x**2, "pow"),
    ],
)
def test_operators_are_seen_under_the_name_of_their_function(spelling: Any, name: str) -> None:
    assert seen(spelling, torch.ones(2, 2), watch=Watch(bans=(name,))).banned == (name,)


def test_a_function_that_was_not_called_is_not_seen() -> None:
    watch = Watch(bans=("softmax", "matmul"))
    assert seen(lambda x: x.log_softmax(-1), torch.ones(2, 2), watch=watch).banned == ()


def test_a_loop_over_elements_shows_in_the_count() -> None:
    watch = Watch(operations=True)
    whole = seen(lambda x: x.sum(), torch.ones(50), watch=watch).operations
    loop = seen(lambda x: sum(value for value in x), torch.ones(50), watch=watch).operations
    assert whole is not None
    assert loop is not None
    assert whole == 1
    assert loop >= 50
    assert seen(lambda x: x.sum(), torch.ones(50)).operations is None


def test_gradients_are_those_of_autograd_in_float64() -> None:
    x = torch.tensor([1.0, 2.0, 3.0])
    found = seen(lambda x: x**2, x, watch=Watch(gradients=True)).gradients
    assert found is not None
    weights = torch.cos(torch.arange(1, 4, dtype=torch.float64))
    slope = found["its input"]
    assert slope is not None
    assert torch.allclose(slope, 2 * x.double() * weights)
    assert slope.dtype is torch.float64


def test_a_detached_result_has_no_gradient() -> None:
    watch = Watch(gradients=True)
    for cut in (lambda x: x.detach(), lambda x: torch.tensor(x.tolist()), lambda x: x.argmax()):
        assert seen(cut, torch.ones(2), watch=watch).gradients == {"its input": None}
    found = seen(lambda x, y: x.detach() * y, torch.ones(2), torch.ones(2), watch=watch).gradients
    assert found is not None
    assert found["input 1"] is None
    assert found["input 2"] is not None


def test_integers_have_no_gradient_to_look_for() -> None:
    assert seen(lambda i: i + 1, torch.tensor([1]), watch=Watch(gradients=True)).gradients is None


def broken(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(7)


def test_an_exception_carries_the_learner_s_own_line() -> None:
    error = seen(broken, torch.ones(6)).error
    assert error is not None
    assert error.name == "RuntimeError"
    assert error.line == "return x.reshape(7)"
    assert "shape '[7]' is invalid" in error.message


def test_an_exception_never_carries_a_line_of_the_probe(tmp_path: Any) -> None:
    namespace: dict[str, Any] = {}
    path = tmp_path / "hidden.py"
    path.write_text("def look(subject, x):\n    return subject(x) + subject.secret_name\n")
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    call = Call("probe", (torch.ones(6),), {}, namespace["look"])
    for subject in (broken, lambda x: x):
        error = observe(subject, call, Watch()).error
        assert error is not None
        assert "secret" not in error.line


def test_listeners_get_the_error_with_its_traceback_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tensors: list[Any] = []
    lines: list[str] = []

    def fails(x: torch.Tensor) -> torch.Tensor:
        tensors.append(weakref.ref(x))
        return broken(x)

    def listener(error: BaseException) -> None:
        lines.extend(frame.line or "" for frame in traceback.extract_tb(error.__traceback__))
        raise OSError("of no concern to the check")

    monkeypatch.setattr(observing, "listeners", [listener])
    gc.disable()
    try:
        error = seen(fails, torch.ones(6)).error
        assert error is not None
        assert error.name == "RuntimeError"
        assert lines[-1] == "return x.reshape(7)"
        assert [tensor() for tensor in tensors] == [None]
    finally:
        gc.enable()
    seen(lambda: 1)
    assert lines.count("return x.reshape(7)") == 1


def test_leaving_python_is_an_error_like_any_other() -> None:
    error = seen(lambda: exit(3)).error
    assert error is not None
    assert error.name == "SystemExit"


def test_what_is_no_function_says_so() -> None:
    error = seen(3).error
    assert error is not None
    assert error.message == "it should be a function; it is a int"


def test_hidden_calls_are_muted_and_open_ones_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    seen(lambda: print("hello"))
    assert capsys.readouterr().out == ""
    seen(lambda: print("hello"), watch=Watch(quiet=False))
    assert capsys.readouterr().out == "hello\n"


def test_every_call_draws_the_same_random_numbers_and_leaves_the_generator_alone() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first, second = (seen(lambda: torch.rand(4)).result for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_subject_elsewhere_answers_for_itself() -> None:
    class Remote:
        def __torchgrade_observe__(self, call: Call, watch: Watch) -> Observation:
            return Observation(result=call.title)

    assert seen(Remote()).result == "the call"
