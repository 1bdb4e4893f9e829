"""A fingerprint: float noise keeps it, a real difference changes it, as `compare` has it."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from torchgrade.check.compare import TOLERANCES, difference
from torchgrade.check.fingerprint import CELL, LARGEST, firm, forms
from torchgrade.check.observe import Observation, Raised

DTYPES = (torch.float32, torch.float64)
# Far beyond what another order of the same sums does, and within the narrowest margin.
NOISE = 0.2


def same(kept: Any, seen: Any) -> bool:
    """Whether a result is known again by what was kept of another."""
    texts = {form.text for form in forms(Observation(result=seen))}
    return any(form.text in texts for form in firm(Observation(result=kept)))


def tolerance(values: torch.Tensor) -> torch.Tensor:
    relative, absolute = TOLERANCES[values.dtype]
    return absolute + relative * values.abs()


@st.composite
def tensors(draw: st.DrawFn, most: int = 12) -> torch.Tensor:
    """Small tensors of numbers of all sizes, whole ones and such that lie near an edge."""
    dtype = draw(st.sampled_from(DTYPES))
    whole: SearchStrategy[float] = st.integers(-20, 20).map(lambda n: n / 4)
    number = st.one_of(whole, st.floats(-1e6, 1e6, width=32), st.just(float("inf")))
    return torch.tensor(draw(st.lists(number, min_size=1, max_size=most)), dtype=dtype)


@given(values=tensors(), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=100)
def test_noise_below_the_tolerance_keeps_it(values: torch.Tensor, seed: int) -> None:
    assume(firm(Observation(result=values)))
    draws = torch.rand(values.shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    noisy = values + torch.where(values.isfinite(), NOISE * draws * tolerance(values), 0.0)
    assert same(values, noisy.to(values.dtype))


@given(values=tensors(), at=st.integers(0, 11), size=st.floats(1.01, 1e6), up=st.booleans())
@settings(deadline=None, max_examples=100)
def test_a_difference_wider_than_a_cell_changes_it(
    values: torch.Tensor, at: int, size: float, up: bool
) -> None:
    at %= len(values)
    assume(bool(values[at].isfinite()))
    other = values.double().clone()
    # The cell is as wide as the tolerance of the larger of the two.
    relative, absolute = TOLERANCES[values.dtype]
    step = CELL * size * (absolute + relative * other[at].abs()) / (1 - CELL * relative)
    other[at] += step if up else -step
    assert not same(values, other.to(values.dtype))
    assert difference(values, other.to(values.dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_few_numbers_are_told_apart_at_a_few_tolerances(dtype: torch.dtype) -> None:
    values = torch.tensor([0.0, 0.8413, -0.1587], dtype=dtype)
    assert not same(values, values + 20 * tolerance(values))
    assert same(values, values * (1 + torch.finfo(dtype).eps))


def test_a_result_of_many_numbers_has_none_rather_than_a_coarse_one() -> None:
    values = torch.randn(300, generator=torch.Generator().manual_seed(0))
    assert firm(Observation(result=values)) == []
    few = values[:8]
    assert same(few, few * (1 + 4e-7))
    assert not same(few, few.flip(0))
    # Whole numbers, and one number many times, are not many.
    assert firm(Observation(result=torch.arange(300)))
    assert firm(Observation(result=torch.full((300,), 0.3)))


DIFFERENT = [
    torch.tensor([1.0, 2.0]),
    torch.tensor([[1.0, 2.0]]),
    torch.tensor([1.0, 2.0], dtype=torch.float64),
    torch.tensor([1, 2]),
    torch.tensor([True, False]),
    torch.tensor([1.0, float("nan")]),
    torch.tensor([1.0, float("inf")]),
    torch.tensor([1.0, float("-inf")]),
    torch.tensor([1.0 + 2j, 1.0]),
    torch.empty(2, device="meta"),
    [1.0, 2.0],
    (1.0, 2.0),
    [1, 2],
    [True, 2],
    {"a": 1.0},
    {"b": 1.0},
    {"a": torch.tensor(1.0)},
    "1.0",
    b"1.0",
    None,
    torch.float32,
    1 + 2j,
]


def test_each_kind_of_result_has_its_own() -> None:
    for index, one in enumerate(DIFFERENT):
        assert [same(one, other) for other in DIFFERENT].count(True) == 1, index


def test_what_compare_does_not_look_at_does_not_change_it() -> None:
    assert same({"a": 1, "b": 2.0}, {"b": 2.0, "a": 1})
    assert same(torch.Size([2, 3]), (2, 3))
    assert same(torch.ones(2, 3), torch.ones(3, 2).T)
    assert same(torch.tensor([0.0]), torch.tensor([-0.0]))
    assert same(torch.ones(2, requires_grad=True), torch.ones(2))
    assert same(torch.ones(2), torch.nn.Parameter(torch.ones(2)))


def test_what_else_was_seen_of_the_call_is_part_of_it() -> None:
    plain = Observation(result=torch.ones(2))
    others = [
        replace(plain, mutated=("its input",)),
        replace(plain, shares=("its input",)),
        replace(plain, banned=("sum",)),
        replace(plain, gradients={"its input": torch.ones(2)}),
        replace(plain, gradients={"its input": None}),
    ]
    texts = [frozenset(form.text for form in forms(seen)) for seen in (plain, *others)]
    assert len({text for each in texts for text in each}) == sum(map(len, texts))
    assert forms(replace(plain, shares=("x",))) == forms(replace(plain, shares=("y",)))


def test_an_error_is_its_type_and_message_or_its_type_where_it_was_raised_by_hand() -> None:
    def shared(one: Raised, other: Raised) -> bool:
        kept, seen = (
            {form.text for form in forms(Observation(error=error))} for error in (one, other)
        )
        return bool(kept & seen)

    torchs = Raised(("RuntimeError", "Exception"), "sizes must match", "x @ y")
    mine = Raised(("ValueError", "Exception"), "(2,) does not fit", "raise ValueError(shapes)")
    assert shared(torchs, replace(torchs, line="return a @ b"))
    assert not shared(torchs, replace(torchs, message="another"))
    assert not shared(torchs, replace(torchs, types=("IndexError",)))
    assert shared(mine, replace(mine, message="no", line="if bad: raise ValueError"))
    assert not shared(mine, replace(mine, message="no", line="int(x)"))


def test_what_cannot_be_written_has_none_and_raises_nothing() -> None:
    for strange in (torch.ones(LARGEST + 1), torch.eye(2).to_sparse(), 10**5000):
        assert forms(Observation(result=strange)) == []
        assert firm(Observation(result=strange)) == []
