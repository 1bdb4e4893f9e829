"""Dimension names as people write them."""

from __future__ import annotations

import ast

import pytest
from torchenstein.dims import Names, Spec, documented, fit, of_annotation, of_unpacking


@pytest.mark.parametrize(
    ("spec", "shape", "names"),
    [
        (("B", "T", "T"), (2, 3, 4), ("B", None, None)),
        (("B", "T", "T"), (2, 3, 3), ("B", "T", "T")),
        ((..., ..., "D"), (2, 3), None),
        ((..., "D"), (2, 3, 4), (None, None, "D")),
        (("B", 3), (2, 4), None),
        (("B", 3), (2, None), ("B", None)),
        ((2, 3), (2, 3), None),
    ],
)
def test_a_spec_fits_a_shape_or_names_nothing(
    spec: Spec, shape: tuple[int | None, ...], names: Names | None
) -> None:
    assert fit(spec, shape) == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x: shape (B, T)", {"x": ["BT"]}),
        ("q, k and `v`: the heads, float, shape (B, T)", {name: ["BT"] for name in "qkv"}),
        ("    logits (Tensor): raw scores, shape (B, V).", {"logits": ["BV"]}),
        (":param x: a batch (B, D)", {"x": ["BD"]}),
        ("Attention of q: shape (B, T) to k (Tensor): tensor of shape (B, S).",
         {"q": ["BT"], "k": ["BS"]}),
        ("y: shape (N,), (N, V)", {"y": ["N", "NV"]}),
        ("Multiply x by w (D, V)", {"w": ["DV"]}),
        ("Returns:\n    scores of shape (B, S)", {"scores": ["BS"], "": ["BS"]}),
        ("x: what f(x) makes of it", {}),
        ("the a of " * 200 + "!", {}),
    ],
)  # fmt: skip
def test_a_docstring_tells_of_its_arguments(text: str, said: dict[str, list[str]]) -> None:
    assert documented(text) == {n: [tuple(spec) for spec in specs] for n, specs in said.items()}


@pytest.mark.parametrize(
    ("text", "specs"),
    [
        ("Float[Tensor, 'B #T *rest']", [("B", "T", ...)]),
        ("Float[torch.Tensor, 'B T'] | None", [("B", "T")]),
        ("'Int[Tensor, \\'B 3\\']'", [("B", 3)]),
        ("Literal['sum', 'mean']", []),
        ("Tensor", []),
    ],
)
def test_an_annotation_of_jaxtyping(text: str, specs: list[Spec]) -> None:
    assert of_annotation(ast.parse(text, mode="eval").body) == specs


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("B, T, _ = x.shape", ("x", ("B", "T", None))),
        ("B, T = x.size()", ("x", ("B", "T"))),
        ("B, *rest = x.shape", None),
        ("B = x.size(0)", None),
        ("B, T = x.y.shape", None),
    ],
)
def test_an_unpacked_shape(code: str, said: tuple[str, Spec] | None) -> None:
    assert of_unpacking(ast.parse(code).body[0]) == said
