"""Which tensors a snapshot lists, under which names, and what it says of them."""

from __future__ import annotations

import gc
import sys
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.autograd.profiler import profile
from torch.utils._python_dispatch import TorchDispatchMode

Answer = Callable[..., dict[str, Any]]


class Refuse(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise AssertionError(f"{func} ran")


def names(snapshot: dict[str, Any]) -> list[str]:
    return [tensor["name"] for tensor in snapshot["tensors"]]


def only(snapshot: dict[str, Any]) -> dict[str, Any]:
    (tensor,) = snapshot["tensors"]
    assert isinstance(tensor, dict)
    return tensor


def test_plain_names_come_first_in_the_order_they_were_made(answer: Answer) -> None:
    x = torch.zeros(2)
    space = {"z": x, "pair": [torch.ones(1), 3, torch.ones(1)], "a": torch.ones(1), "n": 5}
    assert names(answer(space)) == ["z", "a", "pair[0]", "pair[2]"]


def test_underscored_names_and_the_shells_own_are_left_out(answer: Answer) -> None:
    x = torch.zeros(2)
    assert names(answer({"_": x, "_1": x, "__x": x, "Out": {1: x}, "x": x})) == ["x"]


def test_dict_keys_are_written_as_python_writes_them(answer: Answer) -> None:
    class Key:
        def __repr__(self) -> str:
            raise AssertionError("the repr of a learner's key ran")

    one = torch.zeros(1)
    cache = OrderedDict([("k", one), (7, one), (None, one), (Key(), one), ("x" * 99, one)])
    listed = names(answer({"cache": cache}))
    assert listed[:4] == ["cache['k']", "cache[7]", "cache[None]", "cache[<Key #3>]"]
    assert len(listed[4]) < 80


def test_module_members_have_the_names_of_state_dict(answer: Answer) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    snapshot = answer({"model": model})
    assert names(snapshot) == [f"model.{name}" for name in model.state_dict()]
    assert snapshot["groups"] == [{"name": "model", "type": "module", "found": 7, "omitted": 0}]
    assert [tensor["is_parameter"] for tensor in snapshot["tensors"]] == [True] * 4 + [False] * 3


def test_a_module_that_contains_itself_is_walked_once(answer: Answer) -> None:
    model = torch.nn.Linear(2, 2)
    model._modules["again"] = model
    assert names(answer({"model": model})) == ["model.weight", "model.bias"]


def test_says_shape_type_and_layout_in_memory(answer: Answer) -> None:
    tensor = only(answer({"x": torch.zeros(4, 6, dtype=torch.float16)[1:, ::2].t()}))
    assert tensor == {
        "name": "x",
        "group": None,
        "type": "Tensor",
        "shape": [3, 3],
        "dtype": "float16",
        "device": "cpu",
        "layout": "strided",
        "requires_grad": False,
        "grad": None,
        "is_leaf": True,
        "is_parameter": False,
        "bytes": 18,
        "storage_bytes": 48,
        "contiguous": False,
        "stride": [2, 6],
        "storage_offset": 6,
        "version": 0,
        "relation": "view",
        "view_of": None,
    }


def test_grad_is_set_only_after_backward(answer: Answer) -> None:
    w = torch.ones(2, requires_grad=True)
    loss = (w * 2).sum()
    before = answer({"w": w, "loss": loss})["tensors"]
    assert [(t["grad"], t["is_leaf"], t["requires_grad"]) for t in before] == [
        ("none", True, True),
        (None, False, True),
    ]
    loss.backward()
    assert only(answer({"w": w}))["grad"] == "set"


def test_version_counts_changes_in_place(answer: Answer) -> None:
    x = torch.zeros(2)
    x.add_(1).mul_(2)
    with torch.inference_mode():
        frozen = torch.zeros(2)
    assert [t["version"] for t in answer({"x": x, "frozen": frozen})["tensors"]] == [2, None]


def test_limit_keeps_the_first_and_counts_the_rest(answer: Answer) -> None:
    space: dict[str, Any] = {f"t{i}": torch.zeros(2) for i in range(5)}
    space["more"] = [torch.zeros(2)]
    snapshot = answer(space, limit=3)
    assert names(snapshot) == ["t0", "t1", "t2"]
    assert (snapshot["found"], snapshot["omitted"], snapshot["storage_bytes"]) == (6, 3, 48)
    assert snapshot["groups"] == [{"name": "more", "type": "list", "found": 1, "omitted": 1}]
    assert snapshot["message"] == "3 of 6 tensors are not listed."


def test_one_long_list_does_not_push_others_off(answer: Answer) -> None:
    snapshot = answer({"steps": [torch.zeros(1)] * 900, "last": (torch.zeros(1),)}, limit=200)
    assert names(snapshot)[-1] == "last[0]"
    assert snapshot["groups"][0] == {"name": "steps", "type": "list", "found": 900, "omitted": 800}


def test_a_container_too_long_to_walk_makes_totals_lower_bounds(answer: Answer) -> None:
    assert answer({"numbers": [0.5] * 30_000})["complete"] is True
    snapshot = answer({"steps": [torch.zeros(1)] * 30_000})
    assert (snapshot["complete"], snapshot["found"]) == (False, 10_000)


def test_says_so_while_torch_is_not_imported(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "torch")
    snapshot = answer({"x": torch.zeros(2)})
    assert (snapshot["torch"], snapshot["tensors"]) == (None, [])
    assert snapshot["message"] == "This kernel has not imported torch yet."


def test_says_so_where_there_is_no_tensor(answer: Answer) -> None:
    snapshot = answer({"n": 3})
    assert (snapshot["torch"], snapshot["message"]) == (torch.__version__, "No tensors yet.")


def test_runs_no_operation_of_torch(answer: Answer) -> None:
    base = torch.rand(3, 4, requires_grad=True)
    model = torch.nn.Linear(4, 3)
    space = {"base": base, "row": base[0], "seen": base.detach(), "model": model, "list": [base]}
    with Refuse():
        assert len(answer(space)["tensors"]) == 6
    with profile() as operations:
        answer(space)
    assert [event.name for event in operations.function_events] == []


def test_keeps_no_tensor_alive(answer: Answer) -> None:
    space = {"x": torch.zeros(3)}
    gone = weakref.ref(space["x"])
    gc.disable()
    try:
        answer(space)
        answer(space, "detail", name="x")
        del space["x"]
        assert gone() is None
    finally:
        gc.enable()


def test_leaves_version_grad_flags_and_random_state_alone(answer: Answer) -> None:
    x = torch.rand(300, 300, requires_grad=True)
    view = x.detach()[1:]
    state = torch.get_rng_state()
    answer({"x": x, "view": view})
    for name in ("x", "view"):
        answer({"x": x, "view": view}, "detail", name=name)
    assert torch.equal(torch.get_rng_state(), state)
    assert (x._version, view._version, x.requires_grad, view.requires_grad) == (0, 0, True, False)
    assert x.grad is None
    assert torch.is_grad_enabled()
