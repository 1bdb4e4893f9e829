"""Counting what came from a process, on kernels that list children and on those that do not."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from torchgrade.engine.sandbox import usage

FAMILY = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"


@pytest.fixture
def family() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", FAMILY], stdin=subprocess.PIPE) as parent:
        yield parent
        parent.communicate(b"\n", timeout=20)


@pytest.mark.parametrize("listed", [True, False])
def test_children_and_their_children_are_found(
    listed: bool, family: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "LISTED", listed and usage.LISTED)
    for _ in range(500):
        found = usage.descendants(os.getpid())
        if family.pid in found and usage.descendants(family.pid):
            return
    pytest.fail(f"{found} lacks the child's child")
