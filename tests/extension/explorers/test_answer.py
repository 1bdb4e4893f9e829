"""Explorers opened by the page on tensors of the notebook."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.extension.kernel import Kernel

from .conftest import Explore


@pytest.fixture
def namespace() -> dict[str, Any]:
    x = torch.arange(12.0).view(3, 4)
    w = torch.randn(4, 2, requires_grad=True)
    return {
        "x": x,
        "turned": x.T,
        "copy": x.clone(),
        "w": w,
        "loss": (x @ w).mean(),
        "weights": torch.randn(2, 5, 5).softmax(-1),
        "image": torch.randn(1, 3, 9, 9),
        "model": torch.nn.Conv2d(3, 8, 3),
        "number": torch.tensor(1.0),
        "sparse": torch.eye(3).to_sparse(),
    }


@pytest.mark.parametrize(
    ("explorer", "options"),
    [
        ("strides", {"names": ["x"]}),
        ("attention", {"names": ["weights"]}),
        ("autograd", {"names": ["loss"]}),
        ("broadcast", {"names": ["x", "number"]}),
        ("matmul", {"names": ["x", "w"]}),
        ("einsum", {"names": ["x", "w"], "equation": "ij,jk->ik"}),
        ("einsum", {"names": ["x"], "equation": "ij->j"}),
        ("conv", {"names": ["image", "model.weight"], "stride": 2, "padding": 1, "dilation": 1}),
    ],
)
def test_each_explorer_is_drawn_with_the_notebooks_names(
    explore: Explore, namespace: dict[str, Any], explorer: str, options: dict[str, Any]
) -> None:
    content = explore(namespace, explorer=explorer, **options)
    assert content["kind"] == "exploration", content
    assert content["names"] == options["names"]
    assert all(name in content["title"] for name in options["names"])
    assert "<svg" in content["html"]


def test_strides_brings_the_other_windows_along(
    explore: Explore, namespace: dict[str, Any]
) -> None:
    text = explore(namespace, explorer="strides", names=["x"])["text"]
    assert "turned is a window on the same storage" in text
    assert "copy" not in text


def test_autograd_names_the_leaves(explore: Explore, namespace: dict[str, Any]) -> None:
    assert "w.grad" in explore(namespace, explorer="autograd", names=["loss"])["text"]


def test_a_clash_is_drawn_and_not_refused(explore: Explore, namespace: dict[str, Any]) -> None:
    content = explore(namespace, explorer="matmul", names=["x", "copy"])
    assert "x @ copy.mT would fit" in content["text"]


@pytest.mark.parametrize(
    ("reason", "options"),
    [
        ("gone", {"explorer": "strides", "names": ["nothing"]}),
        ("bad request", {"explorer": "strides"}),
        ("bad request", {"explorer": "strides", "names": []}),
        ("bad request", {"explorer": "strides", "names": "x"}),
        ("bad request", {"explorer": "colours", "names": ["x"]}),
        ("bad request", {"explorer": "matmul", "names": ["x"]}),
        ("bad request", {"explorer": "strides", "names": ["x"], "more": 1}),
        ("bad request", {"explorer": "conv", "names": ["x", "w"], "stride": 0}),
        ("bad request", {"explorer": "einsum", "names": ["x"], "equation": 1}),
        ("cannot be drawn", {"explorer": "attention", "names": ["number"]}),
        ("cannot be drawn", {"explorer": "matmul", "names": ["x", "number"]}),
        ("cannot be drawn", {"explorer": "einsum", "names": ["x"], "equation": "i"}),
        ("cannot be drawn", {"explorer": "conv", "names": ["x", "w"]}),
        ("cannot be drawn", {"explorer": "strides", "names": ["sparse"]}),
    ],
)
def test_what_cannot_be_drawn_has_its_reason(
    explore: Explore, namespace: dict[str, Any], reason: str, options: dict[str, Any]
) -> None:
    content = explore(namespace, **options)
    assert (content["kind"], content["reason"]) == ("failure", reason), content
    assert content["message"].endswith(".")


def test_nothing_of_the_learners_code_runs(explore: Explore) -> None:
    class Loud(torch.Tensor):
        @classmethod
        def __torch_function__(cls, *args: Any, **kwargs: Any) -> Any:
            raise AssertionError("ran the learner's code")

    loud = torch.ones(3, 4).as_subclass(Loud)
    for explorer in ("strides", "attention", "autograd"):
        content = explore({"loud": loud}, explorer=explorer, names=["loud"])
        assert content["kind"] == "exploration", content


def test_in_a_kernel_no_tensor_outlives_its_name() -> None:
    kernel = Kernel()
    try:
        kernel.run("import gc, torch, weakref\nfrom torchenstein import explorers")
        kernel.run("x = torch.ones(3, 3).softmax(-1)\ngone = weakref.ref(x)")
        for name in ("strides", "attention", "autograd"):
            assert kernel.run(f"explorers.{name}(x)")["status"] == "ok"
            call = f'"explore", explorer="{name}", names=["x"]'
            assert kernel.ask(call)["kind"] == "exploration"
        heard = [m for m in kernel.heard() if m["msg_type"] == "execute_result"]
        assert [set(m["content"]["data"]) for m in heard] == [{"text/plain", "text/html"}] * 3
        kernel.run("del x; gc.collect()")
        assert kernel.run("assert gone() is None")["status"] == "ok"
    finally:
        kernel.stop()
