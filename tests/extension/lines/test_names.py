"""Dimension names, from what the code says."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Notebook


@pytest.mark.parametrize(
    ("line", "dims"),
    [
        ("x = torch.ones(2, 3)  # (B, D)", ["B", "D"]),
        ("x = torch.ones(2, 3)  # [B, D] as it was", ["B", "D"]),
        ("x = torch.ones(3, 2).T  # (D, B) -> (B, D)", ["B", "D"]),
        ("x = torch.ones(2, 3)  # (B, 3)", ["B", None]),
        ("x = torch.ones(2, 3)  # (B, 4)", None),
        ("x = torch.ones(2, 3)  # (B, T, D)", None),
        ("x = torch.ones(2, 3)  # (B, B)", None),
        ("x = torch.ones(4, 2, 3)  # (..., D)", [None, None, "D"]),
        ("x = torch.ones(3)  # (D,)", ["D"]),
        ("x = torch.ones(3)  # (why)", None),
        ("x = torch.ones(2, 3)  # (B, D) = (2, 3)", ["B", "D"]),
        ("x: 'Float[Tensor, \"batch d\"]' = torch.ones(2, 3)", ["batch", "d"]),
        ("x = torch.einsum('bi,io->bo', torch.ones(2, 3), torch.ones(3, 4))", ["b", "o"]),
        ("x = torch.einsum('ji,ik', torch.ones(2, 3), torch.ones(3, 4))", ["j", "k"]),
    ],
)
def test_a_line_is_named_by_its_own_text(notebook: Notebook, line: str, dims: Any) -> None:
    assert notebook.lines(line + "\n0")[0]["dims"] == dims


def test_a_comment_beside_the_arguments_names_them(notebook: Notebook) -> None:
    source = """
def score(
    q,  # q: (B, T, D)
    k,
):  # k: (B, S, D)
    z = q @ k.mT
    w = z * 1  # k: (S, D, B)
score(torch.ones(2, 3, 4), torch.ones(2, 5, 4))
def total(x): x.sum()  # x: (D, B)
total(torch.ones(2, 3))
"""
    dims = {n["name"]: n["dims"] for n in notebook.lines(source) if n["name"] in list("qkzx")}
    assert dims == {"q": ["B", "T", "D"], "k": ["B", "S", "D"], "z": None, "x": None}


def test_a_comment_of_its_own_line_names_what_it_speaks_of(notebook: Notebook) -> None:
    source = """
class Head(torch.nn.Module):
    def forward(self, x, y):
        # x: (B, T, D), as it came
        # y is (B, D)
        # z: (D, B)
        z = y.T
        # (B, T, D)
        w = x * 1
        # x: (B, T, D)
        v = y * 1
        return v
Head()(torch.ones(2, 3, 4), torch.ones(2, 4))
"""
    dims = {n["name"]: n["dims"] for n in notebook.lines(source)}
    assert dims == {
        "x": ["B", "T", "D"],
        "y": ["B", "D"],
        "z": ["D", "B"],
        "w": None,
        "v": None,
        None: None,
    }


def test_a_function_is_named_by_its_docstring_and_annotations(notebook: Notebook) -> None:
    source = '''
def rearrange(x, pattern):
    return x.reshape(2, -1)
def attend(q, k, v: 'Float[Tensor, "B S D"]'):
    """Attention of q: shape (B, T, D) to k (Tensor): tensor of shape (B, S, D).

    Returns:
        scores of shape (B, T, S)
    """
    q = q * 2
    q = q.transpose(1, 2)
    h = rearrange(v, "b s d -> b (s d)")
    return q.transpose(1, 2) @ k.transpose(1, 2)
y, z = attend(torch.ones(2, 3, 4), torch.ones(2, 5, 4), torch.ones(2, 5, 4)), 0  # (B, T, S)
'''
    dims = [(n["line"], n["name"], n["dims"]) for n in notebook.lines(source)]
    assert dims[2:] == [
        (3, "q", ["B", "T", "D"]),
        (3, "k", ["B", "S", "D"]),
        (3, "v", ["B", "S", "D"]),
        (9, "q", ["B", "T", "D"]),
        (10, "q", None),
        (11, "h", ["b", None]),
        (12, None, ["B", "T", "S"]),
        (13, "y", ["B", "T", "S"]),
    ]
