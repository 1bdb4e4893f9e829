"""What the explorers say is what torch does, on random shapes."""

from __future__ import annotations

import math
import warnings
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional
from torchenstein import explorers

# The machine that runs the tests may be busy with others.
settings.register_profile("explorers", deadline=None)
settings.load_profile("explorers")

SHAPES = st.lists(st.sampled_from([0, 1, 1, 2, 3]), max_size=4).map(tuple)


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        return tuple(torch.broadcast_shapes(*shapes))
    except RuntimeError:
        return None


@given(st.lists(SHAPES, min_size=1, max_size=3))
def test_the_ladder_is_broadcast_shapes(shapes: list[tuple[int, ...]]) -> None:
    ladder = explorers.broadcast(*shapes)
    assert ladder.shape == broadcast_shapes(*shapes)
    assert ladder.problem == (ladder.shape is None)


@given(SHAPES, SHAPES)
def test_stretched_axes_have_stride_0_when_expanded(
    one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    ladder = explorers.broadcast(one, other)
    assume(ladder.shape is not None and 0 not in ladder.shape)
    assert ladder.shape is not None
    for place, shape in enumerate((one, other)):
        expanded = torch.empty(shape).expand(ladder.shape)
        for axis, stride, size in zip(ladder.axes, expanded.stride(), ladder.shape, strict=True):
            if size > 1:
                assert axis.stretches(place) == (stride == 0)


@given(SHAPES, SHAPES)
def test_what_is_said_to_fit_a_ladder_does(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    a, b = torch.zeros(one), torch.zeros(other)
    for fit in explorers.broadcast(a, b).fits:
        changed = eval(fit.code)
        rest = b if fit.code.startswith("a") else a
        assert str(tuple((changed + rest).shape)) == fit.result


@given(SHAPES, SHAPES)
def test_matmul_has_torchs_shape(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    assume(one and other)
    a, b = torch.zeros(one), torch.zeros(other)
    explorer = explorers.matmul(a, b)
    try:
        shape = tuple((a @ b).shape)
    except RuntimeError:
        shape = None
    assert explorer.shape == shape
    for fit in explorer.fits:
        assert str(tuple(eval(fit.code).shape)) == fit.result


@given(st.data())
def test_matmul_visits_elements_that_are_there(data: st.DataObject) -> None:
    rows, inner, columns = (data.draw(st.integers(1, 9)) for _ in range(3))
    a, b = torch.randn(rows, inner), torch.randn(inner, columns)
    for i, j in explorers.matmul(a, b).elements:
        torch.testing.assert_close((a[i, :] * b[:, j]).sum(), (a @ b)[i, j])


def by_letters(explorer: explorers.Einsum, operands: list[torch.Tensor]) -> torch.Tensor:
    """The explorer's own steps: align each operand to all letters, multiply, sum by letters."""
    names = [letter.name for letter in explorer.letters]
    product_: Any = torch.ones(())
    for term, operand in zip(explorer.terms, operands, strict=True):
        axes = list(term)
        for name in dict.fromkeys(term):
            while axes.count(name) > 1:
                first = axes.index(name)
                second = axes.index(name, first + 1)
                operand = operand.diagonal(dim1=first, dim2=second)
                axes = [a for place, a in enumerate(axes) if place not in (first, second)] + [name]
        order = [axes.index(name) for name in names if name in axes]
        operand = operand.permute(order)
        for place, name in enumerate(names):
            if name not in axes:
                operand = operand.unsqueeze(place)
        product_ = product_ * operand
    product_ = product_.expand([letter.size or 1 for letter in explorer.letters])
    for place in range(len(names) - 1, -1, -1):
        if not explorer.letters[place].kept:
            product_ = product_.sum(place)
    kept = [letter.name for letter in explorer.letters if letter.kept]
    result: torch.Tensor = product_.permute([kept.index(name) for name in explorer.output])
    return result


@st.composite
def einsums(draw: st.DrawFn) -> tuple[str, list[torch.Tensor]]:
    sizes = {letter: draw(st.integers(1, 3)) for letter in "abcd"}
    terms = draw(st.lists(st.text("abcd", max_size=3), min_size=1, max_size=3))
    used = sorted({letter for term in terms for letter in term})
    output = "".join(draw(st.permutations(used)))[: draw(st.integers(0, len(used)))]
    dots = draw(st.booleans())
    equation = ",".join(f"...{term}" if dots else term for term in terms)
    lead = draw(st.lists(st.integers(1, 2), max_size=2)) if dots else []
    if draw(st.booleans()):
        equation += f"->{'...' if dots else ''}{output}"
    operands = [torch.randn([*lead, *(sizes[letter] for letter in term)]) for term in terms]
    return equation, operands


@given(einsums())
def test_einsum_by_letters_is_torchs(case: tuple[str, list[torch.Tensor]]) -> None:
    equation, operands = case
    explorer = explorers.einsum(equation, *operands)
    expected = torch.einsum(equation, *operands)
    assert explorer.shape == tuple(expected.shape)
    torch.testing.assert_close(by_letters(explorer, operands), expected)


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(2, 3)]),
        ("ij->ii", [(2, 2)]),
        ("i->j", [(2,)]),
        ("ij->i", [(2,)]),
        ("i?", [(2,)]),
    ],
)
def test_einsum_refuses_what_torch_refuses(equation: str, shapes: list[tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match=r"name|equation"):
        explorers.einsum(equation, *shapes)
    with pytest.raises(RuntimeError):
        torch.einsum(equation, *(torch.zeros(shape) for shape in shapes))


def test_einsum_draws_a_letter_with_two_sizes() -> None:
    explorer = explorers.einsum("ij,jk->ik", (2, 3), (4, 5))
    assert explorer.problem
    assert "3 in a and 4 in b" in explorer.summary


@st.composite
def strided(draw: st.DrawFn) -> torch.Tensor:
    shape = draw(st.lists(st.integers(0, 4), max_size=3))
    tensor = torch.arange(math.prod(shape)).reshape(shape)
    for _ in range(draw(st.integers(0, 3))):
        change = draw(st.sampled_from(["transpose", "step", "first", "expand"]))
        if change == "transpose" and tensor.dim() > 1:
            tensor = tensor.transpose(0, -1)
        elif change == "step" and tensor.dim():
            tensor = tensor[..., 1::2]
        elif change == "first" and tensor.dim() and tensor.shape[0]:
            tensor = tensor[draw(st.integers(0, tensor.shape[0] - 1))]
        elif change == "expand":
            tensor = tensor.expand(2, *tensor.shape)
    return tensor


@given(strided())
def test_places_are_as_strided(tensor: torch.Tensor) -> None:
    window = explorers.strides(tensor).window
    storage = torch.empty(0, dtype=tensor.dtype).set_(tensor.untyped_storage())
    assert torch.equal(
        torch.as_strided(storage, window.shape, window.stride, window.offset), tensor
    )
    assert [int(storage[place]) for place in window.places()] == tensor.reshape(-1).tolist()


def test_a_view_is_a_window_and_a_clone_is_not() -> None:
    x = torch.arange(12).view(3, 4)
    explorer = explorers.strides(x, x.T, x[1:], x.clone(), x.view(torch.int32))
    assert [alias.shares for alias in explorer.aliases] == [True, True, False, True]
    assert [alias.label for alias in explorer.aliases] == ["x.T", "x[1:]", "x.clone()", "d"]


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[list[int], list[int], dict[str, Any]]:
    spatial = draw(st.integers(1, 2))
    options: dict[str, Any] = {
        name: draw(st.lists(st.integers(least, 3), min_size=spatial, max_size=spatial))
        for name, least in (("stride", 1), ("padding", 0), ("dilation", 1))
    }
    sizes = draw(st.lists(st.integers(1, 7), min_size=spatial, max_size=spatial))
    kernel = draw(st.lists(st.integers(1, 3), min_size=spatial, max_size=spatial))
    return sizes, kernel, options


@given(convolutions())
def test_windows_are_those_of_unfold(case: tuple[list[int], list[int], dict[str, Any]]) -> None:
    sizes, kernel, options = case
    x, w = torch.randn(2, 1, *sizes), torch.randn(3, 1, *kernel)
    explorer = explorers.conv(x, w, **options)
    function = functional.conv1d if len(sizes) == 1 else functional.conv2d
    if explorer.problem:
        with pytest.raises(RuntimeError):
            function(x, w, **options)
        return
    assert explorer.shape == tuple(function(x, w, **options).shape)
    # One axis as the second of two, which unfold can.
    rows = [1] * (2 - len(sizes))
    image = torch.arange(1.0, 1 + math.prod(sizes)).view(1, 1, *rows, *sizes)
    plain = {"stride": 1, "padding": 0, "dilation": 1}
    stride, padding, dilation = (
        (*[usual] * len(rows), *options[name]) for name, usual in plain.items()
    )
    unfolded = functional.unfold(image, (*rows, *kernel), dilation, padding, stride)[0]
    outputs = list(product(*(range(walk.windows) for walk in explorer.walks)))
    flat = image.reshape(sizes)
    for column, output in enumerate(outputs):
        taps = [walk.taps(at) for walk, at in zip(explorer.walks, output, strict=True)]
        read = [
            float(flat[at]) if all(0 <= i < n for i, n in zip(at, sizes, strict=True)) else 0.0
            for at in product(*taps)
        ]
        assert read == unfolded[:, column].tolist()


def test_same_padding_is_torchs() -> None:
    x, w = torch.randn(1, 2, 9), torch.randn(4, 2, 4)
    explorer = explorers.conv(x, w, padding="same")
    with warnings.catch_warnings():
        # An even kernel needs one more after than before, and torch tells that it copies for it.
        warnings.simplefilter("ignore")
        expected = functional.conv1d(x, w, padding="same")
    assert explorer.shape == tuple(expected.shape)


def test_channels_at_the_end_are_drawn_as_a_clash_with_what_would_fit() -> None:
    explorer = explorers.conv((1, 28, 28, 3), (8, 3, 3, 3))
    assert explorer.problem
    assert [fit.code for fit in explorer.fits] == ["x.movedim(-1, -3)"]


def test_autograd_has_every_node_once_and_names_the_leaves() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    loss = (model(torch.randn(2, 3)) ** 2).mean()
    explorer = explorers.autograd(loss, model=model)
    assert {leaf.name for leaf in explorer.leaves} == {
        f"model.{name}" for name, _ in model.named_parameters()
    }
    seen, waiting = set(), [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [following for following, _ in node.next_functions]
    assert explorer.total == len(seen) == len(explorer.nodes)
    for node in explorer.nodes:
        assert all(explorer.nodes[place].depth > node.depth for place in node.inputs)


def test_a_deep_graph_is_counted_and_drawn_in_part() -> None:
    x = torch.ones(2, requires_grad=True)
    total = x
    for _ in range(1500):
        total = total + x
    explorer = explorers.autograd(total.sum())
    assert explorer.total == 1502
    assert len(explorer.nodes) == 36
    assert len(explorer.html()) < 120_000


def test_attention_tells_rows_from_columns() -> None:
    scores = torch.randn(2, 5, 5)
    assert not explorers.attention(scores.softmax(-1)).problem
    turned = explorers.attention(scores.softmax(-2))
    assert turned.wrong_axis
    assert "dim=-2" in turned.summary
    masked = scores.masked_fill(torch.ones(5, 5).triu(1).bool(), -torch.inf)
    assert "Causal" in explorers.attention(masked.softmax(-1)).summary


def test_a_query_that_sees_no_key_is_no_fault() -> None:
    weights = torch.tensor([[[1.0, 0], [0.5, 0.5]], [[0, 0], [0, 1]]])
    shown = explorers.attention(weights)
    assert not shown.problem
    assert "or is all 0: a query that sees no key" in shown.summary
    assert "query 0 sees no key and query 1 looks most at key 1" in shown.steps[1].sentence
    assert explorers.attention(torch.zeros(2, 2)).problem


def test_attention_looks_at_all_keys_not_only_those_drawn() -> None:
    weights = torch.full((1, 40), 0.001)
    weights[0, 33] = 1 - 39 * 0.001
    assert "query 0 looks most at key 33" in explorers.attention(weights).steps[0].sentence


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (torch.arange(4).as_strided((2, 2), (1, 1)), "Not contiguous"),
        (torch.arange(6).view(2, 3).T, "Not contiguous"),
        (torch.arange(6).view(2, 3), ""),
        (torch.arange(3).expand(2, 3), "again and again"),
        (torch.arange(3).expand(1, 3), ""),
    ],
)
def test_strides_says_what_is_special(tensor: torch.Tensor, said: str) -> None:
    summary = explorers.strides(tensor).summary
    special = [one for one in ("Not contiguous", "again and again") if one in summary]
    assert special == ([said] if said else [])
