"""Objects that lie, raise or would stop the kernel: none of them stops the inspector."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch._subclasses import FakeTensorMode
from torchenstein import inspector

Answer = Callable[..., dict[str, Any]]


def explode(*arguments: Any, **options: Any) -> Any:
    raise SystemExit


class Explosive:
    """Raises at every touch, SystemExit where Python lets it."""

    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)

    def __repr__(self) -> str:
        raise SystemExit

    def __eq__(self, other: object) -> bool:
        raise SystemExit

    def __hash__(self) -> int:
        raise SystemExit

    def __bool__(self) -> bool:
        raise SystemExit

    def __len__(self) -> int:
        raise SystemExit


class ExplosiveTensor(torch.Tensor):
    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)

    __repr__: Any = explode

    def __getitem__(self, index: Any) -> Any:
        raise SystemExit

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise SystemExit


class InterceptingTensor(torch.Tensor):
    """Its own attribute access is in order: torch would find and call its `__torch_function__`."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise SystemExit


class ExplosiveModule(torch.nn.Module):
    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)


class ExplosiveList(list[Any]):
    def __iter__(self) -> Any:
        raise SystemExit

    def __len__(self) -> int:
        raise SystemExit


class ExplosiveDict(dict[Any, Any]):
    def items(self) -> Any:
        raise SystemExit

    def __iter__(self) -> Any:
        raise SystemExit


class OwnNames(type):
    """A metaclass whose classes refuse to be hashed, compared or named."""

    def __hash__(cls) -> int:
        raise SystemExit

    def __eq__(cls, other: object) -> bool:
        raise SystemExit

    def __getattribute__(cls, name: str) -> Any:
        raise SystemExit(name)


class Mocked:
    """Claims to be a tensor."""

    __class__: Any = torch.Tensor


def test_objects_that_raise_at_every_touch_do_not_hide_the_tensors(answer: Answer) -> None:
    plain = torch.zeros(2)
    space = {
        "bomb": Explosive(),
        "mock": Mocked(),
        "strange": type.__call__(OwnNames("Strange", (), {})),
        "tensor": torch.ones(3).as_subclass(ExplosiveTensor),
        "module": ExplosiveModule.__new__(ExplosiveModule),
        "list": ExplosiveList([plain]),
        "dict": ExplosiveDict({Explosive: plain}),
        "plain": plain,
    }
    listed = {t["name"]: t for t in answer(space)["tensors"]}
    assert list(listed) == ["tensor", "plain", "list[0]", "dict[<type #0>]"]
    assert (listed["tensor"]["type"], listed["tensor"]["shape"]) == ("ExplosiveTensor", [3])
    opened = answer(space, "detail", name="tensor")
    assert (opened["values"], opened["statistics"]["mean"]) == (["1", "1", "1"], 1.0)


def test_a_subclass_does_not_intercept_the_reading(answer: Answer) -> None:
    space = {"x": torch.ones(3).as_subclass(InterceptingTensor)}
    (listed,) = answer(space)["tensors"]
    # as_subclass makes a view, here of a tensor without a name.
    assert (listed["shape"], listed["storage_bytes"], listed["relation"]) == ([3], 12, "view")
    assert answer(space, "detail", name="x")["values"] == ["1", "1", "1"]


def test_memory_that_cannot_be_seen_makes_totals_lower_bounds(answer: Answer) -> None:
    snapshot = answer({"hidden": torch.zeros(3).to_mkldnn(), "seen": torch.zeros(3)})
    assert (snapshot["complete"], snapshot["storage_bytes"]) == (False, 12)
    assert [t["relation"] for t in snapshot["tensors"]] == ["unknown", "owns"]


def test_names_that_utf8_cannot_carry_are_escaped(answer: Answer) -> None:
    odd = "\ud800x"
    (tensor,) = answer({odd: torch.zeros(1), 7: torch.zeros(1)})["tensors"]
    assert tensor["name"] == "\\ud800x"
    assert answer({odd: torch.zeros(1)}, "detail", name=tensor["name"])["kind"] == "detail"


def exotic() -> dict[str, tuple[torch.Tensor, str]]:
    """Tensors without plain memory or elements, and a word of what their detail must note."""
    with warnings.catch_warnings():
        # Torch calls these layouts beta.
        warnings.simplefilter("ignore")
        parts = [torch.zeros(2, 3), torch.zeros(4, 3)]
        emptied = torch.zeros(10)
        emptied.untyped_storage().resize_(0)
        with FakeTensorMode():
            fake = torch.zeros(3, 4)
        wide = torch.sparse_coo_tensor(
            torch.tensor([[0, 5], [1, 6]]), torch.tensor([1.0, 2.0]), (10**6, 10**6)
        )
        return {
            "meta": (torch.zeros(3, device="meta"), "no elements"),
            "fake": (fake, "keeps its elements"),
            "csr": (torch.eye(3).to_sparse_csr(), ""),
            "wide": (wide, "stored elements"),
            "jagged": (torch.nested.nested_tensor(parts, layout=torch.jagged), "stored elements"),
            "nested": (torch.nested.nested_tensor(parts), "stored elements"),
            "quantised": (torch.quantize_per_tensor(torch.ones(3), 0.5, 0, torch.quint8), ""),
            "lazy": (torch.nn.LazyLinear(3).weight, "first forward pass"),
            "mkldnn": (torch.zeros(3).to_mkldnn(), ""),
            "released": (emptied, "released"),
        }


@pytest.mark.parametrize("kind", list(exotic()))
def test_exotic_tensors_are_listed_and_opened_as_far_as_they_go(answer: Answer, kind: str) -> None:
    tensor, note = exotic()[kind]
    (listed,) = answer({"x": tensor})["tensors"]
    assert listed["dtype"] in ("float32", "quint8")
    opened = answer({"x": tensor}, "detail", name="x")
    assert note in " ".join(opened["notes"])
    assert (opened["statistics"] is None) == (note not in ("", "stored elements"))


def test_a_default_device_or_open_mode_of_the_learner_changes_nothing(answer: Answer) -> None:
    space = {"x": torch.arange(6.0).reshape(2, 3)}
    expected = answer(space, "detail", name="x")
    with torch.device("meta"), FakeTensorMode(), torch.inference_mode():
        assert answer(space, "detail", name="x") == expected


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("guess", {}),
        ([], {}),
        ("snapshot", {"limit": -1}),
        ("snapshot", {"limit": True}),
        ("snapshot", {"size": 3}),
        ("detail", {}),
        ("detail", {"name": 3}),
        ("detail", {"name": "x", "max_cells": 0}),
        ("detail", {"name": "x", "index": ["0"]}),
    ],
)
def test_a_request_outside_the_protocol_is_answered_with_what_is_wrong(
    answer: Answer, kind: Any, options: dict[str, Any]
) -> None:
    failed = answer({"x": torch.zeros(2)}, kind, **options)
    assert (failed["kind"], failed["reason"]) == ("failure", "bad request")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, MemoryError, RecursionError])
def test_an_interruption_becomes_an_answer(
    valid: Answer, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    def interrupted() -> None:
        raise interruption

    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=interrupted))
    failed = valid(inspector.reply("snapshot"))
    assert (failed["reason"], failed["message"]) == (
        "error",
        f"The inspector stopped: {interruption.__name__}.",
    )


def test_outside_ipython_there_is_nothing_to_look_at(
    valid: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert valid(inspector.reply("snapshot"))["reason"] == "no namespace"
