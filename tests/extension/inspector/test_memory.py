"""Which tensors share memory, who owns it, and that all of it is counted once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

Answer = Callable[..., dict[str, Any]]


def ties(snapshot: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {t["name"]: (t["relation"], t["view_of"]) for t in snapshot["tensors"]}


def test_a_second_name_a_view_and_a_copy_differ(answer: Answer) -> None:
    k = torch.rand(4, 2)
    snapshot = answer({"k": k, "v": k, "row": k[0], "flat": k.detach(), "copy": k.clone()})
    assert ties(snapshot) == {
        "k": ("owns", None),
        "v": ("same object", "k"),
        "row": ("view", "k"),
        "flat": ("view", "k"),
        "copy": ("owns", None),
    }
    assert snapshot["storage_bytes"] == 2 * 32
    assert snapshot["devices"] == [{"device": "cpu", "bytes": 64}]


def test_the_base_owns_even_if_its_name_is_younger(answer: Answer) -> None:
    base = torch.rand(4)
    assert ties(answer({"view": base[1:], "base": base})) == {
        "view": ("view", "base"),
        "base": ("owns", None),
    }


def test_a_view_of_a_base_without_a_name_says_view_of_nothing(answer: Answer) -> None:
    column = torch.rand(4, 4)[:, 0]
    snapshot = answer({"column": column, "half": column[:2]})
    assert ties(snapshot) == {"column": ("view", None), "half": ("view", "column")}
    assert snapshot["tensors"][0]["bytes"] == 16
    assert snapshot["tensors"][0]["storage_bytes"] == snapshot["storage_bytes"] == 64


def test_an_expanded_tensor_shows_more_than_it_holds(answer: Answer) -> None:
    (wide,) = answer({"wide": torch.zeros(1, 3).expand(1000, 3)})["tensors"]
    assert (wide["bytes"], wide["storage_bytes"], wide["stride"]) == (12_000, 12, [0, 1])


def test_two_tensors_over_one_array_share_its_memory(answer: Answer) -> None:
    array = np.zeros(10, dtype=np.float32)
    snapshot = answer({"all": torch.from_numpy(array), "tail": torch.from_numpy(array[4:])})
    assert ties(snapshot)["tail"] == ("view", "all")
    assert snapshot["storage_bytes"] == 40


def test_tied_weights_count_once(answer: Answer) -> None:
    one, two = torch.nn.Linear(3, 3, bias=False), torch.nn.Linear(3, 3, bias=False)
    two.weight = one.weight
    snapshot = answer({"one": one, "two": two})
    assert ties(snapshot)["two.weight"] == ("same object", "one.weight")
    assert snapshot["storage_bytes"] == 36


def test_empty_tensors_share_nothing_unless_they_share_a_storage(answer: Answer) -> None:
    empty = torch.empty(0)
    snapshot = answer({"a": empty, "b": torch.empty(0), "c": empty[:0]})
    assert ties(snapshot) == {"a": ("owns", None), "b": ("owns", None), "c": ("view", "a")}
    assert (snapshot["storage_bytes"], snapshot["devices"]) == (0, [])


def test_meta_tensors_hold_no_memory_and_still_know_their_base(answer: Answer) -> None:
    big = torch.empty(10**6, 10**6, device="meta")
    snapshot = answer({"big": big, "row": big[0], "other": torch.empty(3, device="meta")})
    assert ties(snapshot)["row"] == ("view", "big")
    assert ties(snapshot)["other"] == ("owns", None)
    assert [t["storage_bytes"] for t in snapshot["tensors"]] == [0, 0, 0]
    assert snapshot["tensors"][0]["bytes"] == 4 * 10**12
    assert (snapshot["storage_bytes"], snapshot["complete"]) == (0, True)


def test_a_sparse_tensor_counts_its_indices_and_values(answer: Answer) -> None:
    sparse = torch.eye(5).to_sparse()
    snapshot = answer({"sparse": sparse, "values": sparse._values()})
    assert snapshot["tensors"][0]["bytes"] == 5 * 4 + 2 * 5 * 8
    assert snapshot["storage_bytes"] == snapshot["tensors"][0]["storage_bytes"]
    assert {"sparse": ties(snapshot)["sparse"][0], "values": ties(snapshot)["values"][0]} == {
        "sparse": "owns",
        "values": "view",
    }
