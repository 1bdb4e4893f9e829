"""What importing the inspector brings into a kernel: nothing that makes the learner wait."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from torchenstein import inspector


def in_fresh_python(code: str) -> str:
    path = os.pathsep.join([str(Path(inspector.__file__).parents[2]), *sys.path])
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


@pytest.mark.parametrize("unwanted", ["torch", "numpy", "jupyter_server", "tornado", "IPython"])
def test_brings_neither_torch_nor_the_server(unwanted: str) -> None:
    code = "import json, sys, torchenstein.inspector; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(in_fresh_python(code))
    assert "torchenstein.inspector" in loaded
    assert unwanted not in loaded


def test_answers_where_torch_is_half_imported() -> None:
    code = """
import sys, types
sys.modules["torch"] = types.ModuleType("torch")
shell = types.SimpleNamespace(user_ns={"x": 1}, user_ns_hidden={})
sys.modules["IPython"] = types.SimpleNamespace(get_ipython=lambda: shell)
from torchenstein.inspector import reply
print(reply("snapshot").content["message"])
"""
    assert in_fresh_python(code).strip() == "This kernel has not imported torch yet."


def test_version_is_that_of_the_protocol(protocol: dict[str, Any]) -> None:
    for answer in ("Snapshot", "TensorDetail", "Failure"):
        properties = protocol["$defs"][answer]["properties"]
        assert properties["version"] == {"const": inspector.PROTOCOL_VERSION}
