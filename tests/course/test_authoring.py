"""The guide for authors is true: its example works as the guide says it does."""

import json
import re
from pathlib import Path
from typing import Any

import jupytext
import pytest
import torchgrade
from nbformat import NotebookNode

GUIDE = (Path(__file__).resolve().parents[2] / "course" / "AUTHORING.md").read_text("utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*### END HIDDEN TESTS\n", flags=re.DOTALL)


def example() -> NotebookNode:
    notebook = jupytext.reads(PYTHON[0], fmt="py:percent")
    assert isinstance(notebook, NotebookNode)
    return notebook


def cell(grade_id: str) -> Any:
    return next(
        c for c in example().cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def prepared(test_source: str) -> torchgrade.Exercise:
    """The example's exercise as its test cell states it, not yet graded."""
    names: dict[str, Any] = {}
    for source in (example().cells[0].source, test_source.removesuffix("test.grade()")):
        exec(source, names)
    made = names["test"]
    assert isinstance(made, torchgrade.Exercise)
    return made


@pytest.fixture
def center() -> Any:
    names: dict[str, Any] = {}
    exec(example().cells[0].source, names)
    exec(cell("center").source, names)
    return names["center"]


def test_the_example_has_the_metadata_that_nbgrader_and_the_panels_read() -> None:
    answer, test = cell("center").metadata, cell("test_center").metadata
    assert (answer.nbgrader.solution, answer.nbgrader.grade) == (True, False)
    assert (test.nbgrader.solution, test.nbgrader.grade, test.nbgrader.locked) == (
        False,
        True,
        True,
    )
    assert set(answer.torchenstein.exercise) == {"title", "difficulty", "importance", "minutes"}
    hints = next(c for c in example().cells if c.metadata.get("torchenstein", {}).get("hints"))
    assert hints.metadata.torchenstein.hints == "center"
    assert re.findall("^#### (.*)$", hints.source, re.MULTILINE) == ["Nudge", "Strategy", "Outline"]


def test_the_reference_and_the_alternatives_of_the_example_pass(center: Any) -> None:
    test = prepared(cell("test_center").source)
    assert test.max_points == cell("test_center").metadata.nbgrader.points
    for subject in (center, *test.correct.values()):
        assert test.run(subject).status == "passed"


def test_every_mistake_of_the_example_fails_and_is_named() -> None:
    test = prepared(cell("test_center").source)
    assert len(test.named_mistakes) >= 3
    for sentence, wrong in test.named_mistakes.items():
        report = test.run(wrong)
        assert (report.status, report.points) == ("failed", 0.0)
        assert report.mistake == sentence


def test_a_mistake_of_the_example_passes_the_open_examples() -> None:
    wrong = prepared(cell("test_center").source).named_mistakes
    seen = prepared(HIDDEN.sub("", cell("test_center").source))
    passing = [sentence for sentence, f in wrong.items() if seen.run(f).status == "passed"]
    assert "one mean is taken over the whole tensor" in passing
    assert 0 < len(passing) < len(wrong)


def test_the_probe_of_the_guide_works() -> None:
    import torch

    names: dict[str, Any] = {"test": torchgrade.exercise("layer", {})}
    exec(PYTHON[1], names)

    class Layer(torch.nn.Linear):
        def __init__(self, width: int) -> None:
            super().__init__(width, width)

    assert names["test"].run(Layer).status == "passed"
    assert (
        names["test"].run(lambda width: torch.nn.Linear(width, width, bias=False)).status
        == "failed"
    )


def test_a_prediction_is_needed_before_anything_is_revealed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names: dict[str, Any] = {"torch": __import__("torch"), "reveal": torchgrade.reveal}
    exec(PYTHON[2], names)
    assert "3, 4" not in capsys.readouterr().out
    exec(PYTHON[2].replace("None", "(3, 4)"), names)
    assert "holds" in capsys.readouterr().out


@pytest.mark.parametrize(
    "row",
    [line.split("|")[1] for line in GUIDE.splitlines() if re.match(r"\| `(test|cases|\[)", line)],
)
def test_every_call_in_the_table_exists(row: str) -> None:
    for method in re.findall(r"\.(on|gives|raises|satisfies|value|matches)\(", row):
        known = {*dir(torchgrade.Exercise), "gives", "raises", "satisfies"}
        assert method in known
    for edges in re.findall(r"edge=(\(.*?\))", row):
        made = torchgrade.cases(x="B D", edge=eval(edges))
        assert len(made) == 2 + len(eval(edges))


def test_the_notebook_metadata_in_the_guide_is_json() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", GUIDE, flags=re.DOTALL)
    assert json.loads(block)["torchenstein"]["slug"] == "01_tensors/06_broadcasting"
