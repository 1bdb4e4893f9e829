"""The proof of exercises: one fault each, and what is said of it."""

from collections.abc import Callable
from typing import Any

import pytest
from nbformat import NotebookNode
from torchgrade.verify.findings import Finding
from torchgrade.verify.verify import LessonResult

from tests.autograder.verify.small_lesson import cell, code, small_lesson

Prove = Callable[..., LessonResult]


def changed(name: str, old: str, new: str) -> NotebookNode:
    """The small lesson with one text replaced."""
    notebook = small_lesson()
    assert old in cell(notebook, name).source
    cell(notebook, name).source = cell(notebook, name).source.replace(old, new)
    return notebook


def extended(source: str, **metadata: Any) -> NotebookNode:
    """The small lesson with one more cell at its end."""
    notebook = small_lesson()
    notebook.cells.append(code("added", source, **metadata))
    return notebook


def only(result: LessonResult, rule: str) -> Finding:
    """The one finding of a rule."""
    (finding,) = (one for one in result.findings if one.rule == rule)
    assert finding.severity == "error"
    assert not result.passed
    return finding


def test_a_good_lesson_is_proved_in_every_combination(prove: Prove) -> None:
    result = prove(small_lesson(), seeds=(0, 1, 2), threads=(1, 2), dtypes=("float32", "float64"))
    assert result.findings == []
    assert [one["exercise"] for one in result.exercises] == ["center", "softmax"]
    center = result.exercises[0]
    assert center["combinations"] == 12
    assert (center["points"], center["examples"], center["alternatives"]) == (2, 1, 1)
    assert (center["mistakes"], center["killed"], center["recognised"]) == (3, 3, 3)
    assert center["checks"] == 8
    assert center["unfinished"]
    assert result.accelerator == "skipped: none on this machine"


FAULTS = [
    (
        "reference",
        ("ex-center", "x.mean(dim=0, keepdim=True)", "x.mean()"),
        "the reference solution does not pass with seed 0, 1 thread and float32",
    ),
    (
        "alternative",
        ("test-center", "x.sum(0) / x.shape[0]}", "x.sum(0)}"),
        "the alternative 'by sum and length' does not pass",
    ),
    (
        "alternatives",
        ("test-center", 'test.alternatives({"by sum and length": lambda x: x - x.sum(0) / '
                        "x.shape[0]})", ""),
        "it has 0 alternatives, not at least 1",
    ),
    (
        "mistake",
        ("test-center", "x - x.mean(),", "x - x.mean(0),"),
        "the mistake 'the mean is taken over everything' is passed with seed 0",
    ),
    (
        "recognised",
        ("test-center", "x - x.mean(),", "x - x.mean(1, keepdim=True),"),
        "is told as 'the mean is taken over each row'",
    ),
    (
        "recognised",
        ("test-center", "lambda x: x - x.mean(),",
         "lambda x, calls=[]: (calls.append(1), x + len(calls))[1],"),
        "the mistake 'the mean is taken over everything' is not recognised",
    ),
    (
        "mistakes",
        ("test-center", '    "the mean is taken over everything": lambda x: x - x.mean(),\n', ""),
        "it names 2 mistakes, not at least 3",
    ),
    ("points", ("test-center", "points=2", "points=1"), "worth 1 points, nbgrader gives 2"),
    (
        "examples",
        ("test-center", "test.on(torch.tensor([[1.0], [3.0]])).gives(torch.tensor([[-1.0], "
                        "[1.0]]))\n", ""),
        "it has 0 open examples, not 1 to 3",
    ),
    (
        "stub",
        ("ex-center", "    ### BEGIN SOLUTION", "    return x * 0\n    ### BEGIN SOLUTION"),
        "the untouched stub is failed",
    ),
    (
        "runs",
        ("test-center", "def in_place", "1 / 0\ndef in_place"),
        "it raised ZeroDivisionError: division by zero",
    ),
    (
        "test-runs",
        ("test-center", 'test = exercise("center")\ntest.on',
         'import unittest.mock\ntest = unittest.mock.Mock()\ntest.on'),
        "test is no exercise after the test cell ran",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "change", "what"), FAULTS)
def test_one_fault_has_its_finding(
    prove: Prove, rule: str, change: tuple[str, str, str], what: str
) -> None:
    finding = only(prove(changed(*change)), rule)
    assert what in finding.what
    assert "center" in finding.cell
    assert finding.mend


def test_too_few_checks_are_counted(prove: Prove) -> None:
    finding = only(prove(small_lesson(), checks=10), "checks")
    assert finding.what == "it checks 8 things, not at least 10"
    assert "test_center" in finding.cell


def test_a_mistake_must_get_past_the_open_examples(prove: Prove) -> None:
    notebook = changed(
        "test-center",
        "test.on(torch.tensor([[1.0], [3.0]])).gives(torch.tensor([[-1.0], [1.0]]))",
        "x = torch.tensor([[1.0, 6.0], [3.0, 0.0]])\n"
        "test.matches(lambda x: x - x.mean(0), cases=[case('by hand', x)], points=0)",
    )
    cell(
        notebook, "setup"
    ).source = "import torch\nfrom torchgrade import case, cases, exercise, reveal"
    assert (
        "every named mistake fails an open example already" in only(prove(notebook), "mistake").what
    )


def test_a_symptom_must_be_wrong(prove: Prove) -> None:
    notebook = changed(
        "test-center",
        "gives(torch.tensor([[-1.0], [1.0]]))",
        "gives(torch.tensor([[-1.0], [1.0]]), "
        'mistakes={"nothing happens": torch.tensor([[-1.0], [1.0]])})',
    )
    assert "the wrong value for 'nothing happens' is right" in only(prove(notebook), "symptom").what


def test_a_reference_that_holds_for_one_dtype_only_is_caught(prove: Prove) -> None:
    notebook = changed("ex-center", "x.mean(dim=0, keepdim=True)",
                       "x.float().mean(dim=0, keepdim=True).to(x.dtype)")  # fmt: skip
    assert prove(notebook).findings == []
    finding = only(prove(notebook, dtypes=("float32", "float64")), "reference")
    assert "with seed 0, 1 thread and float64" in finding.what


def test_a_cell_that_raises_is_named(prove: Prove) -> None:
    finding = only(prove(extended("torch.ones(2) @ torch.ones(3)")), "runs")
    assert finding.cell == 'cell 19 ("added")'
    assert finding.what.startswith("it raised RuntimeError: inconsistent tensor size")


def test_a_cell_may_raise_on_purpose(prove: Prove) -> None:
    assert prove(extended("1 / 0", tags=["raises-exception"])).findings == []


def test_a_warning_that_the_learner_would_read_is_told(prove: Prove) -> None:
    result = prove(extended("import warnings\nwarnings.warn('torch.old is deprecated')"))
    assert result.passed
    (source, student) = result.findings
    assert (source.rule, source.severity) == ("stderr", "warning")
    assert "torch.old is deprecated" in source.what
    assert source == student


def test_a_lesson_is_safe_to_run_twice(prove: Prove) -> None:
    notebook = extended("count = globals().get('count', 0) + 1\nassert count == 1")
    finding = only(prove(notebook), "runs-twice")
    assert finding.what == "run a second time, it raised AssertionError"


@pytest.mark.parametrize(
    "source",
    [
        "import importlib\nimportlib.import_module('socket').create_connection(('127.0.0.1', 9))",
        "import importlib\n"
        "try:\n"
        "    importlib.import_module('urllib.request').urlopen('http://example.invalid')\n"
        "except OSError:\n"
        "    print('caught')",
    ],
)
def test_the_network_is_refused_even_when_the_lesson_hides_it(prove: Prove, source: str) -> None:
    result = prove(extended(source))
    findings = [one for one in result.findings if one.rule == "network"]
    assert findings
    assert all("it reaches for the network" in one.what for one in findings)
    assert all('"added"' in one.cell for one in findings)


def test_a_slow_cell_is_named_with_its_seconds(prove: Prove) -> None:
    result = prove(extended("import time\ntime.sleep(0.3)"), cell_seconds=0.25)
    assert {one.cell for one in result.findings if one.rule == "seconds"} == {'cell 19 ("added")'}


def test_a_slow_lesson_is_told_apart_from_a_slow_cell(prove: Prove) -> None:
    result = prove(extended("import time\ntime.sleep(0.3)"), source_seconds=0.25)
    finding = only(result, "seconds")
    assert finding.cell == ""
    assert "not at most 0.25 s" in finding.what


def test_too_much_memory_is_told(prove: Prove) -> None:
    result = prove(extended("ballast = torch.ones(64, 1024, 1024)"), memory_mib=200)
    findings = [one.what for one in result.findings if one.rule == "memory"]
    assert findings
    assert "not at most 200" in findings[0]


def test_a_lesson_finds_the_files_beside_it_and_leaves_none(prove: Prove, tmp_path: Any) -> None:
    module = tmp_path / "source" / "90_examples"
    module.mkdir(parents=True)
    (module / "numbers.txt").write_text("1 2")
    result = prove(extended(
        "from pathlib import Path\n"
        "assert Path('numbers.txt').read_text() == '1 2'\n"
        "Path('left.txt').write_text('x')"
    ))  # fmt: skip
    assert result.findings == []
    assert sorted(path.name for path in module.iterdir()) == ["01_rows.ipynb", "numbers.txt"]
