"""What a check catches in the learner's function is explained like what ends a cell."""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest
import torch
from torchenstein import inspector
from torchenstein.inspector import caught

from tests.extension.explain.conftest import Answer, Shell

TOLD = "it raised RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x2 and 1x2)"
ANSWER = "def scale(x, s):\n    turned = s.reshape(1, -1)\n    return x @ turned"
CHECK = (
    "test = exercise('scale')\n"
    "test.on(torch.ones(2, 2), torch.ones(2)).gives(torch.ones(2, 2))\n"
    "test.grade()"
)


@pytest.fixture
def ask(valid: Answer) -> Answer:
    return lambda kind, **options: valid(inspector.reply(kind, **options))


@pytest.fixture(autouse=True)
def _nobody_else_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    from torchgrade.check import observe

    monkeypatch.setattr(observe, "listeners", [])
    monkeypatch.setattr(caught, "_caught", caught.Caught())


def test_the_operation_of_a_checked_function_is_explained(shell: Shell, ask: Answer) -> None:
    assert shell.run("from torchgrade import exercise") is None
    ask("explain")
    assert shell.more(ANSWER) is None
    assert shell.more(CHECK) is None
    answer = ask("explain", raised=TOLD)
    assert answer["kind"] == "explanation"
    assert answer["expression"] == "x @ turned"
    assert [operand["shape"] for operand in answer["operands"]] == [[2, 2], [1, 2]]
    assert answer["function"] == "scale"
    assert answer["place"]["line"] == 3


def test_only_the_errors_of_the_last_cell_are_known(shell: Shell, ask: Answer) -> None:
    shell.run("from torchgrade import exercise")
    ask("explain")
    shell.more(ANSWER)
    shell.more(CHECK)
    assert ask("explain", raised="it raised ValueError: no")["reason"] == "no explanation"
    shell.more(ANSWER.replace("return x", "return 2 * x"))
    shell.more(CHECK)
    assert ask("explain", raised=TOLD)["expression"] == "2 * x @ turned"
    shell.more(ANSWER.replace("x @ turned", "1 / 0"))
    shell.more(CHECK)
    assert ask("explain", raised=TOLD)["reason"] == "no explanation"


def test_nothing_of_the_call_is_kept(shell: Shell, ask: Answer) -> None:
    shell.run("from torchgrade import exercise")
    ask("explain")
    shell.more("import weakref\nseen = []")
    shell.more(ANSWER.replace("    turned", "    seen.append(weakref.ref(s))\n    turned"))
    gc.collect()
    gc.disable()
    try:
        shell.more(CHECK)
        assert ask("explain", raised=TOLD)["kind"] == "explanation"
        assert [found() for found in shell.ipython.user_ns["seen"]] == [None]
    finally:
        gc.enable()


def test_a_kernel_without_torchgrade_has_nobody_to_listen_to(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "torchgrade.check.observe")
    shell.run("x = torch.ones(2)")
    assert inspector.reply("explain", raised=TOLD).content["reason"] == "no explanation"


@pytest.mark.parametrize("raised", [3, ["text"], torch.float32])
def test_a_bad_request_is_told(shell: Shell, raised: Any) -> None:
    assert inspector.reply("explain", raised=raised).content["reason"] == "bad request"
