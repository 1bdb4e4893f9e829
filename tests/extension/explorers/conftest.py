"""Answers to the page come by its own door and are held against protocol.json."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from torchenstein import inspector

Explore = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def explore() -> Iterator[Explore]:
    """`explore(namespace, **options)`: what the page gets from a shell with these names."""
    source = Path(inspector.__file__).parents[1] / "protocol.json"
    validator = Draft202012Validator(json.loads(source.read_text(encoding="utf-8")))
    patch = pytest.MonkeyPatch()

    def ask(namespace: dict[str, Any], **options: Any) -> dict[str, Any]:
        shell = SimpleNamespace(user_ns=namespace, user_ns_hidden={})
        patch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
        try:
            reply = inspector.reply("explore", **options).content
        finally:
            patch.undo()
        content: dict[str, Any] = json.loads(json.dumps(reply, allow_nan=False))
        validator.validate(content)
        return content

    yield ask
    patch.undo()
