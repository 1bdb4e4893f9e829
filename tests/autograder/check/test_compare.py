"""Where two values first differ, said so that a learner can act on it."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchgrade.check.compare import ACCELERATOR_SLACK, TOLERANCES, difference, kind, shown

DTYPES = [*TOLERANCES, torch.int64, torch.int32, torch.uint8, torch.bool]


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    """Any small tensor: every dtype we compare, up to 4 dimensions, sizes 0 to 4."""
    shape = draw(st.lists(st.integers(0, 4), max_size=4))
    dtype = draw(st.sampled_from(DTYPES))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    numbers = torch.randn(shape, generator=generator, dtype=torch.float64) * 50
    return numbers.abs().to(dtype) if dtype is torch.uint8 else numbers.to(dtype)


@settings(max_examples=150, deadline=None)
@given(tensors())
def test_a_tensor_does_not_differ_from_itself(x: torch.Tensor) -> None:
    assert difference(x, x.clone()) == []


@settings(max_examples=150, deadline=None)
@given(tensors().filter(lambda x: x.numel() > 0), st.data())
def test_a_changed_element_is_located(x: torch.Tensor, data: st.DataObject) -> None:
    where = tuple(data.draw(st.integers(0, size - 1)) for size in x.shape)
    changed = x.clone()
    changed[where] = not x[where] if x.dtype is torch.bool else x[where] // 2 + 7 if not (
        x.is_floating_point() or x.is_complex()) else x[where] + 300  # fmt: skip
    if bool(changed[where] == x[where]):
        changed[where] += 1
    lines = difference(x, changed)
    assert lines
    place = f" at {list(where)}" if where else ""
    assert lines[0].startswith(f"first difference{place}: expected ")
    if x.numel() > 1:
        assert lines[1] == f"1 of {x.numel()} elements differ"


@settings(max_examples=60, deadline=None)
@given(tensors().filter(lambda x: x.is_floating_point() and x.numel() > 0))
def test_noise_below_the_tolerance_is_no_difference(x: torch.Tensor) -> None:
    relative, absolute = TOLERANCES[x.dtype]
    noisy = x.double() * (1 + relative / 3) + absolute / 3
    nudged = noisy.to(x.dtype)
    assert difference(x.double(), noisy, rtol=relative, atol=absolute) == []
    assert difference(x, nudged) == []


def test_shape_is_told_before_dtype_and_dtype_before_values() -> None:
    wanted = torch.zeros(2, 3)
    assert difference(wanted, torch.ones(3, 2, dtype=torch.int64)) == [
        "expected shape (2, 3), got (3, 2)",
        "the number of elements agrees; their arrangement does not",
    ]
    assert difference(wanted, torch.ones(2, 3, dtype=torch.int64)) == [
        "expected dtype float32, got int64"
    ]
    assert difference(wanted, torch.ones(2, 3))[0] == (
        "first difference at [0, 0]: expected 0, got 1"
    )


def test_a_shape_with_another_number_of_elements_is_told_alone() -> None:
    assert difference(torch.zeros(2), torch.zeros(3)) == ["expected shape (2,), got (3,)"]


def test_both_numbers_get_enough_digits_to_tell_them_apart() -> None:
    lines = difference(torch.tensor([1.0], dtype=torch.float64),
                       torch.tensor([1.00001], dtype=torch.float64))  # fmt: skip
    assert lines == ["first difference at [0]: expected 1, got 1.00001"]


def test_nan_agrees_with_nan_and_with_nothing_else() -> None:
    nan = torch.tensor([1.0, math.nan])
    assert difference(nan, nan.clone()) == []
    assert difference(nan, torch.tensor([1.0, 2.0]))[0].endswith("expected nan, got 2")
    assert difference(math.nan, math.nan) == []
    assert difference(math.nan, 1.0) == ["expected nan, got 1"]


def test_infinity_agrees_only_with_its_own_sign() -> None:
    assert difference(torch.tensor(math.inf), torch.tensor(math.inf)) == []
    assert difference(torch.tensor(math.inf), torch.tensor(-math.inf))


def test_booleans_are_no_numbers() -> None:
    assert difference(True, True) == []
    assert difference(True, 1) == ["expected True, got 1"]
    assert difference(1, True) == ["expected 1, got True"]
    assert difference(torch.tensor([True, False]), torch.tensor([True, True]))[0] == (
        "first difference at [1]: expected False, got True"
    )


def test_numbers_agree_within_a_tolerance_and_integers_exactly() -> None:
    assert difference(1.0, 1.0 + 1e-7) == []
    assert difference(1, 1.0) == []
    assert difference(10**9, 10**9 + 1)
    assert difference(1 + 1j, 1 + 1.5j)


def test_none_asks_for_the_return() -> None:
    assert difference(torch.zeros(2), None) == [
        "expected a tensor of shape (2,), got None (is a return missing?)"
    ]
    assert difference(None, None) == []


def test_none_inside_a_structure_says_where_and_asks_nothing() -> None:
    assert difference({"name": "cuda"}, {"name": None}) == ["expected a str at ['name'], got None"]


def test_a_difference_inside_a_structure_says_where() -> None:
    wanted = {"mean": [torch.zeros(1), (1, 2)], "name": "a"}
    assert difference(wanted, {"mean": [torch.zeros(1), (1, 2)], "name": "a"}) == []
    assert difference(wanted, {"mean": [torch.zeros(1), (1, 3)], "name": "a"}) == [
        "expected 2 at ['mean'][1][1], got 3"
    ]
    assert difference(wanted, {"mean": [torch.ones(1), (1, 2)], "name": "a"})[0] == (
        "first difference at ['mean'][0] at [0]: expected 0, got 1"
    )


@pytest.mark.parametrize(
    ("expected", "got", "line"),
    [
        ({"a": 1}, {}, "the key 'a' is missing"),
        ({"a": 1}, {"a": 1, "b": 2}, "there is a key 'b' too many"),
        ({"a": 1}, [1], "expected a dict, got a list"),
        ((1, 2), [1, 2], "expected a tuple, got a list"),
        ([1, 2], [1], "expected 2 items, got 1: [1]"),
        ("yes", "no", "expected 'yes', got 'no'"),
        (torch.float32, torch.float64, "expected torch.float32, got torch.float64"),
        (torch.zeros(2), 3, "expected a tensor of shape (2,), got an int"),
        (3, torch.zeros(()), "expected an int, got a tensor of shape ()"),
    ],
)
def test_what_came_instead_is_named(expected: object, got: object, line: str) -> None:
    assert difference(expected, got) == [line]


def test_a_size_agrees_with_a_tuple() -> None:
    assert difference((2, 3), torch.zeros(2, 3).shape) == []


def test_a_sparse_result_is_named_rather_than_compared() -> None:
    assert difference(torch.eye(2), torch.eye(2).to_sparse()) == [
        "expected a dense tensor, got a sparse one"
    ]


def test_meta_tensors_are_compared_by_shape_and_dtype() -> None:
    meta = torch.empty(2, 3, device="meta")
    assert difference(meta, torch.empty(2, 3, device="meta")) == []
    assert difference(meta, torch.empty(3, 2, device="meta"))


def test_tolerances_can_be_given_and_slackened() -> None:
    one, other = torch.tensor(1.0), torch.tensor(1.0 + 5e-5)
    assert difference(one, other)
    assert difference(one, other, rtol=1e-4) == []
    assert difference(one, other, slack=ACCELERATOR_SLACK) == []


def test_values_are_shown_in_a_line() -> None:
    assert shown(torch.tensor([[1.0, 2.0]])) == "[[1.0, 2.0]]"
    assert shown(torch.zeros(5, 5)) == "a tensor of shape (5, 5)"
    assert shown(0.1 + 0.2) == "0.3"
    assert len(shown("x" * 500)) == 80
    assert kind({}) == "a dict"
    assert kind(1) == "an int"
