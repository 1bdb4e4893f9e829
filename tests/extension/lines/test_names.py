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
        # Left of the arrow is what came in.
        ("x = torch.ones(2, 3)  # (B, D) -> flat(ter)", None),
        ("x = torch.ones(2, 3)  # (D, B) → (B, D)", ["B", "D"]),
        ("# x: (B, D) -> (D, B)\nx = torch.ones(2, 3)", ["D", "B"]),
        ("x = torch.ones(2, 1, 6)  # (B, T, D) -> (B, T//2, 2*D)", ["B", None, None]),
        ("x: 'Float[Tensor, \"batch d\"]' = torch.ones(2, 3)", ["batch", "d"]),
        ("x = torch.einsum('bi,io->bo', torch.ones(2, 3), torch.ones(3, 4))", ["b", "o"]),
        ("x = torch.einsum('ji,ik', torch.ones(2, 3), torch.ones(3, 4))", ["j", "k"]),
    ],
)
def test_a_line_is_named_by_its_own_text(notebook: Notebook, line: str, dims: Any) -> None:
    assert notebook.lines(line + "\n0")[0]["dims"] == dims


@pytest.mark.parametrize(
    ("said", "dims"),
    [
        ("(B, T, 3*D)", ["B", "T", None]),
        ("(B, H, T, D // H)", ["B", "H", "T", None]),
        ("(B*T, V)", [None, "V"]),
        ("[B, T+1]", ["B", None]),
        ("(B, T-1, D/H)", ["B", None, None]),
        ("(B, N, C * P * P)", ["B", "N", None]),
        ("(B, (T + 1) // 2, D)", ["B", None, "D"]),
        ("(B, the_width_of_the_hidden_layer)", ["B", None]),
        ("(..., 2*D, V)", [None, None, "V"]),
        # The sizes still decide, and words are words.
        ("(B, 7, 3*D)", None),
        ("(B, B, 3*D)", None),
        ("(pre-softmax, masked)", None),
        ("(train/test, split)", None),
        ("[i, i+1)", None),
        ("(" + "a*" * 2000, None),
        ("(" + "a," * 2000, None),
    ],
)
def test_a_computed_dimension_leaves_the_others_their_names(
    notebook: Notebook, said: str, dims: Any
) -> None:
    shape = ", ".join("23456"[: len(dims or said.split(","))])
    # An ellipsis stands for one dimension here.
    assert notebook.lines(f"x = torch.ones({shape})  # {said}\n0")[0]["dims"] == dims


EINOPS = """
class einops:
    einsum = lambda *tensors: torch.ones(2)
    rearrange = lambda x, pattern, **sizes: x.reshape(2, -1)
    reduce = lambda x, pattern, how: x.sum(-1)
    repeat = lambda x, pattern, **sizes: torch.ones(4, 2, 3)
x, w = torch.ones(2, 3), torch.ones(3)
"""


@pytest.mark.parametrize(
    ("value", "dims"),
    [
        ("einops.einsum(x, w, 'batch i, i -> batch')", ["batch"]),
        ("einops.einsum(x, w, 'b i, i -> b')", ["b"]),
        ("einops.einsum(x, w, 'batch i, i')", None),
        ("einops.rearrange(x, 'b (h d) -> (b) (h d)', h=1)", None),
        ("einops.rearrange(x, 'batch i -> batch i')", ["batch", "i"]),
        ("einops.rearrange(x, 'batch i -> batch(i)')", ["batch", None]),
        ("einops.reduce(x, 'batch i -> batch', 'sum')", ["batch"]),
        ("einops.repeat(x, 'batch i -> copies batch i', copies=4)", ["copies", "batch", "i"]),
        ("einops.repeat(x, 'batch i -> 5 batch i', copies=4)", None),
        # torch reads letters, however they are spaced.
        ("torch.einsum('bi, i -> b', x, w)", ["b"]),
        ("torch.einsum('b i, i -> bi', x, w)", ["b", "i"]),
    ],
)
def test_a_pattern_of_einops_is_made_of_words(notebook: Notebook, value: str, dims: Any) -> None:
    named = {n["name"]: n["dims"] for n in notebook.lines(EINOPS + f"y = {value}\n0")}
    assert named["y"] == dims


@pytest.mark.parametrize(
    ("value", "dims"),
    [
        ("torch.einsum('bi,io->bo', x, w) + c", ["b", "o"]),
        ("0.5 * torch.einsum('bi,io->bo', x, w)", ["b", "o"]),
        ("-torch.einsum('bi,io->bo', x, w)", ["b", "o"]),
        ("torch.relu(torch.einsum('bi,io->bo', x, w))", ["b", "o"]),
        ("torch.einsum('bi,io->bo', x, w).softmax(-1)", ["b", "o"]),
        ("torch.einsum('bi->b', x) + torch.einsum('bj->b', x)", ["b"]),
        # What is not sure.
        ("torch.einsum('bi,io->bo', x, w) @ c", None),
        ("torch.einsum('bi,io->bo', x, w).T", None),
        ("torch.einsum('bi,io->bo', x, w).sum(0)", None),
        ("torch.einsum('i,j->ij', c, c) + torch.einsum('kl->kl', v)", None),
        ("torch.einsum('i->i', c) + v", None),
    ],
)
def test_a_pattern_is_seen_within_an_operation_element_by_element(
    notebook: Notebook, value: str, dims: Any
) -> None:
    source = "x, w, c = torch.ones(2, 3), torch.ones(3, 4), torch.ones(4)\nv = torch.ones(4, 4)\n"
    named = {n["name"]: n["dims"] for n in notebook.lines(source + f"y = {value}\n0")}
    assert named["y"] == dims


def test_a_pattern_names_what_it_takes(notebook: Notebook) -> None:
    source = '''
def attend(q, k, v):
    """v: (B, S, D)"""
    v = v * 1
    s = torch.einsum('btd,bsd->bts', q, k) / 2
    return torch.einsum('bts,bsd->btd', s, v)
attend(torch.ones(2, 3, 4), torch.ones(2, 5, 4), torch.ones(2, 5, 4))
a = torch.ones(2, 3)
a = rearrange(a, 'rows columns -> rows columns')
b = torch.ones(2, 3)
b = b.T
c = torch.ones(2, 2, 2)
d = torch.ones(2, 2)
e = torch.einsum('xy,yz->xz', b, d.T)
if 0: c = torch.einsum('pq->p', c)
f = torch.einsum('ij,jk,kl->il', *[b, d.T], d)
'''
    notebook.run("def rearrange(x, pattern): return x * 1")
    dims = [(n["name"], n["dims"]) for n in notebook.lines(source)]
    assert dims == [
        ("q", ["b", "t", "d"]),
        ("k", ["b", "s", "d"]),
        # Its docstring goes before.
        ("v", ["B", "S", "D"]),
        ("v", ["B", "S", "D"]),
        ("s", ["b", "t", "s"]),
        (None, ["b", "t", "d"]),
        ("a", ["rows", "columns"]),
        ("a", ["rows", "columns"]),
        # It was another one then.
        ("b", None),
        ("b", ["x", "y"]),
        ("c", None),
        ("d", None),
        ("e", ["x", "z"]),
        ("f", ["i", "l"]),
    ]


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
