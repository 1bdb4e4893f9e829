"""The face in a real IPython shell, in a process of its own."""

import json
import subprocess
import sys
from typing import Any

import pytest

SHELL = """
import json, os, sys
os.environ["IPYTHONDIR"] = sys.argv[1]
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
found = []
for source in json.loads(sys.stdin.read()):
    with capture_output() as captured:
        done = shell.run_cell(source)
    found.append({
        "shown": [output.data for output in captured.outputs]
        + [shell.display_formatter.format(done.result)[0] for _ in range(done.result is not None)],
        "result": None if done.result is None else repr(done.result),
        "error": None if done.success else repr(done.error_in_exec or done.error_before_exec),
        "text": captured.stdout,
    })
print(json.dumps(found))
"""
IMPORTS = "import torch\nfrom torchgrade import cases, check, exercise, reveal"
TEST = """test = exercise("double")
test.on(torch.tensor([1.0])).gives(torch.tensor([2.0]))
test.matches(lambda x: x * 2, cases=cases(x="B"), points=2)
test.on(3).gives(6, points=1)
test.grade()"""


def run(tmp_path: Any, *cells: str) -> list[dict[str, Any]]:
    """Run cells in a fresh shell; what each one showed."""
    done = subprocess.run(
        [sys.executable, "-c", SHELL, str(tmp_path)],
        input=json.dumps([IMPORTS, *cells]),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=120,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])[1:]
    return found


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return run(
        tmp_path_factory.mktemp("ipython"),
        TEST,
        "def double(x):\n    raise NotImplementedError()",
        TEST,
        "def double(x):\n    return x * 2 if torch.is_tensor(x) else 0",
        TEST,
        "def double(x):\n    return x.broken()",
        TEST,
        "def double(x):\n    return 2 * x",
        TEST,
        "test = exercise('double').on(1).gives(2)\ntest.grade()",
        "check(double).on(2).gives(4);",
        "reveal(None, 3)",
        "reveal(4, 3)",
    )


def report_of(cell: dict[str, Any]) -> dict[str, Any]:
    (shown,) = (data for data in cell["shown"] if "application/vnd.torchgrade.report+json" in data)
    assert {"text/plain", "text/html"} <= set(shown)
    found: dict[str, Any] = shown["application/vnd.torchgrade.report+json"]
    return found


def test_nothing_is_ever_raised_in_a_notebook(session: list[dict[str, Any]]) -> None:
    assert [cell["error"] for cell in session] == [None] * len(session)


def test_a_missing_name_and_a_stub_are_unfinished_and_score_zero(
    session: list[dict[str, Any]],
) -> None:
    for cell in (session[0], session[2]):
        assert report_of(cell)["status"] == "unfinished"
        assert cell["result"] == "0.0"


def test_partial_credit_is_the_value_of_the_cell(session: list[dict[str, Any]]) -> None:
    assert report_of(session[4])["status"] == "partial"
    assert session[4]["result"] == "2.0"


def test_an_error_names_the_learner_s_line(session: list[dict[str, Any]]) -> None:
    message = report_of(session[6])["checks"][0]["message"]
    assert message[-1] == "in your line: return x.broken()"
    assert session[6]["result"] == "0.0"


def test_full_marks_are_a_score_too(session: list[dict[str, Any]]) -> None:
    assert report_of(session[8])["status"] == "passed"
    assert session[8]["result"] == "3.0"


def test_open_examples_alone_have_no_value(session: list[dict[str, Any]]) -> None:
    assert report_of(session[9])["points"] is None
    assert session[9]["result"] is None


def test_a_check_at_hand_is_shown(session: list[dict[str, Any]]) -> None:
    assert report_of(session[10])["summary"] == "double: 1 open example holds"


def test_a_prediction_is_asked_for_before_the_answer_is_shown(
    session: list[dict[str, Any]],
) -> None:
    assert "Write your prediction first" in session[11]["text"]
    assert "3" not in session[11]["text"]
    assert "You predicted 4; it is 3." in session[12]["text"]


def test_importing_torchgrade_brings_nothing_but_torch_and_the_standard_library() -> None:
    code = (
        "import sys, torch\n"
        "before = set(sys.modules)\n"
        "import torchgrade\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names) - {'torch', 'torchgrade'}))\n"
        "print([name for name in ('IPython', 'nbgrader', 'nbformat') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]
