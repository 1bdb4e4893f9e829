"""What holds for every namespace and every tensor, tried on random ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd.profiler import profile

Answer = Callable[..., dict[str, Any]]

DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool, torch.complex64]
NAMES = st.text(min_size=1, max_size=6)


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    """A tensor of up to four dimensions, perhaps a view, perhaps with odd numbers."""
    shape = draw(st.lists(st.integers(0, 5), max_size=4))
    dtype = draw(st.sampled_from(DTYPES))
    numbers = draw(
        st.lists(
            st.one_of(st.floats(width=32), st.integers(-5, 5)),
            min_size=torch.Size(shape).numel(),
            max_size=torch.Size(shape).numel(),
        )
    )
    if dtype in (torch.int64, torch.bool):
        numbers = [0.0 if number != number else max(-9.0, min(9.0, number)) for number in numbers]
    tensor = torch.tensor(numbers, dtype=torch.float64).to(dtype).reshape(shape)
    change = draw(st.sampled_from(["none", "transpose", "stride", "expand", "grad"]))
    if change == "transpose" and len(shape) > 1:
        return tensor.transpose(0, -1)
    if change == "stride" and shape:
        return tensor[..., ::2]
    if change == "expand":
        return tensor.expand(3, *shape)
    if change == "grad" and (dtype.is_floating_point or dtype.is_complex):
        return tensor.requires_grad_()
    return tensor


@st.composite
def namespaces(draw: st.DrawFn) -> dict[Any, Any]:
    """Names of anything: tensors, views and second names of them, containers, modules, others."""
    pool = draw(st.lists(tensors(), min_size=1, max_size=4))
    pool += [tensor.detach()[:1] for tensor in pool if tensor.dim()]
    tensor = st.sampled_from(pool)
    module = st.builds(torch.nn.Linear, st.integers(1, 3), st.integers(1, 3))
    item = st.one_of(tensor, st.integers(), st.none(), st.text(max_size=3))
    keys = st.one_of(st.text(max_size=4), st.integers(), st.booleans(), st.tuples(st.integers()))
    value = st.one_of(
        item,
        module,
        st.lists(item, max_size=4),
        st.lists(item, max_size=4).map(tuple),
        st.dictionaries(keys, item, max_size=4),
    )
    return draw(st.dictionaries(NAMES, value, max_size=8))


def live(space: dict[Any, Any]) -> list[torch.Tensor]:
    """Every tensor of `space`, found by simpler means than the inspector's."""
    found: list[torch.Tensor] = []
    for name, value in space.items():
        inside: Any = [value]
        if isinstance(value, torch.nn.Module):
            inside = value.parameters()
        elif isinstance(value, (list, tuple)):
            inside = value
        elif isinstance(value, dict):
            inside = value.values()
        if not name.startswith("_"):
            found += [item for item in inside if isinstance(item, torch.Tensor)]
    return found


@settings(deadline=None, max_examples=150)
@given(space=namespaces())
def test_a_snapshot_counts_every_tensor_and_every_storage_once(
    answer: Answer, space: dict[Any, Any]
) -> None:
    with profile() as operations:
        snapshot = answer(space)
    assert [event.name for event in operations.function_events] == []
    expected = live(space)
    assert snapshot["found"] == len(snapshot["tensors"]) == len(expected)
    storages = {tensor.untyped_storage().data_ptr(): tensor for tensor in expected}
    sizes = [tensor.untyped_storage().nbytes() for tensor in storages.values()]
    assert snapshot["storage_bytes"] == sum(sizes)
    names = [tensor["name"] for tensor in snapshot["tensors"]]
    owners = [t for t in snapshot["tensors"] if t["storage_bytes"] and t["view_of"] is None]
    assert len(owners) == len([size for size in sizes if size])
    assert all(t["view_of"] in names for t in snapshot["tensors"] if t["view_of"] is not None)
    assert answer(space) == snapshot


@settings(deadline=None, max_examples=200)
@given(tensor=tensors(), cells=st.integers(1, 30), index=st.lists(st.integers(0, 4), max_size=3))
def test_a_detail_agrees_with_torch_and_changes_nothing(
    answer: Answer, tensor: torch.Tensor, cells: int, index: list[int]
) -> None:
    before = (tensor._version, tensor.requires_grad, tensor.detach().clone())
    state = torch.get_rng_state()
    detail = answer({"x": tensor}, "detail", name="x", max_cells=cells, index=index)
    assert torch.equal(torch.get_rng_state(), state)
    assert (tensor._version, tensor.requires_grad) == before[:2]
    assert torch.equal(tensor.detach().nan_to_num(), before[2].nan_to_num())
    numbers = tensor.detach().reshape(-1)
    assert detail["read"] == numbers.numel()
    assert detail["values_complete"] == (numbers.numel() <= 8)
    if numbers.numel() == 0:
        assert detail["statistics"] is None
        return
    reals = (numbers.abs() if numbers.is_complex() else numbers).double()
    finite = reals[reals.isfinite()]
    statistics = detail["statistics"]
    assert statistics["nan"] == int(reals.isnan().sum())
    assert statistics["inf"] == int(reals.isinf().sum())
    assert statistics["zeros"] == int((reals == 0).sum())
    if finite.numel():
        torch.testing.assert_close(statistics["mean"], float(finite.mean()), rtol=1e-6, atol=1e-6)
        assert statistics["min"] <= statistics["max"]
        edges = detail["histogram"]["edges"]
        assert len(edges) == len(detail["histogram"]["counts"]) + 1
        assert edges == sorted(edges)
        assert sum(detail["histogram"]["counts"]) == finite.numel()
    assert 0 < sum(map(len, detail["heatmap"]["cells"])) <= cells
