"""`torchgrade autograde` on a small class, with a stand-in for the engine."""

import json
import shutil
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from torchgrade.engine.task import Graded, Task
from torchgrade.grading import book
from torchgrade.nbgrader import execute
from torchgrade.nbgrader.build import load_config
from torchgrade.nbgrader.compare import files_of
from torchgrade.nbgrader.execute import use_engine

from tests.autograder.grading.class_of import DOUBLE, SOFTMAX, Class
from tests.autograder.grading.stand_in import StandIn
from tests.autograder.nbgrader.notebooks import MODULE, find, read, write

MODELS = "ignore:Object of type <Submitted.* not in session"
pytestmark = pytest.mark.filterwarnings(MODELS)

LATE = """
import nbgrader.plugins
class Half(nbgrader.plugins.BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2
c.AssignLatePenalties.plugin_class = Half
c.Autograde.exclude_overwriting = {"01_small": ["kept.py"]}
"""


def motley(course: Class) -> None:
    """A class in which nearly everything happens."""
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + LATE)
    with course.book() as gradebook:
        gradebook.update_or_create_assignment(MODULE, duedate="2026-01-03 00:00:00 UTC")
        gradebook.update_or_create_student("manual")
    source = course.root / "source" / MODULE
    (source / "data.txt").write_text("the instructor's")
    (source / "kept.py").write_text("the instructor's")
    course.submit("honest")
    course.submit("half", {"softmax": 1.5})
    course.submit("late", time="2026-01-05 10:00:00 UTC")
    (course.submit("missing") / f"{DOUBLE}.ipynb").unlink()
    (course.submit("broken") / f"{SOFTMAX}.ipynb").write_text("{")
    extra = course.submit("extra")
    (extra / "deep").mkdir()
    for name in ("data.txt", "kept.py", "deep/own.txt"):
        (extra / name).write_text("the student's")
    write(read(extra / f"{DOUBLE}.ipynb"), extra / "unknown.ipynb")
    (course.submit("timeless") / "timestamp.txt").unlink()
    damaged = course.submit("deleted")
    nb = read(damaged / f"{DOUBLE}.ipynb")
    nb.cells.remove(find(nb, "test_double"))
    write(nb, damaged / f"{DOUBLE}.ipynb")


def autograde_with_nbgrader(course: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `nbgrader autograde` does, with our Execute and the same stand-in."""
    monkeypatch.setattr(execute, "make_engine", StandIn)
    monkeypatch.setattr(execute, "_engines", {})
    config = load_config(course.root)
    use_engine(config)
    directory = CourseDirectory(config=config)
    directory.root = str(course.root)
    directory.assignment_id = MODULE
    Autograde(coursedir=directory, config=config).start()


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and rights of every file."""
    found = files_of(folder)
    return {name: (path.read_bytes(), path.stat().st_mode) for name, path in found.items()}


@pytest.mark.parametrize("extra", ["", "c.CourseDirectory.groupshared = True\n"])
def test_files_and_gradebook_are_those_of_nbgrader_autograde(
    course: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: str
) -> None:
    motley(course)
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + extra)
    course.root.rename(tmp_path / "twin")
    shutil.copytree(tmp_path / "twin", course.root)
    twin = Class(tmp_path / "twin", monkeypatch)
    autograde_with_nbgrader(twin, monkeypatch)
    course = Class(course.root, monkeypatch)
    assert course.autograde() == 0
    ours, theirs = contents(course.root / "autograded"), contents(twin.root / "autograded")
    assert ours.keys() == theirs.keys()
    assert ours == theirs
    assert course.rows() == twin.rows()
    folders = [path for path in (twin.root / "autograded").rglob("*") if path.is_dir()]
    for folder in [twin.root / "autograded", *folders]:
        mine = course.root / folder.relative_to(twin.root)
        assert mine.stat().st_mode == folder.stat().st_mode, folder


def test_what_was_graded_is_not_graded_again(course: Class) -> None:
    course.submit("ada")
    assert course.autograde() == 0
    assert course.ran == [f"ada/{MODULE}/{SOFTMAX}", f"ada/{MODULE}/{DOUBLE}"]
    assert course.autograde() == 0
    assert course.ran == []
    assert course.scores("ada")[f"{SOFTMAX}/test_softmax"] == 3


def test_a_new_submission_is_graded_again_whatever_the_clock_says(course: Class) -> None:
    course.submit("ada", {})
    course.submit("bob")
    course.autograde()
    assert course.ran
    course.submit("ada", time="2020-01-01 00:00:00 UTC")
    assert course.autograde() == 0
    assert course.ran == [f"ada/{MODULE}/{SOFTMAX}", f"ada/{MODULE}/{DOUBLE}"]
    assert course.scores("ada")[f"{SOFTMAX}/test_softmax"] == 3


def test_corrected_tests_are_told_and_graded_only_when_asked(
    course: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    course.submit("ada")
    course.autograde()
    assert course.ran
    course.change_tests(DOUBLE)
    assert course.autograde() == 0
    assert course.ran == []
    assert f"older tests, settings or versions, and left so: {DOUBLE} (1)" in said(capsys)
    before = course.graded("ada", SOFTMAX).read_bytes()
    assert course.autograde("--regrade") == 0
    assert course.ran == [f"ada/{MODULE}/{DOUBLE}"]
    assert course.graded("ada", SOFTMAX).read_bytes() == before
    assert "2 * x" in course.graded("ada", DOUBLE).read_text()
    assert course.autograde("--regrade") == 0
    assert course.ran == []


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, as one line."""
    out, err = capsys.readouterr()
    return " ".join((out + err).split())


def test_a_persons_grades_and_comments_survive_a_new_grading(course: Class) -> None:
    course.submit("ada", {})
    course.autograde()
    with course.book() as gradebook:
        grade = gradebook.find_grade("test_double", DOUBLE, MODULE, "ada")
        grade.manual_score, grade.needs_manual_grade = 1.0, False
        gradebook.find_comment("double", DOUBLE, MODULE, "ada").manual_comment = "better"
        gradebook.db.commit()
    assert course.autograde() == 0
    assert len(course.ran) == 2
    course.submit("ada")
    assert course.autograde() == 0
    with course.book() as gradebook:
        grade = gradebook.find_grade("test_double", DOUBLE, MODULE, "ada")
        assert (grade.auto_score, grade.manual_score, grade.needs_manual_grade) == (2.0, 1.0, True)
        assert gradebook.find_comment("double", DOUBLE, MODULE, "ada").comment == "better"


def test_an_open_score_is_graded_although_folder_and_receipt_are_there(course: Class) -> None:
    course.submit("ada")
    course.autograde()
    assert course.ran
    with course.book() as gradebook:
        gradebook.find_grade("test_double", DOUBLE, MODULE, "ada").auto_score = None
        gradebook.db.commit()
    assert course.autograde() == 0
    assert course.ran == [f"ada/{MODULE}/{DOUBLE}"]
    assert course.scores("ada")[f"{DOUBLE}/test_double"] == 2


def test_a_lost_folder_is_made_again(course: Class) -> None:
    course.submit("ada")
    course.autograde()
    assert course.ran
    course.graded("ada", DOUBLE).unlink()
    assert course.autograde() == 0
    assert course.ran == [f"ada/{MODULE}/{DOUBLE}"]
    assert course.graded("ada", SOFTMAX).is_file()


def test_what_nbgrader_graded_is_left_alone_unless_asked(
    course: Class, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    course.submit("ada")
    autograde_with_nbgrader(course, monkeypatch)
    assert course.autograde() == 0
    assert course.ran == []
    assert "1 were graded by other means and left so: ada. --regrade includes them." in said(capsys)
    assert course.autograde("--regrade") == 0
    assert len(course.ran) == 2


def test_what_nbgrader_left_half_done_is_graded(
    course: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.submit("ada")
    autograde_with_nbgrader(course, monkeypatch)
    with course.book() as gradebook:
        gradebook.find_grade("test_double", DOUBLE, MODULE, "ada").auto_score = None
        gradebook.db.commit()
    assert course.autograde() == 0
    assert course.ran == [f"ada/{MODULE}/{DOUBLE}"]
    assert None not in course.scores("ada").values()


def test_a_result_that_was_not_entered_is_entered_without_running_again(
    course: Class, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    course.submit("ada")
    monkeypatch.setattr(book, "PATIENCE_SECONDS", 0.0)

    class Locks(StandIn):
        def grade(self, task: Task) -> Graded:
            if not self.tasks:
                lock.execute("BEGIN EXCLUSIVE")
            return super().grade(task)

    database = course.root / "gradebook.db"
    lock = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    course.make = Locks
    assert course.autograde("--jobs", "1") == 1
    assert "locked for 0 s. End it, then run the same command again" in said(capsys)
    lock.close()
    assert len(course.ran) == 2
    course.make = StandIn
    assert course.autograde() == 0
    assert course.ran == []
    assert course.scores("ada")[f"{SOFTMAX}/test_softmax"] == 3


def test_a_student_who_hands_in_meanwhile_gets_the_grade_of_the_newer_work(course: Class) -> None:
    course.submit("ada", {})

    class Meanwhile(StandIn):
        def grade(self, task: Task) -> Graded:
            if not self.tasks:
                course.submit("ada")
            return super().grade(task)

    course.make = Meanwhile
    assert course.autograde("--jobs", "1") == 0
    assert len(course.ran) == 4
    assert course.scores("ada")[f"{SOFTMAX}/test_softmax"] == 3
    assert "# gets 3.0" in course.graded("ada", SOFTMAX).read_text()


def test_one_submission_that_breaks_the_engine_costs_only_itself(
    course: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    course.submit("ada")
    folder = course.submit("eve")
    path = folder / f"{DOUBLE}.ipynb"
    path.write_text(path.read_text().replace("# gets 2.0", "# breaks"))
    assert course.autograde() == 1
    assert course.scores("ada")[f"{DOUBLE}/test_double"] == 2
    assert f"eve was NOT graded. {DOUBLE}: the judge's process has ended" in said(capsys)
    assert not (course.root / "autograded" / "eve").exists()
    ran = course.ran
    assert ran.count(f"eve/{MODULE}/{DOUBLE}") == 3
    assert course.autograde() == 1
    assert f"eve/{MODULE}/{SOFTMAX}" not in course.ran


def test_only_the_named_students_and_notebooks_are_graded(course: Class) -> None:
    course.submit("ada")
    course.submit("bob")
    assert course.autograde("--student", "ada", "--notebook", "02*") == 0
    assert course.ran == [f"ada/{MODULE}/{DOUBLE}"]
    assert not course.graded("ada", SOFTMAX).exists()
    assert course.autograde() == 0
    assert course.ran == [
        f"ada/{MODULE}/{SOFTMAX}",
        f"bob/{MODULE}/{SOFTMAX}",
        f"bob/{MODULE}/{DOUBLE}",
    ]
    assert course.graded("ada", DOUBLE).exists()


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--student", "eve"], 2, "No submission of eve is at"),
        (["--notebook", "09_none"], 2, "No notebook 09_none. There are: 01_softmax, 02_double."),
        (["--course", "/nowhere"], 2, "No nbgrader_config.py in /nowhere"),
    ],
)
def test_a_wrong_command_line_is_told(
    course: Class, capsys: pytest.CaptureFixture[str], words: list[str], status: int, message: str
) -> None:
    course.submit("ada")
    assert course.autograde(*words) == status
    assert message in said(capsys)


def test_no_submissions_at_all(course: Class, capsys: pytest.CaptureFixture[str]) -> None:
    assert course.autograde() == 2
    assert "There are no submissions" in said(capsys)


def test_an_assignment_that_was_never_generated(
    course: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    course.submit("ada")
    (course.root / "gradebook.db").unlink()
    assert course.autograde() == 1
    assert "Run `nbgrader generate_assignment 01_small` first." in said(capsys)
    assert not (course.root / "gradebook.db").exists()


def test_no_instructors_notebook(course: Class, capsys: pytest.CaptureFixture[str]) -> None:
    course.submit("ada")
    for step in ("source", "release"):
        (course.root / step / MODULE / f"{DOUBLE}.ipynb").unlink()
    assert course.autograde() == 1
    assert f"There is no {course.root}/source/./{MODULE}/{DOUBLE}.ipynb".replace(
        "/./", "/"
    ) in said(capsys)


def test_an_instructors_test_that_is_no_python_stops_everything_and_is_named(
    course: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    course.submit("ada")
    path = course.root / "source" / MODULE / f"{SOFTMAX}.ipynb"
    nb = read(path)
    find(nb, "test_softmax").source += "\n)"
    write(nb, path)
    assert course.autograde() == 1
    text = " ".join(capsys.readouterr().err.split())
    assert f"{MODULE}/{SOFTMAX}.ipynb: the test test_softmax of the instructor's notebook" in text
    assert "is no Python (line 15: unmatched ')'). Mend it in the source notebook" in text


def test_a_gradebook_that_may_not_be_written(
    course: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    course.submit("ada")
    config = course.root / "nbgrader_config.py"
    url = f"sqlite:///file:{course.root / 'gradebook.db'}?mode=ro&uri=true"
    config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {url!r}\n")
    assert course.autograde() == 1
    assert "The gradebook may not be written." in said(capsys)


def test_a_full_disk_stops_with_one_message_and_loses_nothing(
    course: Class, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from torchgrade.grading import converter

    course.submit("ada")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(converter, "put_in_place", full)
        assert course.autograde() == 1
    text = said(capsys)
    assert text.count("The disk is full") == 1
    assert "Traceback" not in text
    assert len(course.ran) == 2
    assert course.autograde() == 0
    assert course.ran == []


@pytest.mark.parametrize("cells", [[], None])
def test_notebooks_without_cells_or_sense(course: Class, cells: Any) -> None:
    folder = course.submit("ada")
    nb: Mapping[str, Any] = json.loads((folder / f"{DOUBLE}.ipynb").read_text())
    (folder / f"{DOUBLE}.ipynb").write_text(json.dumps({**nb, "cells": cells}))
    assert course.autograde() == 0
    assert course.scores("ada")[f"{DOUBLE}/test_double"] == (0 if cells == [] else None)
    assert course.autograde() == 0
    assert f"ada/{MODULE}/{DOUBLE}" not in course.ran[2:]


def test_a_test_without_a_score_is_never_left_in_silence(
    course: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    config = course.root / "nbgrader_config.py"
    stock = "c.Autograde.sanitize_preprocessors.remove('torchgrade.nbgrader.sanitize.SettleCells')"
    config.write_text(f"{config.read_text()}\n{stock}\n")
    folder = course.submit("ada")
    nb: NotebookNode = read(folder / f"{DOUBLE}.ipynb")
    nb.cells.remove(find(nb, "test_double"))
    write(nb, folder / f"{DOUBLE}.ipynb")
    assert course.autograde() == 0
    assert f"ada: {DOUBLE}: test_double has no score" in said(capsys)


STRANGE = {
    "UTF-16": ("notebook".encode("utf-16"), "it is not a text file"),
    "deep": (b"[" * 200_000, "it is not JSON"),
    "a list": (b"[1, 2]", "it is JSON, but no notebook"),
    "many cells": (
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ['
        + b",".join([b"{}"] * 1_000_000)
        + b"]}",
        "it has 1000000 cells",
    ),
    "large": (
        b'{"cells": [], "metadata": {"x": "' + b"x" * (21 << 20) + b'"}}',
        "without its outputs",
    ),
    "huge": (b" " * (101 << 20), "it is 101 MiB large"),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_a_file_that_is_no_notebook_waits_for_a_person(
    course: Class, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    content, why = STRANGE[kind]
    (course.submit("ada") / f"{DOUBLE}.ipynb").write_bytes(content)
    begun = time.monotonic()
    assert course.autograde() == 0
    assert time.monotonic() - begun < 60
    assert why in said(capsys)
    assert course.ran == [f"ada/{MODULE}/{SOFTMAX}"]
    assert course.scores("ada")[f"{DOUBLE}/test_double"] is None
    assert course.scores("ada")[f"{SOFTMAX}/test_softmax"] == 3
    assert course.autograde() == 0
    assert course.ran == []
