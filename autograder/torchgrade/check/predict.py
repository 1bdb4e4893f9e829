"""Predict, then run: a question to oneself whose answer is computed, not printed beforehand."""

from typing import Any

import torch

from torchgrade.check.compare import difference, shown


def reveal(prediction: Any, actual: Any) -> None:
    """Compare a prediction with what really happens, and say both.

    Args:
        prediction: the learner's guess; None means that none was made, and nothing is shown.
        actual: what the code gives; a tensor may be predicted as a list of numbers, a
            `torch.Size` as a tuple.
    """
    if prediction is None or prediction is ...:
        print("Write your prediction first; then run this cell again.")
        return
    guess, truth = _comparable(prediction), _comparable(actual)
    if not difference(truth, guess, rtol=1e-3, atol=1e-3):
        print(f"Your prediction holds: {shown(truth)}")
    else:
        print(f"You predicted {shown(guess)}; it is {shown(truth)}. What explains the difference?")


def _comparable(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return _comparable(value.detach().cpu().tolist())
    if isinstance(value, (list, tuple)):
        return tuple(_comparable(item) for item in value)
    return value
