"""One warm worker, and one warm engine, for all proofs of these tests."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from torchgrade.engine.engine import Engine
from torchgrade.verify.pool import Worker
from torchgrade.verify.verify import LessonResult, verify_one

from tests.autograder.verify.small_lesson import SMALL, write

Prove = Callable[..., LessonResult]


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    with Worker(stop_seconds=60) as running:
        yield running


@pytest.fixture
def prove(worker: Worker, tmp_path: Path) -> Prove:
    """Prove a notebook: `prove(notebook, cell_seconds=0.1)`; keywords change the limits.

    Few combinations unless asked for: one test looks at all of them. Without an engine the judge
    is skipped.
    """

    def run(notebook: NotebookNode, engine: Engine | None = None, **limits: Any) -> LessonResult:
        few = {"seeds": (0,), "threads": (1,), "dtypes": ("float32",)}
        bar = replace(SMALL, **{**few, **limits})
        return verify_one(write(notebook, tmp_path), bar, worker, None, lambda text: None, engine)

    return run


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine(unprotected=True) as running:
        yield running
