"""The page's own door where there is nothing to explain."""

from __future__ import annotations

import sys

import pytest
from torchenstein import inspector

from .conftest import Answer, Shell


def test_before_anything_failed(
    shell: Shell, valid: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run("torch.ones(2)")
    for name in ("last_value", "last_exc"):
        monkeypatch.delattr(sys, name, raising=False)
    assert valid(inspector.reply("explain"))["reason"] == "nothing failed"


def test_an_error_that_is_not_torchs(shell: Shell, valid: Answer) -> None:
    shell.run("1 / 0")
    content = valid(inspector.reply("explain"))
    assert content["reason"] == "no explanation"
    assert "ZeroDivisionError" in content["message"]


def test_takes_no_options(shell: Shell, valid: Answer) -> None:
    shell.run("1 / 0")
    assert valid(inspector.reply("explain", limit=3))["reason"] == "bad request"
