"""The proof that the judge agrees with one process: what it refuses, and in which words."""

from collections.abc import Callable
from pathlib import Path

from torchgrade.engine.engine import Engine
from torchgrade.verify.findings import Finding
from torchgrade.verify.handed_in import handed_in
from torchgrade.verify.lesson import read_lesson
from torchgrade.verify.summary import as_text
from torchgrade.verify.verify import LessonResult

from tests.autograder.verify.small_lesson import small_lesson, write
from tests.autograder.verify.test_proof import changed

Prove = Callable[..., LessonResult]
BEGIN = 'test = exercise("center")'
ALTERNATIVES = 'test.alternatives({"by sum and length": lambda x: x - x.sum(0) / x.shape[0]})'


def judged(result: LessonResult) -> Finding:
    """The one finding of the judge's."""
    (finding,) = (one for one in result.findings if one.rule == "judge")
    assert not result.passed
    return finding


def test_a_good_lesson_has_every_verdict_compared(prove: Prove, engine: Engine) -> None:
    result = prove(small_lesson(), engine)
    assert result.findings == []
    # For each exercise the reference, the stub, an alternative and three mistakes.
    assert (result.judge, result.verdicts, result.not_compared) == ("ran", 12, [])
    assert " 12 " in as_text([result], 1.0)
    assert "Judge skipped" not in as_text([result], 1.0)


def test_without_fork_the_judge_is_skipped_and_that_is_said(prove: Prove) -> None:
    result = prove(small_lesson())
    assert result.verdicts is None
    assert "Judge skipped: this system cannot fork." in as_text([result], 1.0)


def test_the_type_of_the_learners_object_cannot_be_asked_for(prove: Prove, engine: Engine) -> None:
    asks = f"assert not isinstance(center, torch.nn.Module)\n{BEGIN}"
    finding = judged(prove(changed("test-center", BEGIN, asks), engine))
    assert finding.cell == 'cell 12 ("test_center")'
    assert "raises CannotCross: the type of the learner's object" in finding.what
    assert "where the judge runs it" in finding.what
    assert "as a probe: test.via(probe).on(...)" in finding.mend


def test_a_plain_cell_must_not_need_what_a_test_cell_defines(prove: Prove, engine: Engine) -> None:
    notebook = changed("test-center", BEGIN, f"def rows(): return torch.ones(2, 2)\n{BEGIN}")
    notebook.cells[-1].source = "assert rows().sum() == 4"
    finding = judged(prove(notebook, engine))
    assert finding.cell == 'cell 18 ("after")'
    assert "it needs rows, which only the test cell defines" in finding.what
    assert "NameError" in finding.what
    assert "Define it in this cell" in finding.mend


def test_a_plain_cell_that_the_sandbox_stops_is_told(prove: Prove, engine: Engine) -> None:
    notebook = small_lesson()
    notebook.cells[
        -1
    ].source = (
        "import os\nif 'IPYTHONDIR' not in os.environ: raise OSError('no place for settings')"
    )
    finding = judged(prove(notebook, engine))
    assert "graded as a submission it raises OSError: no place for settings" in finding.what


def test_a_test_takes_nothing_that_the_judge_does_not_have(prove: Prove, engine: Engine) -> None:
    notebook = changed("setup", "import torch\n", "import torch\nfrom math import *\n")
    test = next(cell for cell in notebook.cells if cell.id == "test-center")
    test.source = f"assert tau > 6\n{test.source}"
    finding = judged(prove(notebook, engine))
    assert "it takes tau from the notebook, and the judge does not have it" in finding.what
    assert finding.mend == "Import or define it in the test cell"


def test_a_ban_holds_for_what_an_alternative_does_not_reach(prove: Prove, engine: Engine) -> None:
    old = '"by logsumexp": lambda x:'
    notebook = changed("test-softmax", old, f"{old} torch.softmax(x) if x.dim() > 9 else")
    finding = judged(prove(notebook, engine))
    assert "the alternative 'by logsumexp' gets another verdict from the judge" in finding.what
    assert "and passed with 3 points in one process" in finding.what
    assert "leave the function out" in finding.mend


def test_a_mistake_that_looks_around_is_another_one_for_the_judge(
    prove: Prove, engine: Engine
) -> None:
    old = '"the mean is taken over everything": lambda x:'
    notebook = changed("test-center", old, f'{old} x * 0 if "test" not in globals() else')
    finding = judged(prove(notebook, engine))
    assert "the mistake 'the mean is taken over everything' gets another verdict" in finding.what


def test_what_cannot_be_handed_in_is_named(prove: Prove, engine: Engine) -> None:
    pairs = ALTERNATIVES.replace("({", "(dict([(").replace('": ', '", ').replace("})", ")]))")
    result = prove(changed("test-center", ALTERNATIVES, pairs), engine)
    said = (
        "cell 12 (\"test_center\"), the alternative 'by sum and length': its source was not found"
    )
    assert result.passed
    assert (result.verdicts, result.not_compared) == (11, [said])
    assert f"90_examples/01_rows.ipynb, {said}" in as_text([result], 1.0)


def test_what_is_something_else_once_handed_in_is_named(prove: Prove, engine: Engine) -> None:
    old = '"the mean is taken over everything": lambda x:'
    itself = 'x * 0 if center.__name__ != "center" else'
    result = prove(changed("test-center", old, f"{old} {itself}"), engine)
    assert [one.rule for one in result.findings] == ["alone"]
    (said,) = result.not_compared
    assert "the mistake 'the mean is taken over everything': handed in, it is failed" in said


def test_a_mistake_is_handed_in_with_the_helpers_it_needs_and_no_others(tmp_path: Path) -> None:
    lesson = read_lesson(write(small_lesson(), tmp_path))
    (test,) = (cell for cell in lesson.of_kind("test") if cell.grade_id == "test_center")
    _, everything, in_place = handed_in(lesson, test, "mistakes")
    assert everything == "center = lambda x: x - x.mean()\n"
    assert in_place == (
        "def make_center():\n\n    def in_place(x):\n        x -= x.mean(0)\n"
        "        return x.clone()\n    return in_place\ncenter = make_center()\n"
    )


def test_an_exercise_without_a_proof_is_left_out(prove: Prove, engine: Engine) -> None:
    result = prove(changed("test-center", BEGIN, f"{BEGIN}\n1 / 0"), engine)
    assert [one.rule for one in result.findings if one.rule != "untouched"] == ["runs"]
    assert result.verdicts == 6


def test_a_test_that_is_no_python_is_not_brought_before_the_judge(
    prove: Prove, engine: Engine
) -> None:
    result = prove(changed("test-center", BEGIN, f"{BEGIN}\ntest.grade("), engine)
    assert not result.passed
    assert result.judge == "skipped: the lesson does not run"
