"""What is read of a namespace, and what never is."""

from __future__ import annotations

import weakref
from contextlib import nullcontext
from types import SimpleNamespace

import torch
from torchenstein.live import Runs
from torchenstein.live.channel import Channel
from torchenstein.live.gradients import Gradients
from torchenstein.live.sample import Samples
from torchenstein.live.scalars import Scalar, Unread, scalars


class Elsewhere:
    """A scalar tensor on an accelerator; to read its value is an error here."""

    class Device:
        type = "cuda"

        def __str__(self) -> str:
            return "cuda:0"

    device = property(lambda self: Elsewhere.Device())

    def dim(self) -> int:
        return 0

    def is_floating_point(self) -> bool:
        return True

    def item(self) -> float:
        raise AssertionError("the loop would wait")


def shell(**names: object) -> SimpleNamespace:
    return SimpleNamespace(user_ns=names, user_ns_hidden={})


def test_a_loss_on_an_accelerator_is_named_and_never_read() -> None:
    stub = SimpleNamespace(Tensor=Elsewhere, _C=SimpleNamespace(DisableTorchFunction=nullcontext))
    found = scalars([("loss", Elsewhere()), ("x", Elsewhere())], stub)
    assert found == [Unread("loss", "cuda:0")]


def test_floats_lists_and_scalar_tensors_are_read() -> None:
    names = {
        "loss": torch.tensor(2.0),
        "accuracy": 0.5,
        "losses": [3.0],
        "scores": [1.0, 4.0],
        "x": torch.zeros(3),
        "steps": 7,
    }
    found = scalars(names.items(), torch)
    assert [each for each in found if isinstance(each, Scalar)] == [
        Scalar("loss", "loss", 2.0),
        Scalar("accuracy", "score", 0.5),
        Scalar("scores[-1]", "score", 4.0),
    ]


def test_no_tensor_is_kept() -> None:
    x = torch.ones(3, requires_grad=True)
    before = x.sum()
    learner = shell(x=x, loss=before)
    gradients = Gradients(learner)
    gradients.wanted = True
    gradients.begin()
    samples = Samples(learner, gradients)
    learner.user_ns["loss"] = loss = (2 * x).sum()
    kept = weakref.ref(x), weakref.ref(loss), weakref.ref(before)
    optimizer = torch.optim.SGD([x], lr=0.1)
    for seconds in range(3):
        samples.take(float(seconds), gradients=True)
        loss.backward(retain_graph=True)
        optimizer.step()
    gradients.end()
    assert {key[1] for key in samples.curves} >= {"loss", "gradient"}
    learner.user_ns.clear()
    del x, loss, before, optimizer
    assert [each() for each in kept] == [None, None, None]


def test_what_an_earlier_cell_left_has_no_curve_until_it_changes() -> None:
    left = {"loss": torch.tensor(2.0), "best_loss": 3.0, "losses_seen": [1.0]}
    learner = shell(**left, mean_loss=torch.tensor(1.0))
    samples = Samples(learner, Gradients(learner))
    for seconds in range(2):
        samples.take(float(seconds), gradients=False)
    assert {key[1] for key in samples.curves} <= {"memory"}
    # Bound anew, though to the same value; changed in place; grown.
    learner.user_ns["best_loss"] = float("3")
    learner.user_ns["mean_loss"].add_(1)
    learner.user_ns["losses_seen"].append(float("1.5"))
    samples.take(2.0, gradients=False)
    names = {key[2] for key in samples.curves if key[1] == "loss"}
    assert names == {"best_loss", "mean_loss", "losses_seen[-1]"}


def test_a_kernel_without_subshells_has_no_door() -> None:
    class Old:
        shell_handlers: dict[str, object]

    assert Channel.open(Old(), Runs(shell())) is None
    assert Channel.open(None, Runs(shell())) is None
