"""The student version names mistakes that only hidden tests describe, without hidden tests."""

import json
import logging
import shutil
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum
from torchgrade.check.report import MIME
from torchgrade.engine.engine import Engine
from torchgrade.engine.task import Task
from torchgrade.nbgrader import mistakes
from torchgrade.nbgrader.build import StudentVersion, build, convert, load_config

from tests.autograder.nbgrader.notebooks import (
    MODULE,
    ROOT,
    answer,
    checks_of,
    double_lesson,
    find,
    make_course,
    notebook,
    read,
    setup_cell,
    write,
)

Report = dict[str, Any]

NAME = "06_broadcasting"
# No open example says what these are; among the hidden tests each has a name.
WRONG = {
    "attention_mask": """def attention_mask(lengths, T):
    place = torch.arange(T)
    real = place < lengths[:, None, None, None]
    return torch.tril(torch.ones(T, T)).bool() | real
""",
    "column_scale": """def column_scale(x, scale):
    return torch.mul(scale, x)
""",
    "unbroadcast_grad": """def unbroadcast_grad(g, shape):
    return g.sum(0) if shape == (3,) else g.sum()
""",
}
NAMED = {
    "attention_mask": "the two conditions are joined by or",
    "column_scale": "whatever torch can multiply is accepted",
    "unbroadcast_grad": None,  # nobody thought of this one
}


def make(course: Path, place: Path) -> list[str]:
    """Make student versions below `place`; return what failed."""
    return convert(StudentVersion, course, course / "source" / MODULE, load_config(course), place)


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Path:
    """A course with the lesson on broadcasting, and its student version in `release/`."""
    course = make_course(tmp_path_factory.mktemp("course"), {})
    source = course / "source" / MODULE / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    shutil.copy(ROOT / "source" / "01_tensors" / f"{NAME}.ipynb", source)
    shutil.copy(empty_gradebook, course / "gradebook.db")
    assert make(course, course) == []
    return course


@pytest.fixture
def place(tmp_path: Path, empty_gradebook: Path) -> Path:
    """Where student versions are made, with a gradebook at hand."""
    (tmp_path / "made").mkdir()
    shutil.copy(empty_gradebook, tmp_path / "made" / "gradebook.db")
    return tmp_path / "made"


@pytest.fixture(scope="module")
def student(lessons: Path) -> NotebookNode:
    return read(lessons / "release" / MODULE / f"{NAME}.ipynb")


@pytest.fixture(scope="module")
def handed_in(student: NotebookNode) -> NotebookNode:
    """The student version with wrong answers."""
    nb = deepcopy(student)
    for name, source in WRONG.items():
        find(nb, name).source = source
    return nb


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(client: BlockingKernelClient, cell: NotebookNode, metadata: Any) -> Report | None:
    """Run a cell as JupyterLab does, its metadata with the request; the report that it shows."""
    content = {
        "code": cell.source,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }
    asked = client.session.msg("execute_request", content, metadata=metadata)
    client.shell_channel.send(asked)
    report: Report | None = None
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != asked["header"]["msg_id"]:
            continue
        report = message["content"].get("data", {}).get(MIME, report)
        if message["content"].get("execution_state") == "idle":
            return report


def test_a_wrong_answer_gets_its_name_in_the_student_version(
    handed_in: NotebookNode, kernel: BlockingKernelClient
) -> None:
    assert "HIDDEN" not in json.dumps(handed_in)
    reports = {}
    for cell in handed_in.cells:
        if cell.cell_type == "code":
            report = run(kernel, cell, {**cell.metadata, "cellId": cell.id})
            if report is not None:
                reports[report["exercise"]] = report
    for name, sentence in NAMED.items():
        assert reports[name]["status"] == "failed"
        assert reports[name]["points"] is None
        assert reports[name]["mistake"] == sentence
    test = find(handed_in, "test_attention_mask")
    without = run(kernel, test, {"cellId": test.id})
    assert without is not None
    assert without["mistake"] is None
    assert without["status"] == "failed"


def test_grading_at_home_without_the_source_names_it_too(handed_in: NotebookNode) -> None:
    with Engine(unprotected=True) as engine:
        graded = engine.grade(Task("ada", handed_in, judge=False))
    reports = {test.grade_id: test.report for test in graded.tests}
    for name, sentence in NAMED.items():
        report = reports[f"test_{name}"]
        assert report is not None
        assert report["mistake"] == sentence


def test_in_class_a_submission_cannot_put_words_into_the_verdict(
    handed_in: NotebookNode, student: NotebookNode
) -> None:
    source = read(ROOT / "source" / "01_tensors" / f"{NAME}.ipynb")
    graded = deepcopy(source)
    for name, code in WRONG.items():
        find(graded, name).source = code
        # As a class is graded: the instructor's test, and all else as it was handed in. Without
        # its named mistakes the test would have nothing to say.
        test = find(graded, f"test_{name}")
        test.source = test.source.replace("test.mistakes(", "dict(")
        test.metadata = find(student, f"test_{name}").metadata
    with Engine(unprotected=True) as engine:
        for result in engine.grade(Task("ada", graded, given=source)).tests:
            assert result.report is not None
            assert result.report["mistake"] is None


def test_only_metadata_of_test_cells_is_added(lessons: Path, student: NotebookNode) -> None:
    bare = deepcopy(student)
    carrying = [cell for cell in bare.cells if cell.metadata.pop("torchgrade", None)]
    assert [cell.metadata.nbgrader.grade_id for cell in carrying] == [
        f"test_{name}"
        for name in ("broadcast_shape", "column_scale", "attention_mask", "unbroadcast_grad")
    ]
    without = lessons.parent / "without"
    shutil.copytree(lessons, without)
    path = without / "nbgrader_config.py"
    ours = '    "torchgrade.nbgrader.mistakes.CarryMistakes",\n'
    assert ours in path.read_text()
    path.write_text(path.read_text().replace(ours, ""))
    assert make(without, without) == []
    assert read(without / "release" / MODULE / f"{NAME}.ipynb") == bare
    for cell in student.cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader.checksum == compute_checksum(cell)


def test_neither_sentences_nor_code_can_be_read_there(student: NotebookNode) -> None:
    text = json.dumps(student)
    for secret in (*filter(None, NAMED.values()), "by_tril", "logical_or", "counts as real"):
        assert secret not in text


def test_it_is_made_the_same_every_time_and_the_check_holds(
    lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = lessons / "release" / MODULE / f"{NAME}.ipynb"
    before = made.read_bytes()
    assert make(lessons, lessons) == []
    assert made.read_bytes() == before
    assert build(lessons, check=True) == 0, capsys.readouterr().err
    made.write_bytes(before.replace(b'"outcomes": {', b'"outcomes": {"00": "AA",', 1))
    assert build(lessons, check=True) == 1
    made.write_bytes(before)


def test_a_lesson_without_named_mistakes_starts_nothing(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a process was started")

    mistakes._kept.close()
    monkeypatch.setattr(mistakes, "Worker", refuse)
    nb = double_lesson()
    test = find(nb, "test_double")
    test.source = test.source.replace('test.mistakes({"x is squared": lambda x: x**2})\n', "")
    course = make_course(tmp_path / "course", {"02_double": nb})
    assert make(course, place) == []


def test_no_process_stays_when_no_more_notebooks_come(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistakes._kept.close()
    before = psutil.Process().children()
    monkeypatch.setattr(mistakes, "IDLE", 0.2)
    assert make(make_course(tmp_path / "course", {"02_double": double_lesson()}), place) == []
    deadline = time.monotonic() + 30
    while psutil.Process().children() != before:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_outcomes_that_are_right_on_the_open_example_leave_no_trace(
    tmp_path: Path, place: Path
) -> None:
    # 2 squared is twice 2, so the one open example cannot tell the mistake.
    course = make_course(tmp_path / "course", {"02_double": double_lesson()})
    assert make(course, place) == []
    nb = read(place / "release" / MODULE / "02_double.ipynb")
    assert "torchgrade" not in find(nb, "test_double").metadata


TEST = """test = exercise("f")
test.on(torch.ones(2)).gives(torch.ones(2))
### BEGIN HIDDEN TESTS
test.matches(lambda x: x * 1, cases=cases(x="B"), points=2)
test.mistakes({"it goes wrong": %s})
### END HIDDEN TESTS
test.grade()"""
F = "def f(x):\n    ### BEGIN SOLUTION\n    return x * 1\n    ### END SOLUTION"


def lesson_with(mistake: str) -> NotebookNode:
    cells = [setup_cell(), answer("f", F), checks_of("f", TEST % mistake, 2)]
    return notebook(cells, slug=f"{MODULE}/01_f")


def test_a_mistake_may_lean_on_the_solution_and_on_cells_above(tmp_path: Path, place: Path) -> None:
    course = make_course(tmp_path / "course", {"01_f": lesson_with("lambda x: f(x) + 1")})
    assert make(course, place) == []
    nb = read(place / "release" / MODULE / "01_f.ipynb")
    assert len(find(nb, "test_f").metadata.torchgrade.known.outcomes) == 1


def test_a_test_that_cannot_run_alone_is_told_of_and_left_without_names(
    tmp_path: Path,
    place: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger("torchgrade.build"), "propagate", True)
    course = make_course(tmp_path / "course", {"01_f": lesson_with("nowhere")})
    assert make(course, place) == []
    assert (
        "its mistakes will not be named (NameError: name 'nowhere' is not defined)" in caplog.text
    )


def test_a_mistake_that_ends_its_process_stops_the_build_and_is_named(
    tmp_path: Path, place: Path
) -> None:
    course = make_course(
        tmp_path / "course", {"01_f": lesson_with('lambda x: __import__("os")._exit(3)')}
    )
    (failure,) = make(course, place)
    assert failure.startswith(f'{MODULE}/01_f.ipynb, cell 3 ("test_f"): while running its named')
    assert "torchgrade verify" in failure
    write(lesson_with("lambda x: x"), course / "source" / MODULE / "01_f.ipynb")
    assert make(course, place) == []
