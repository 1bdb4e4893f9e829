"""The worker: what one lesson does to its process costs only that lesson."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from nbformat import NotebookNode
from torchgrade.verify import pool
from torchgrade.verify.limits import Limits
from torchgrade.verify.pool import Worker
from torchgrade.verify.verify import LessonResult, accelerator, verify_one

from tests.autograder.verify.small_lesson import SMALL, cell, code, small_lesson, write

Prove = Callable[..., LessonResult]


def with_cell(source: str) -> NotebookNode:
    notebook = small_lesson()
    notebook.cells.append(code("last", source))
    return notebook


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "its process died (SIGSEGV)"),
        ("import os\nos._exit(3)", "its process ended with 3"),
    ],
)
def test_a_process_that_dies_is_told_and_the_next_lesson_runs(
    prove: Prove, source: str, how: str
) -> None:
    result = prove(with_cell(source))
    findings = [one for one in result.findings if one.rule == "died"]
    assert findings[0].what == f"while running it, {how}"
    assert findings[0].cell == 'cell 19 ("last")'
    assert prove(small_lesson()).passed


def test_what_never_ends_is_stopped_and_named(tmp_path: Path, prove: Prove) -> None:
    notebook = small_lesson()
    source = cell(notebook, "test-center").source
    cell(notebook, "test-center").source = source.replace(
        "    x -= x.mean(0)", "    while len(x) < 9: pass\n    x -= x.mean(0)"
    )
    with Worker(stop_seconds=4) as worker:
        path = write(notebook, tmp_path)
        result = verify_one(path, SMALL, worker, None, lambda text: None)
    (finding,) = (one for one in result.findings if one.rule == "died")
    assert "while running the mistake 'the input itself is changed', it was stopped" in finding.what
    assert "test_center" in finding.cell


def test_what_a_lesson_prints_or_reads_is_no_part_of_the_protocol(prove: Prove) -> None:
    noisy = with_cell(
        "import os, sys\n"
        'os.write(1, b\'{"event": "result"}\\n\')\n'
        "print('x', file=sys.__stdout__, flush=True)\n"
        "assert sys.__stdin__.read() == ''"
    )
    assert prove(noisy).passed


def test_an_accelerator_gets_a_run_of_its_own(worker: Worker, tmp_path: Path) -> None:
    # The CPU stands in for one: what is tried is that the run happens and is judged.
    bar = replace(SMALL, seeds=(0,), threads=(1,), dtypes=("float32",))
    path = write(small_lesson(), tmp_path)
    result = verify_one(path, bar, worker, "cpu", lambda text: None)
    assert (result.accelerator, result.findings) == ("cpu: ran", [])
    wrong = small_lesson()
    source = cell(wrong, "ex-softmax").source
    cell(wrong, "ex-softmax").source = source.replace("shifted.exp() /", "shifted.exp() + 1 /")
    path = write(wrong, tmp_path)
    result = verify_one(path, bar, worker, "cpu", lambda text: None)
    whats = [one.what for one in result.findings if one.rule == "accelerator"]
    assert whats == ["on cpu the reference solution does not pass: softmax: not yet, 0 of 3 points"]


def test_lessons_do_not_see_each_other(prove: Prove) -> None:
    first = with_cell("import builtins, os\nbuiltins.left = 1\nos.environ['LEFT'] = '1'")
    assert prove(first).passed
    assert prove(with_cell("import os\nassert 'left' not in dir(__builtins__)\n"
                           "assert 'LEFT' not in os.environ")).passed  # fmt: skip


def test_a_learner_s_settings_do_not_reach_the_proof(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCHGRADE_SEED", "no number")
    monkeypatch.setenv("TORCHGRADE_DEVICE", "no device")
    with Worker(stop_seconds=60) as worker:
        assert accelerator(worker, Limits()) in {None, "cuda", "mps", "xpu"}


def test_where_nothing_can_be_forked_each_run_has_a_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pool, "FORKS", False)
    bar = replace(SMALL, seeds=(0,), threads=(1,), dtypes=("float32",))
    hangs = with_cell("import time\ntime.sleep(60)")
    with Worker(stop_seconds=60) as worker:
        path = write(small_lesson(), tmp_path)
        assert verify_one(path, bar, worker, None, lambda text: None).passed
    with Worker(stop_seconds=3) as worker:
        result = verify_one(write(hangs, tmp_path), bar, worker, None, lambda text: None)
    assert "while running it, it was stopped" in result.findings[0].what


def test_a_closed_worker_leaves_no_process() -> None:
    worker = Worker(stop_seconds=60)
    accelerator(worker, Limits())
    process = worker._process
    assert process is not None
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
