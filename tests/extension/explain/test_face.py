"""The page's own door: `reply("explain")`, held against protocol.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from torchenstein import inspector

from .conftest import Shell
from .corpus import Entry, entries, title


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    source = Path(inspector.__file__).parents[1] / "protocol.json"
    return Draft202012Validator(json.loads(source.read_text(encoding="utf-8")))


@pytest.mark.parametrize("entry", entries("snippet"), ids=title)
def test_the_answer_is_of_the_protocol(
    shell: Shell, validator: Draft202012Validator, entry: Entry
) -> None:
    shell.run(*entry["cells"])
    content = _content(inspector.reply("explain"))
    validator.validate(content)
    assert content["kind"] == "explanation"
    assert content["drawing"] in content["text"]
    for dimension in content["clash"]["dimensions"] if content["clash"] else []:
        shape = content["operands"][dimension["operand"]]["shape"]
        assert 0 <= dimension["axis"] < len(shape)


def test_before_anything_failed(
    shell: Shell, validator: Draft202012Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run("torch.ones(2)")
    for name in ("last_value", "last_exc"):
        monkeypatch.delattr(sys, name, raising=False)
    content = _content(inspector.reply("explain"))
    validator.validate(content)
    assert content["reason"] == "nothing failed"


def test_an_error_that_is_not_torchs(shell: Shell, validator: Draft202012Validator) -> None:
    shell.run("1 / 0")
    content = _content(inspector.reply("explain"))
    validator.validate(content)
    assert content["reason"] == "no explanation"
    assert "ZeroDivisionError" in content["message"]


def test_takes_no_options(shell: Shell) -> None:
    assert _content(inspector.reply("explain", limit=3))["reason"] == "bad request"


def _content(reply: inspector.Reply) -> dict[str, Any]:
    text = json.dumps(reply._repr_mimebundle_()["application/json"], allow_nan=False)
    content: dict[str, Any] = json.loads(text)
    return content
