"""Inputs in named dimensions, and the edges at which code breaks."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchgrade import Case, case, cases, tensor
from torchgrade.check.cases import DTYPES, EDGES
from torchgrade.check.observe import Call, Watch, observe


def by_title(made: tuple[Case, ...], part: str) -> torch.Tensor:
    """The first input of the case whose title contains `part`."""
    return next(one.args[0] for one in made if part in one.title)


def test_equal_names_have_equal_sizes_and_different_names_different_sizes() -> None:
    for one in cases(a="B T D", b="D H", c="T", edge=()):
        (b, t, d), (d2, h), (t2,) = (tuple(x.shape) for x in one.args)
        assert (d, t) == (d2, t2)
        assert len({b, t, d, h}) == 4


def test_the_ordinary_cases_differ_in_every_size_so_that_none_can_be_hard_coded() -> None:
    first, second = cases(x="B C D", edge=())
    assert all(m != n for m, n in zip(first.args[0].shape, second.args[0].shape, strict=True))
    assert first.title == "sizes B=3, C=5, D=2"


def test_digits_are_sizes_and_a_tensor_may_have_no_dimension() -> None:
    one = cases(x="B 3", y=tensor(""), edge=())[0]
    assert one.args[0].shape[1] == 3
    assert one.args[1].shape == ()


def test_other_values_are_passed_as_they_are() -> None:
    one = cases(x="B", dim=0, reduction="mean", shape=(2, 3), edge=())[0]
    assert one.args[1:] == (0, "mean", (2, 3))


def test_sizes_can_be_fixed_once_or_for_each_ordinary_case() -> None:
    made = cases(x="B C", sizes={"B": 8, "C": (2, 9)}, edge=())
    assert [tuple(one.args[0].shape) for one in made] == [(8, 2), (8, 9)]


def test_integers_stay_in_their_bounds_and_booleans_are_both() -> None:
    for low, high in ((0, 4), (-5, 0), (3, 5)):
        drawn = tensor("B C", dtype=torch.int64, low=low, high=high)
        x = cases(x=drawn, sizes={"B": 40, "C": 40}, edge=())[0].args[0]
        assert (int(x.min()), int(x.max())) == (low, high - 1)
    mask = cases(x=tensor("B C", dtype=torch.bool), edge=())[0].args[0]
    assert mask.dtype is torch.bool
    assert set(mask.flatten().tolist()) == {True, False}


def test_floats_can_be_bounded_and_complex_numbers_drawn() -> None:
    x = cases(x=tensor("B", low=2.0, high=3.0), sizes={"B": 100}, edge=())[0].args[0]
    assert 2 <= float(x.min()) <= float(x.max()) <= 3
    z = cases(x=tensor("B", dtype=torch.complex64), edge=())[0].args[0]
    assert z.dtype is torch.complex64
    assert bool((z.imag != 0).all())


def test_every_edge_is_what_it_says() -> None:
    made = cases(x="B C", edge=EDGES)
    assert float(by_title(made, "large").abs().max()) > 1e3
    assert float(by_title(made, "small values").abs().max()) < 1e-3
    assert bool((by_title(made, "negative") < 0).all())
    assert not by_title(made, "zeros").any()
    rows = by_title(made, "rows that are all equal")
    assert bool((rows == rows[0]).all())
    assert not by_title(made, "not contiguous").is_contiguous()
    assert by_title(made, "size 1").shape[0] == 1
    assert by_title(made, "empty").numel() == 0


def test_dtype_edges_have_their_dtype() -> None:
    for one, name in zip(cases(x="B", edge=DTYPES)[2:], DTYPES, strict=True):
        assert one.args[0].dtype is DTYPES[name]
        assert one.title == name


def test_a_batch_of_one_keeps_equal_names_equal() -> None:
    made = cases(x="B C", w="C D", y="B D", edge=("batch of one", "empty"))
    for one, size in zip(made[2:], (1, 0), strict=True):
        x, w, y = (tuple(value.shape) for value in one.args)
        assert x[0] == y[0] == size
        assert x[1] == w[0] > 1
        assert w[1] == y[1] > 1


def test_edges_change_only_the_inputs_named() -> None:
    ordinary, _, zeros = cases(x="B", y="B", edge=("zeros",), edit=["y"])
    assert torch.equal(zeros.args[0], ordinary.args[0])
    assert not zeros.args[1].any()


def test_an_edge_leaves_integers_alone() -> None:
    made = cases(x="B", i=tensor("B", dtype=torch.int64, low=1, high=9), edge=("large", "negative"))
    for one in made:
        assert bool(((one.args[1] >= 1) & (one.args[1] < 9)).all())


def test_a_noncontiguous_input_still_is_when_the_call_is_made() -> None:
    x = by_title(cases(x="B C", edge=("noncontiguous",)), "not contiguous")
    seen = observe(lambda x: x.is_contiguous(), Call("c", (x,)), Watch())
    assert seen.result is False


def test_the_same_seed_draws_the_same_and_another_seed_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, again = cases(x="B C")[0].args[0], cases(x="B C")[0].args[0]
    assert torch.equal(one, again)
    monkeypatch.setenv("TORCHGRADE_SEED", "1")
    assert not torch.equal(one, cases(x="B C")[0].args[0])


def test_drawing_leaves_torch_s_own_generator_alone() -> None:
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    cases(x="B C")
    assert torch.equal(torch.rand(3), wanted)


def test_the_dtype_of_ordinary_cases_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHGRADE_DTYPE", "float64")
    assert cases(x="B", edge=())[0].args[0].dtype is torch.float64


def test_the_same_numbers_come_in_every_dtype(monkeypatch: pytest.MonkeyPatch) -> None:
    single = cases(x="B C", edge=())[0].args[0]
    monkeypatch.setenv("TORCHGRADE_DTYPE", "float64")
    assert torch.equal(cases(x="B C", edge=())[0].args[0].float(), single)


def test_a_case_is_written_by_hand() -> None:
    made = case("two rows", torch.eye(2), dim=0)
    assert (made.title, made.kwargs) == ("two rows", {"dim": 0})
    assert torch.equal(made.args[0], torch.eye(2))


def test_no_input_and_unknown_edges_are_refused() -> None:
    with pytest.raises(ValueError, match="needs an input"):
        cases()
    with pytest.raises(ValueError, match="knows no edge 'huge'; it knows large"):
        cases(x="B", edge=("huge",))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["B", "T", "D", "H", "2", "4"]), min_size=1, max_size=4))
def test_any_dimensions_are_drawn_as_named(names: list[str]) -> None:
    for one in cases(x=" ".join(names), y=" ".join(reversed(names))):
        x, y = one.args
        assert tuple(x.shape) == tuple(reversed(y.shape)) or "size 1" in one.title
        for name, size in zip(names, x.shape, strict=True):
            assert not name.isdigit() or size == int(name) or "size 1" in one.title
