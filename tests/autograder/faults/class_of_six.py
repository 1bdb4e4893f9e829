"""Six submissions in which nearly every verdict occurs, and all that grading them leaves."""

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torchgrade.nbgrader.compare import files_of

from tests.autograder.attacks.processes import descendants
from tests.autograder.grading.class_of import DOUBLE, SOFTMAX, TIME, Class
from tests.autograder.nbgrader.notebooks import MODULE, read, write

RIGHT = {
    "softmax": "def softmax(x):\n    e = torch.exp(x - x.amax(-1, keepdim=True))\n"
    "    return e / e.sum(-1, keepdim=True)",
    "double": "def double(x):\n    return 2 * x",
}
STUDENTS: dict[str, dict[str, str]] = {
    "ada": RIGHT,
    "bob": {**RIGHT, "softmax": "def softmax(x):\n    return torch.softmax(x, 0)"},
    "cyd": {},
    "dan": {**RIGHT, "double": "def double(x):\n    return x**2"},
    "eve": {**RIGHT, "double": "def double(x):\n    raise ValueError('not yet')"},
    "fay": {**RIGHT, "double": "import time\n\ntime.sleep(0.1)\n\n" + RIGHT["double"]},
}
ONE_NOTEBOOK = "eve"  # hands in the first only


@dataclass(frozen=True)
class State:
    """What a grading leaves, without times and arbitrary ids.

    Attributes:
        rows: of the gradebook.
        files: what is in `autograded/`, by relative path.
        receipts: keys and scores by student and notebook.
    """

    rows: list[Any]
    files: dict[str, Any]
    receipts: dict[str, dict[str, Any]]


def hand_in(root: Path, student: str, answers: Mapping[str, str], when: str = TIME) -> None:
    """Put a submission in place of an older one, as `nbgrader collect` does."""
    folder = root / "submitted" / student / MODULE
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name in [SOFTMAX] if student == ONE_NOTEBOOK else [SOFTMAX, DOUBLE]:
        nb = read(root / "release" / MODULE / f"{name}.ipynb")
        for cell in nb.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(grade_id, cell.source)
        write(nb, folder / f"{name}.ipynb")
    (folder / "timestamp.txt").write_text(when)


def state(course: Class) -> State:
    """Read all that grading has left."""
    folder = course.root / "autograded"
    files = files_of(folder) if folder.exists() else {}
    contents = {name: _content(path) for name, path in files.items()}
    return State(course.rows(), contents, receipts_of(course))


def receipts_of(course: Class) -> dict[str, dict[str, Any]]:
    """Read keys and scores of what has a receipt."""
    paths = (course.root / ".torchgrade" / "receipts" / MODULE).glob("*.json")
    return {path.stem: _entries(path) for path in paths}


def same(course: Class, expected: State) -> None:
    """Everything is as undisturbed, and nothing is left over."""
    found = state(course)
    assert found.rows == expected.rows
    assert found.receipts == expected.receipts
    assert found.files.keys() == expected.files.keys()
    assert found.files == expected.files
    tidy(course)


def tidy(course: Class) -> None:
    """No half-done folder, no waiting result, no partial file."""
    here = course.root / ".torchgrade"
    assert not (here / "staging" / MODULE).exists()
    assert [path for path in (here / "results").rglob("*") if path.is_file()] == []
    hidden = list((course.root / "autograded").rglob(".*"))
    assert [*hidden, *course.root.rglob("*.part")] == []


def nothing_invented(course: Class, expected: State) -> None:
    """In the middle of things: what is entered is right, what has a receipt is complete."""
    scores = {row[:3]: row[3] for row in expected.rows if len(row) == 7}
    found = {row[:3]: row[3] for row in course.rows() if len(row) == 7}
    assert found.keys() <= scores.keys()
    assert [place for place in found if found[place] not in (None, scores[place])] == []
    receipts = receipts_of(course)
    assert receipts == {student: expected.receipts[student] for student in receipts}
    assert {place for place in found if place[0] in receipts and found[place] is None} <= {
        place for place in scores if scores[place] is None
    }


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def nothing_runs() -> bool:
    """Whether no process below this one is alive."""
    return not descendants(os.getpid())


def _content(path: Path) -> Any:
    if path.suffix != ".ipynb":
        return path.read_bytes()
    nb = json.loads(path.read_text(encoding="utf-8"))
    for cell in nb["cells"]:
        cell["metadata"].pop("execution", None)
    return nb


def _entries(path: Path) -> dict[str, Any]:
    notebooks = json.loads(path.read_text(encoding="utf-8"))["notebooks"]
    return {name: (entry["key"], entry["scores"]) for name, entry in notebooks.items()}
