"""Every answer in these tests comes by the page's own door and is held against protocol.json."""

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

Answer = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def protocol() -> dict[str, Any]:
    source = Path(inspector.__file__).parents[1] / "protocol.json"
    schema: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return schema


@pytest.fixture(scope="session")
def valid(protocol: dict[str, Any]) -> Answer:
    """The content of a reply as the page receives it, after it was found valid."""
    validator = Draft202012Validator(protocol)

    def check(reply: inspector.Reply) -> dict[str, Any]:
        bundle = reply._repr_mimebundle_()
        assert list(bundle) == ["application/json"]
        text = json.dumps(bundle["application/json"], allow_nan=False, ensure_ascii=False)
        content: dict[str, Any] = json.loads(text.encode("utf-8"))
        validator.validate(content)
        return content

    return check


@pytest.fixture(scope="session")
def answer(valid: Answer) -> Iterator[Answer]:
    """`answer(namespace, kind, **options)`: what the page gets from a shell with these names."""
    patch = pytest.MonkeyPatch()

    def ask(namespace: dict[str, Any], kind: str = "snapshot", **options: Any) -> dict[str, Any]:
        hidden = {"Out": namespace.get("Out"), "exit": namespace.get("exit")}
        shell = SimpleNamespace(user_ns=namespace, user_ns_hidden=hidden)
        patch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
        try:
            return valid(inspector.reply(kind, **options))
        finally:
            patch.undo()

    yield ask
    patch.undo()
