"""Probes stand alone: they must run where the notebook's names do not exist."""

import math
from typing import Any

import pytest
import torch
from torchgrade import exercise, probe
from torchgrade.check.probe import ImpureProbe

HELPER = 3


def test_a_probe_may_use_builtins_modules_and_its_inputs() -> None:
    def look(subject: Any, x: torch.Tensor) -> list[float]:
        from collections import Counter

        return [float(len(Counter(subject(x).tolist()))), math.pi, torch.pi]

    assert probe(look) is look


def test_a_notebook_s_name_is_refused_by_name() -> None:
    with pytest.raises(ImpureProbe, match="uses the notebook's HELPER"):
        probe(lambda subject: subject(HELPER))


def test_a_name_deep_inside_is_found() -> None:
    def look(subject: Any) -> list[int]:
        return [(lambda: one + HELPER)() for one in range(2)]

    with pytest.raises(ImpureProbe, match="HELPER"):
        probe(look)


def test_an_enclosing_variable_is_refused() -> None:
    secret = torch.ones(3)
    with pytest.raises(ImpureProbe, match="uses the enclosing secret; pass it as an input"):
        probe(lambda subject: subject(secret))


@pytest.mark.parametrize("thing", [len, torch.softmax, torch.nn.ReLU, 3])
def test_only_functions_written_here_are_probes(thing: Any) -> None:
    with pytest.raises(ImpureProbe, match="written with def or lambda"):
        probe(thing)


def test_an_exercise_refuses_an_impure_probe_at_once() -> None:
    with pytest.raises(ImpureProbe):
        exercise("f").via(lambda subject: HELPER)


def test_a_probe_looks_at_what_a_call_cannot() -> None:
    def calls(subject: Any, times: int) -> int:
        heard: list[int] = []
        subject(heard.append, times)
        return len(heard)

    def repeat(callback: Any, times: int) -> None:
        for step in range(times):
            callback(step)

    test = exercise("repeat", {}).via(calls).on(3).gives(3)
    assert test.run(repeat).passed
    assert not test.run(lambda callback, times: None).passed
    assert test.checks[0].title == "calls(3)"


def test_a_probe_made_where_no_module_has_a_name_is_checked_too() -> None:
    made: dict[str, Any] = {"probe": probe, "factor": 2}
    exec("alone = probe(lambda subject, x: subject(x))", made)
    with pytest.raises(ImpureProbe, match="factor"):
        exec("probe(lambda subject, x: subject(x) * factor)", made)
