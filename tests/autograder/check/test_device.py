"""The one place that decides on a device, a seed and a dtype."""

import pytest
import torch
from torchgrade import device
from torchgrade.check.device import default_dtype, seed, supports


def test_the_environment_overrides_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHGRADE_DEVICE", "cpu")
    assert device() == torch.device("cpu")


@pytest.mark.parametrize("value", ["", "auto", " auto "])
def test_auto_prefers_what_torch_reports(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TORCHGRADE_DEVICE", value)
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: torch.device("xpu"))
    assert device() == torch.device("xpu")


def test_without_an_accelerator_it_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCHGRADE_DEVICE", raising=False)
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    assert device() == torch.device("cpu")


@pytest.mark.parametrize("value", ["banana", "cuda:x", "gpu"])
def test_a_name_that_torch_does_not_know_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TORCHGRADE_DEVICE", value)
    with pytest.raises(ValueError, match="names no device of torch; try cpu"):
        device()


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHGRADE_DEVICE", "cuda")
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    with pytest.raises(ValueError, match="torch finds no cuda device here"):
        device()


def test_the_seed_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHGRADE_SEED", "7")
    assert seed() == 7
    monkeypatch.delenv("TORCHGRADE_SEED")
    assert seed() == 0
    monkeypatch.setenv("TORCHGRADE_SEED", "lucky")
    with pytest.raises(ValueError, match="TORCHGRADE_SEED='lucky' is no whole number"):
        seed()


def test_the_dtype_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHGRADE_DTYPE", "float64")
    assert default_dtype() is torch.float64
    monkeypatch.delenv("TORCHGRADE_DTYPE")
    assert default_dtype() is torch.get_default_dtype()


@pytest.mark.parametrize("value", ["float31", "nn", "Tensor"])
def test_a_dtype_that_torch_does_not_know_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TORCHGRADE_DTYPE", value)
    with pytest.raises(ValueError, match="names no dtype of torch"):
        default_dtype()


def test_what_a_device_supports_is_tried() -> None:
    assert supports(torch.float64, torch.device("cpu"))
