"""Every rule of the lint: a good notebook has no finding, one fault has its own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from torchgrade.verify.findings import Finding
from torchgrade.verify.fix import canonical
from torchgrade.verify.limits import Limits
from torchgrade.verify.lint import lint

from tests.autograder.verify.small_lesson import SMALL, cell, code, small_lesson, text, write

Change = Callable[[NotebookNode], Any]
COURSE = """
modules:
  - slug: 90_examples
    lessons:
      - slug: 90_examples/00_before
        title: Before
        minutes: 60
      - slug: 90_examples/01_rows
        title: Rows that add up to one
        minutes: 60
"""


def found(tmp_path: Path, change: Change | None = None, limits: Limits = SMALL) -> list[Finding]:
    """The findings of the small lesson after one change."""
    notebook = small_lesson()
    if change is not None:
        change(notebook)
    return lint(write(notebook, tmp_path), limits)[1]


def drop(name: str) -> Change:
    return lambda nb: nb.cells.remove(cell(nb, name))


def source(name: str, old: str, new: str) -> Change:
    """Replace text of a cell; the old text must be there."""

    def change(nb: NotebookNode) -> None:
        assert old in cell(nb, name).source
        cell(nb, name).source = cell(nb, name).source.replace(old, new)

    return change


def added(line: str) -> Change:
    return lambda nb: nb.cells.append(code("added", line))


def described(name: str, **facts: Any) -> Change:
    return lambda nb: cell(nb, name).metadata.torchenstein.exercise.update(facts)


def graded(name: str, **facts: Any) -> Change:
    return lambda nb: cell(nb, name).metadata.nbgrader.update(facts)


def lesson(**facts: Any) -> Change:
    return lambda nb: nb.metadata.torchenstein.update(facts)


def test_a_good_lesson_has_no_finding(tmp_path: Path) -> None:
    assert found(tmp_path) == []


FAULTS: list[tuple[str, Change, str, str]] = [
    ("notebook", drop("test-softmax"), "softmax", "the answer has no test cell"),
    ("notebook", drop("ex-softmax"), "test_softmax", "the test cell belongs to no answer"),
    (
        "notebook",
        source("ex-softmax", "    ### END SOLUTION", ""),
        "softmax",
        "is never closed",
    ),
    ("notebook", lambda nb: cell(nb, "after").update(id="idea"), "idea", "is used twice"),
    ("hints", drop("hints-softmax"), "softmax", "the answer has no hint cell"),
    ("hints", source("hints-softmax", "#### Strategy", "#### Plan"), "hints", "three tiers"),
    ("hints", source("hints-softmax", "Take the largest value of each row away, then raise, "
                     "then divide.", ""), "hints", "the tier Strategy is empty"),
    ("points", graded("test-softmax", points=4), "", "worth 6 points, its metadata says 5"),
    ("points", graded("test-softmax", points=0), "test_softmax", "is worth no points"),
    ("statements", graded("test-softmax", points=4), "about-softmax", "says points 3"),
    ("statements", described("ex-center", difficulty=1), "about-center", "says difficulty 2"),
    ("grading", source("test-softmax", "test.grade()", "print()"), "test_softmax", "does not end"),
    ("grading", source("test-softmax", "test.grade()", "test.grade(1)"), "test_softmax", "not end"),
    ("staircase", described("ex-center", difficulty=3), "", "no exercise is easy"),
    ("staircase", described("ex-softmax", difficulty=3), "", "no exercise is hard"),
    ("staircase", described("ex-softmax", minutes=26), "softmax", "the minutes of its exercise"),
    ("staircase", described("ex-softmax", importance="high"), "softmax", "the importance"),
    ("staircase", described("ex-softmax", title=" "), "softmax", "has no title"),
    ("metadata", lambda nb: nb.metadata.pop("torchenstein"), "", "no metadata.torchenstein"),
    ("metadata", lesson(minutes="60"), "", "metadata.torchenstein.minutes is '60'"),
    ("metadata", lesson(minutes=95), "", "it takes 95 minutes"),
    ("metadata", lesson(prerequisites="none"), "", "metadata.torchenstein.prerequisites"),
    ("metadata", lesson(objectives=["One."]), "", "it has 1 objectives"),
    ("slug", lesson(slug="90_examples/02_rows"), "", "its slug is '90_examples/02_rows'"),
    ("slug", lesson(module="91_others"), "", "its module is '91_others'"),
    ("clean", lambda nb: cell(nb, "example").update(execution_count=3), "example", "count"),
    ("clean", lambda nb: cell(nb, "example").outputs.append(
        nbformat.v4.new_output("stream", text="hi")), "example", "outputs"),
    ("formatting", lambda nb: nb.metadata.update(jupytext={}), "", "canonical form"),
    ("formatting", lambda nb: cell(nb, "example").metadata.update(scrolled=True), "", "canonical"),
    ("hook", source("intro", "here.", "here. " + "word " * 120), "", "stand before the first"),
    ("prose", source("intro", "here.", "here. " + "word " * 600), "", "words, not 60 to 600"),
    ("headings", source("idea", "## The idea", "### The idea"), "idea", "follows one of level 1"),
    ("headings", source("summary", "## Summary", "# Summary"), "summary", "a second title"),
    ("headings", source("intro", "# Rows", "## Rows"), "intro", "level 2 and follows one of"),
    ("voice", source("summary", "Subtract", '<blockquote class="torchenstein-voice">\n\n'
                     + "ha " * 60 + "\n\n</blockquote>\nSubtract"), "", "spoken by a persona"),
    ("images", source("idea", "An", "![](rows.png) An"), "idea", "1 of its images"),
    ("images", source("idea", "An", '<img src="rows.png" alt=""> An'), "idea", "1 of its images"),
    ("images", source("idea", "An", "<img src='rows.png'> An"), "idea", "1 of its images"),
    ("code-cells", added("x = 1\n" * 26), "added", "it shows 26 lines, not at most 25"),
    ("python", added("!pip install this"), "added", "not plain Python"),
    ("python", added("def broken("), "added", "not plain Python"),
    ("predictions", drop("predict-1"), "", "it has 2 predictions, not at least 3"),
    ("asserts", drop("after"), "", "it asserts 1 times"),
    ("imports", added("import requests"), "added", "it imports requests, which uses the network"),
    ("imports", added("from urllib.request import urlopen"), "added", "imports urllib.request"),
    ("imports", added("def f():\n    import socket"), "added", "imports socket"),
    ("imports", added("torch.hub.load('a', 'b')"), "added", "imports torch.hub"),
    ("imports", added("from torch import hub"), "added", "imports torch.hub"),
    ("imports", added("import pandas as pd"), "added", "it imports pandas"),
    ("devices", added("torch.ones(2).cuda()"), "added", "it calls .cuda()"),
    ("alone", source("test-softmax", "lambda x: x.exp() / x.exp().sum(0, keepdim=True)",
                     "softmax"), "test_softmax", "uses the notebook's softmax"),
    ("alone", source("test-center", "gives(torch.tensor([[-1.0], [1.0]]))",
                     "gives(half)"), "test_center", "uses the notebook's half"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "change", "place", "what"), FAULTS)
def test_one_fault_has_its_finding(
    tmp_path: Path, rule: str, change: Change, place: str, what: str
) -> None:
    hits = [one for one in found(tmp_path, change) if one.rule == rule and what in one.what]
    assert hits, found(tmp_path, change)
    assert place in hits[0].cell
    assert bool(hits[0].cell) == bool(place)
    assert hits[0].severity == "error"
    assert hits[0].mend
    assert hits[0].notebook == "90_examples/01_rows.ipynb"


def test_a_finding_reads_as_one_line(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, added("torch.ones(2).cuda()"))
    assert str(finding) == (
        'error: 90_examples/01_rows.ipynb, cell 19 ("added"): it calls .cuda(). '
        "Use .to(device()) with torchgrade's device. [devices]"
    )


def test_an_answer_without_a_delimited_solution_is_found(tmp_path: Path) -> None:
    def bare(nb: NotebookNode) -> None:
        kept = [one for one in cell(nb, "ex-softmax").source.split("\n") if "SOLUTION" not in one]
        cell(nb, "ex-softmax").source = "\n".join(kept)

    assert "solutions" in {finding.rule for finding in found(tmp_path, bare)}


def test_names_that_a_test_cell_binds_itself_are_its_own(tmp_path: Path) -> None:
    own = """try:
    total = sum(a * b for a, b in [(1, 2)])
except ValueError as problem:
    print(problem, total)
match [1]:
    case [one, *rest]:
        print(one, rest)
def recursive(n, /, *args, step=1, **options):
    local = (lambda z: z + n)(step)
    return local if n < 1 else recursive(n - 1, *args, **options)
class Probe:
    def method(self):
        return Probe
def in_place"""
    more = replace(SMALL, cell_lines=40, test_lines=60)
    assert found(tmp_path, source("test-center", "def in_place", own), more) == []


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        ({"exercises": (3, 6)}, "staircase"),
        ({"prose_words": (1200, 2500)}, "prose"),
        ({"code_cells": (12, 30)}, "code-cells"),
        ({"cell_lines": 3}, "code-cells"),
        ({"test_lines": 2}, "code-cells"),
        ({"line_width": 40}, "line-width"),
        ({"asserts": 9}, "asserts"),
    ],
)
def test_limits_come_from_one_table(tmp_path: Path, limits: Any, rule: str) -> None:
    assert {one.rule for one in found(tmp_path, limits=replace(SMALL, **limits))} == {rule}


def test_the_length_of_hints_and_a_missing_statement_only_warn(tmp_path: Path) -> None:
    real = replace(SMALL, hint_words=Limits.hint_words)
    assert {(one.rule, one.severity) for one in found(tmp_path, limits=real)} == {
        ("hints", "warning")
    }
    (bare,) = found(tmp_path, source("about-softmax", "Difficulty", "Level"))
    assert (bare.rule, bare.severity) == ("statements", "warning")


def test_lessons_agree_with_the_course_list(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "course.yml").write_text(COURSE)
    assert found(tmp_path) == []
    for change, what in (
        (lesson(minutes=75), "its minutes is 75; course.yml says 60"),
        (lesson(prerequisites=["90_examples/09_never"]), "no prerequisite '90_examples/09_never'"),
        (lesson(title="Rows"), "its title is 'Rows'; course.yml says 'Rows that add up to one'"),
    ):
        assert what in next(one for one in found(tmp_path, change) if one.severity == "error").what
    (tmp_path / "course" / "course.yml").write_text(COURSE.replace("01_rows", "02_rows"))
    assert found(tmp_path)[0].what == "course.yml lists no lesson '90_examples/01_rows'"


def test_a_test_cell_that_only_the_compiler_refuses_is_found(tmp_path: Path) -> None:
    strange = source("test-softmax", "test.grade()", "[x for x in (y := [1])]\ntest.grade()")
    (finding,) = found(tmp_path, strange)
    assert finding.rule == "alone"
    assert "cannot be compiled: assignment expression cannot be used" in finding.what


def overview(*links: str) -> NotebookNode:
    words = " ".join(["Every lesson of this module is on the map below."] * 30)
    cells = [
        text("map", f"# The map\n\n## All of it\n\n{words}\n\n" + "\n".join(links)),
        code("look", "1 + 1"),
    ]
    facts = {
        "slug": "90_examples/00_overview", "title": "The map", "module": "90_examples",
        "prerequisites": [], "objectives": ["see", "find", "choose"], "minutes": 10, "points": 0,
    }  # fmt: skip
    return nbformat.v4.new_notebook(cells=cells, metadata={"torchenstein": facts})


def test_an_overview_maps_its_module_and_grades_nothing(tmp_path: Path) -> None:
    path = tmp_path / "source" / "90_examples" / "00_overview.ipynb"
    path.parent.mkdir(parents=True)
    (tmp_path / "course").mkdir()
    listed = "      - {slug: 90_examples/00_overview, title: The map, minutes: 10}\n"
    (tmp_path / "course" / "course.yml").write_text(COURSE + listed)

    def of(notebook: NotebookNode) -> list[str]:
        path.write_text(canonical(nbformat.v4.writes(notebook) + "\n"), encoding="utf-8")
        return [finding.what for finding in lint(path, Limits())[1]]

    before, rows = "[Before](00_before.ipynb)", "[Rows that add up to one](01_rows.ipynb)"
    assert of(overview(before, rows)) == []
    assert of(overview(before)) == [f"{rows} is not in its place on the map"]
    assert of(overview(rows, before)) == [f"{rows} is not in its place on the map"]
    graded_one = overview(before, rows)
    graded_one.cells += [cell(small_lesson(), name) for name in ("ex-softmax", "test-softmax")]
    assert "it has 1 graded exercises, not 0 to 0" in of(graded_one)


def test_data_that_a_lesson_names_stays_small(tmp_path: Path) -> None:
    module = tmp_path / "source" / "90_examples"
    module.mkdir(parents=True)
    (module / "numbers.csv").write_text("1," * 150_000)
    (module / "of_another_lesson.csv").write_text("1," * 150_000)
    assert found(tmp_path) == []
    (finding,) = found(tmp_path, source("idea", "An", "See numbers.csv. An"))
    assert finding.what == "the files it uses hold 300 KB"


def test_words_are_those_a_reader_reads(tmp_path: Path) -> None:
    long_code = text("long", "```python\n" + "word " * 900 + "\n```\n[here](" + "a" * 50 + ")")
    assert found(tmp_path, lambda nb: nb.cells.append(long_code)) == []


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{", "is not JSON"),
        ("[]", "is JSON, but no notebook"),
        ('{"cells": [], "nbformat": 4, "nbformat_minor": 4, "metadata": {}}', "has format 4.4"),
        (
            '{"cells": [{}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
            "is not a valid notebook",
        ),
    ],
)
def test_what_is_no_notebook_is_said_in_one_finding(
    tmp_path: Path, content: str, what: str
) -> None:
    path = tmp_path / "bad.ipynb"
    path.write_text(content)
    read, findings = lint(path, SMALL)
    assert read is None
    (finding,) = findings
    assert what in finding.what
