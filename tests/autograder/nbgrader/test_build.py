"""`torchgrade build`: both versions, whole or not at all, with every failure named."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from torchgrade.cli import main
from torchgrade.nbgrader.build import build
from torchgrade.nbgrader.compare import files_of

from tests.autograder.nbgrader.conftest import CourseMaker
from tests.autograder.nbgrader.notebooks import (
    DOUBLE,
    MODULE,
    answer,
    double_lesson,
    find,
    make_course,
    notebook,
    read,
    softmax_lesson,
    write,
)

REPRS = """import sys, warnings
from ipywidgets import IntSlider
print({"b", "a", "c", "d"})
print(object())
warnings.warn("careful")
print("out"); print("err", file=sys.stderr); print("out")
IntSlider()"""


def lesson_with(source: str, tags: tuple[str, ...] = ()) -> NotebookNode:
    """The double lesson with one more cell, cell 4."""
    nb = double_lesson()
    nb.cells.append(new_code_cell(source, id="more", metadata={"tags": list(tags)}))
    return nb


def snapshot(folder: Path) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files_of(folder).items()}


def solution(course: Path, name: str = "01_softmax") -> NotebookNode:
    return read(course / "solution" / MODULE / f"{name}.ipynb")


def test_both_versions_of_every_notebook_are_made_and_told_with_their_seconds(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--course", str(course)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["made", version, f"{MODULE}/{name}.ipynb"]
        for version in ("student", "solution")
        for name in ("01_softmax", "02_double")
    ]
    assert all(line.endswith(" s") for line in lines)
    made = {f"{step}/{MODULE}/{name}.ipynb" for step in ("release", "solution")
            for name in ("01_softmax", "02_double")}  # fmt: skip
    found = {name for name in files_of(course) if name.startswith(("release/", "solution/"))}
    assert found == made
    assert not (course / "gradebook.db").exists()

    text = (course / "solution" / MODULE / "01_softmax.ipynb").read_text()
    assert "x.amax(-1, keepdim=True)" in text
    for hidden in ("BEGIN", "over_the_batch", "mistakes", "keeps the shape", "Nudge", "editable"):
        assert hidden not in text
    nb = solution(course)
    assert not any("nbgrader" in cell.metadata or "execution" in cell.metadata for cell in nb.cells)
    assert [c.execution_count for c in nb.cells if c.cell_type == "code"] == [1, 2, 3, 4, 5, 6]
    (report,) = nb.cells[3].outputs
    assert "1 open example holds" in report.data["text/plain"]
    assert "language_info" not in nb.metadata


def test_a_solution_comes_out_the_same_twice(course_of: CourseMaker) -> None:
    course = course_of({"01_softmax": lesson_with(REPRS)})
    assert build(course) == 0
    first = snapshot(course / "solution")
    assert build(course) == 0
    assert snapshot(course / "solution") == first
    text = "".join(first[f"{MODULE}/01_softmax.ipynb"].decode())
    assert "careful" in text
    assert "ipykernel_" not in text
    assert "widget-view" not in text


def test_a_cell_that_raises_fails_the_build_and_is_named(
    course_of: CourseMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    course = course_of({"01_softmax": lesson_with("1 / 0"), "02_double": double_lesson()})
    assert build(course) == 1
    error = capsys.readouterr().err.strip()
    assert error.startswith(f'{MODULE}/01_softmax.ipynb, cell 4 ("more"): raised ZeroDivisionError')
    assert len(error.splitlines()) == 1
    assert not (course / "release" / MODULE).exists()
    assert not (course / "solution" / MODULE).exists()


def test_a_cell_may_raise_on_purpose(course_of: CourseMaker) -> None:
    course = course_of({"01_softmax": lesson_with("1 / 0", tags=("raises-exception",))})
    assert build(course) == 0
    assert solution(course).cells[-1].outputs[0].ename == "ZeroDivisionError"


def test_a_reference_without_full_marks_fails_the_build(
    course_of: CourseMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    nb = softmax_lesson()
    find(nb, "softmax").source = find(nb, "softmax").source.replace("sum(-1", "sum(0")
    course = course_of({"01_softmax": nb})
    assert build(course) == 1
    assert 'cell 4 ("test_softmax"): the reference solution gets ' in capsys.readouterr().err


def test_a_dead_kernel_fails_the_build_and_is_named(
    course_of: CourseMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    course = course_of({"01_softmax": lesson_with("import os; os._exit(1)")})
    assert build(course) == 1
    assert 'cell 4 ("more"): the kernel died' in capsys.readouterr().err


def test_a_failed_build_leaves_what_was_there(course: Path) -> None:
    for step in ("release", "solution"):
        (course / step / MODULE).mkdir(parents=True)
        (course / step / MODULE / "kept.txt").write_text("of yesterday")
    write(lesson_with("1 / 0"), course / "source" / MODULE / "02_double.ipynb")
    before = snapshot(course)
    assert build(course) == 1
    assert snapshot(course) == before


def test_every_broken_notebook_is_named_before_anything_is_made(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "source" / MODULE / "01_softmax.ipynb").write_text("{")
    orphan = notebook([answer("double", DOUBLE)])
    write(orphan, course / "source" / MODULE / "02_double.ipynb")
    assert build(course) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{MODULE}/01_softmax.ipynb: is not JSON")
    assert second.startswith(f'{MODULE}/02_double.ipynb, cell 1 ("double"): the answer has no test')
    assert not (course / "release").exists()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with both versions made."""
    course = make_course(tmp_path_factory.mktemp("built"))
    assert build(course) == 0
    return course


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "copied")


def test_check_accepts_a_fresh_release_and_writes_nothing(copied: Path) -> None:
    before = snapshot(copied)
    assert build(copied, check=True) == 0
    assert snapshot(copied) == before


def test_check_names_all_that_is_stale_in_the_release(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = copied / "release" / MODULE
    (module / "01_softmax.ipynb").write_text((module / "01_softmax.ipynb").read_text() + " ")
    (module / "02_double.ipynb").unlink()
    (module / "extra.ipynb").write_text("{}")
    (copied / "release" / "00_gone").mkdir()
    assert build(copied, check=True) == 1
    error = capsys.readouterr().err
    for name, says in {
        f"{MODULE}/01_softmax.ipynb": "differs",
        f"{MODULE}/02_double.ipynb": "is missing",
        f"{MODULE}/extra.ipynb": "has no source",
        "00_gone": "has no source",
    }.items():
        assert f"release/{name} {says}" in error


def test_check_names_what_was_never_made(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(course, check=True) == 1
    assert f"release/{MODULE}/01_softmax.ipynb is missing" in capsys.readouterr().err
    assert not (course / "release").exists()


def test_an_unknown_command_is_refused_with_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["bake"])
    assert "build" in capsys.readouterr().err


def test_an_unknown_module_is_named_beside_those_that_exist(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(course, ["02_none"]) == 1
    assert f"No module 02_none. There are: {MODULE}." in capsys.readouterr().err


def test_a_folder_that_is_no_course_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(double_lesson(), tmp_path / "source" / MODULE / "01.ipynb")
    assert build(tmp_path) == 1
    assert "No nbgrader_config.py" in capsys.readouterr().err


def test_another_source_folder_can_be_named(course: Path) -> None:
    elsewhere = course.parent / "drafts"
    write(double_lesson(), elsewhere / "02_draft" / "01_double.ipynb")
    assert main(["build", "--course", str(course), "--source", str(elsewhere)]) == 0
    assert nbformat.read(course / "release" / "02_draft" / "01_double.ipynb", as_version=4).cells
