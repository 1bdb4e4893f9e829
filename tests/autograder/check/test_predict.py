"""Predict, then run."""

from typing import Any

import pytest
import torch
from torchgrade import reveal


def said(capsys: pytest.CaptureFixture[str], prediction: Any, actual: Any) -> str:
    reveal(prediction, actual)
    return capsys.readouterr().out


@pytest.mark.parametrize("nothing", [None, ...])
def test_without_a_prediction_nothing_is_given_away(
    capsys: pytest.CaptureFixture[str], nothing: Any
) -> None:
    assert said(capsys, nothing, 12345) == (
        "Write your prediction first; then run this cell again.\n"
    )


@pytest.mark.parametrize(
    ("prediction", "actual"),
    [
        (6, torch.tensor(6.0)),
        ([1, 2], torch.tensor([1.0, 2.0])),
        ([2, 3], torch.zeros(2, 3).shape),
        ((2, 3), torch.zeros(2, 3).shape),
        (0.333, 1 / 3),
        ("float32", "float32"),
        (torch.float32, torch.zeros(1).dtype),
        (True, True),
    ],
)
def test_a_prediction_that_holds(
    capsys: pytest.CaptureFixture[str], prediction: Any, actual: Any
) -> None:
    assert said(capsys, prediction, actual).startswith("Your prediction holds: ")


def test_a_prediction_that_does_not_hold_asks_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, (2, 3), torch.zeros(3, 2).shape) == (
        "You predicted (2, 3); it is (3, 2). What explains the difference?\n"
    )


def test_a_truth_value_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, 1, True).startswith("You predicted 1; it is True.")
