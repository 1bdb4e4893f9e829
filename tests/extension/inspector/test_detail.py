"""What opening a tensor shows: statistics, histogram, heatmap, first values and notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

Answer = Callable[..., dict[str, Any]]


def opened(answer: Answer, tensor: torch.Tensor, **options: Any) -> dict[str, Any]:
    detail = answer({"x": tensor}, "detail", name="x", **options)
    assert detail["kind"] == "detail", detail
    return detail


def test_a_small_tensor_is_read_whole(answer: Answer) -> None:
    x = torch.tensor([[1.0, -2.0, 0.0], [4.0, 0.0, 3.0]])
    detail = opened(answer, x)
    assert (detail["read"], detail["sampled"], detail["notes"]) == (6, False, [])
    assert detail["statistics"] == {
        "mean": 1.0,
        "std": pytest.approx(4.8**0.5),
        "min": -2.0,
        "max": 4.0,
        "nan": 0,
        "inf": 0,
        "zeros": 2,
    }
    assert detail["heatmap"]["cells"] == x.tolist()
    assert detail["heatmap"]["note"] == "Shows the whole tensor."
    assert (detail["values"], detail["values_complete"]) == (["1", "-2", "0", "4", "0", "3"], True)


def test_nan_and_infinity_are_counted_and_set_aside(answer: Answer) -> None:
    detail = opened(answer, torch.tensor([1.0, float("nan"), float("inf"), float("-inf"), 3.0]))
    statistics = detail["statistics"]
    assert (statistics["nan"], statistics["inf"], statistics["mean"]) == (1, 2, 2.0)
    assert detail["heatmap"]["cells"] == [[1.0, "NaN", "Infinity", "-Infinity", 3.0]]
    assert (detail["heatmap"]["min"], detail["heatmap"]["max"]) == (1.0, 3.0)
    assert sum(detail["histogram"]["counts"]) == 2


def test_nothing_finite_gives_counts_alone(answer: Answer) -> None:
    detail = opened(answer, torch.full((4,), float("nan")))
    assert (detail["statistics"]["mean"], detail["statistics"]["nan"]) == (None, 4)
    assert detail["histogram"] is None


@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.bfloat16, torch.float64, torch.uint8, torch.int64, torch.bool]
)
def test_every_kind_of_number_is_read(answer: Answer, dtype: torch.dtype) -> None:
    detail = opened(answer, torch.tensor([0, 1, 1, 1], dtype=dtype))
    assert (detail["statistics"]["mean"], detail["statistics"]["zeros"]) == (0.75, 1)
    assert detail["heatmap"]["cells"] == [[0, 1, 1, 1]]


def test_whole_numbers_have_a_bin_each(answer: Answer) -> None:
    histogram = opened(answer, torch.tensor([3, 5, 5, 6]))["histogram"]
    assert histogram == {"edges": [2.5, 3.5, 4.5, 5.5, 6.5], "counts": [1, 0, 2, 1]}


def test_real_numbers_are_binned_as_torch_does(answer: Answer) -> None:
    x = torch.linspace(-1, 3, 1001, dtype=torch.float64) ** 3
    histogram = opened(answer, x)["histogram"]
    counts, edges = torch.histogram(x, 32)
    assert histogram["counts"] == counts.int().tolist()
    assert histogram["edges"] == pytest.approx(edges.tolist())


def test_complex_numbers_show_their_magnitude(answer: Answer) -> None:
    detail = opened(answer, torch.tensor([3 + 4j, 0j]))
    assert (detail["statistics"]["max"], detail["values"]) == (5.0, ["3+4j", "0+0j"])
    assert detail["notes"] == ["Complex numbers are shown by their magnitude."]


@pytest.mark.parametrize("extreme", [1.7e308, 5e-324, 1e16])
def test_extremes_of_float64_stay_in_range(answer: Answer, extreme: float) -> None:
    detail = opened(answer, torch.tensor([-extreme, extreme, extreme], dtype=torch.float64))
    assert detail["statistics"]["mean"] == pytest.approx(extreme / 3)
    assert sum(detail["histogram"]["counts"]) == 3
    assert detail["histogram"]["edges"] == sorted(detail["histogram"]["edges"])


def test_equal_numbers_are_one_bin(answer: Answer) -> None:
    assert opened(answer, torch.full((5,), 2.0))["histogram"] == {
        "edges": [1.5, 2.5],
        "counts": [5],
    }


def test_no_dimension_and_no_element(answer: Answer) -> None:
    scalar = opened(answer, torch.tensor(7.0))
    assert (scalar["heatmap"]["cells"], scalar["heatmap"]["note"]) == ([[7]], "The only element.")
    assert scalar["statistics"]["std"] is None
    empty = opened(answer, torch.empty(3, 0))
    assert (empty["statistics"], empty["heatmap"], empty["values"]) == (None, None, [])
    assert empty["notes"] == ["It has no elements."]


def test_leading_dimensions_stand_at_the_index(answer: Answer) -> None:
    x = torch.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    first = opened(answer, x)["heatmap"]
    assert (first["cells"], first["index"], first["leading"]) == (x[0, 0].tolist(), [0, 0], [2, 3])
    heatmap = opened(answer, x, index=[1, 99])["heatmap"]
    assert (heatmap["cells"], heatmap["index"]) == (x[1, 2].tolist(), [1, 2])
    assert (heatmap["row_dim"], heatmap["column_dim"]) == (2, 3)
    assert heatmap["note"] == "Shows [1, 2, :, :]."


@pytest.mark.parametrize("shape", [(100, 100), (1, 5000), (5000, 1), (3, 4000), (7,), (4097,)])
@pytest.mark.parametrize("most", [1, 10, 4096])
def test_the_heatmap_fits_and_says_its_steps(
    answer: Answer, shape: tuple[int, ...], most: int
) -> None:
    x = torch.arange(float(torch.Size(shape).numel())).reshape(shape)
    heatmap = opened(answer, x, max_cells=most)["heatmap"]
    matrix = x.reshape(-1, shape[-1])
    assert heatmap["cells"] == matrix[:: heatmap["row_step"], :: heatmap["column_step"]].tolist()
    assert sum(map(len, heatmap["cells"])) <= most
    assert ("row" in heatmap["note"]) == (heatmap["row_step"] > 1)
    assert ("column" in heatmap["note"]) == (heatmap["column_step"] > 1)


def layouts() -> dict[str, torch.Tensor]:
    big = torch.arange(1_000_000, dtype=torch.float32).reshape(1000, 1000)
    return {
        "contiguous": big,
        "transposed": big.t(),
        "with gaps": big[:, 1::2],
        "expanded": torch.arange(100.0).expand(10_000, 100),
        "many dims": big.reshape(10, 10, 10, 10, 100)[..., 1:],
    }


@pytest.mark.parametrize("layout", list(layouts()))
def test_a_large_tensor_is_sampled_evenly_and_says_so(answer: Answer, layout: str) -> None:
    x = layouts()[layout]
    detail = opened(answer, x)
    count = x.numel()
    assert 20_000 < detail["read"] <= 65_536
    assert detail["sampled"] is True
    expected = f"Statistics and histogram are of {detail['read']:,} of {count:,} elements."
    assert expected in detail["notes"]
    assert detail["statistics"]["mean"] == pytest.approx(float(x.double().mean()), rel=0.02)
    assert detail["statistics"]["std"] == pytest.approx(float(x.double().std()), rel=0.02)
    assert detail["values"] == [f"{value:.4g}" for value in x.reshape(-1)[:8].tolist()]


def test_a_sample_sees_every_column(answer: Answer) -> None:
    x = torch.zeros(2**14, 64)
    x[:, 3] = 1.0
    assert opened(answer, x)["statistics"]["mean"] == pytest.approx(1 / 64, rel=0.05)


def test_first_values_are_the_first(answer: Answer) -> None:
    x = torch.arange(3 * 2 * 3).reshape(3, 2, 3)
    assert opened(answer, x)["values"] == [str(i) for i in range(8)]
    assert opened(answer, torch.tensor([True, False]))["values"] == ["True", "False"]


@pytest.mark.parametrize("space", [{}, {"x": 3}, {"_x": torch.zeros(1)}])
def test_a_name_that_is_gone_says_so(answer: Answer, space: dict[str, Any]) -> None:
    failed = answer(space, "detail", name="x")
    assert (failed["reason"], failed["message"]) == (
        "gone",
        "x is no longer a tensor of this notebook.",
    )


def test_members_open_by_the_names_of_the_snapshot(answer: Answer) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2))
    space = {"model": model, "cache": {"it's": torch.ones(2)}, "steps": [torch.zeros(1)] * 300}
    for tensor in answer(space)["tensors"]:
        assert answer(space, "detail", name=tensor["name"])["summary"] == tensor
