"""The engine on real notebooks: verdicts, ends, events, and nothing left behind."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from torchgrade.engine import engine as engines
from torchgrade.engine.engine import Engine
from torchgrade.engine.fork_server import ForkServer
from torchgrade.engine.fresh import FreshProcesses
from torchgrade.engine.given import Given
from torchgrade.engine.task import Graded, GradingFailed, Limits, Task

LESSONS = sorted(Path(__file__).parents[3].glob("source/*/*.ipynb"))
TEST = """test = exercise("{name}")
test.on(torch.tensor([2.0])).gives(torch.tensor([4.0]), mistakes={{"it is tripled": torch.tensor([6.0])}})
### BEGIN HIDDEN TESTS
canary = "KANARIENVOGEL"
test.matches(lambda x: x + x, cases=cases(x="B C"), points=2, title="values")
test.mistakes({{"it is squared": lambda x: x**2}})
### END HIDDEN TESTS
test.grade()"""  # noqa: E501
IMPORTS = "import torch\nfrom torchgrade import cases, exercise"
RIGHT = "def double(x): return 2 * x"
TWICE = "def twice(x): return x + x"


def graded_cell(name: str, source: str = "") -> Any:
    graded = {"grade": True, "solution": False, "grade_id": f"test_{name}", "points": 2}
    return new_code_cell(
        source or TEST.format(name=name),
        id=f"test-{name}",
        metadata={"nbgrader": graded | {"locked": True}},
    )


def given_cells(*cells: Any) -> Any:
    """An instructor's notebook: its imports, and the test cells among `cells`."""
    tests = [cell for cell in cells if not isinstance(cell, str)]
    return new_notebook(cells=[new_code_cell(IMPORTS), *tests])


def task(*cells: Any, judge: bool = True, given: Any = None, **limits: Any) -> Task:
    given = given or given_cells(*cells)
    made = [cell if not isinstance(cell, str) else new_code_cell(cell) for cell in cells]
    for number, cell in enumerate(made):
        if not cell.metadata:
            cell["id"] = f"cell-{number}"
    wanted = Limits(**{"cell_seconds": 5.0, "notebook_seconds": 60.0} | limits)
    return Task("a notebook", new_notebook(cells=made), given, judge=judge, limits=wanted)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


def scores(graded: Graded) -> list[float | None]:
    return [test.score for test in graded.tests]


def texts(graded: Graded) -> str:
    return str([cell.get("outputs") for cell in graded.notebook["cells"]])


@pytest.mark.parametrize("judge", [True, False], ids=["judge", "one process"])
def test_right_wrong_and_unfinished_work_gets_its_points(judge: bool, engine: Engine) -> None:
    graded = engine.grade(
        task(
            *(IMPORTS, RIGHT, graded_cell("double"), "def twice(x): return x ** 2"),
            *(graded_cell("twice"), "def thrice(x): raise NotImplementedError()"),
            *(graded_cell("thrice"), graded_cell("missing")),
            judge=judge,
        )
    )
    assert scores(graded) == [2.0, 0.0, 0.0, 0.0]
    reports = [test.report for test in graded.tests]
    assert [report["status"] for report in reports if report] == [
        *("passed", "failed", "unfinished", "unfinished")
    ]
    assert reports[1]
    assert reports[1]["mistake"] == "it is squared"
    assert graded.problems == ()


def test_outputs_and_counts_are_those_of_a_notebook(engine: Engine) -> None:
    graded = engine.grade(task("print('a')", "1 + 1", graded_cell("x", "3.5"), "1 / 0"))
    cells = graded.notebook["cells"]
    assert [cell["execution_count"] for cell in cells] == [1, 2, 3, 4]
    assert cells[0]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "a\n"}]
    assert cells[1]["outputs"][0]["execution_count"] == 2
    assert cells[3]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert scores(graded) == [3.5]


def test_plain_asserts_on_the_learners_names_work(engine: Engine) -> None:
    right, wrong = "assert torch.equal(double(x), 2 * x)", "assert torch.equal(double(x), 3 * x)"
    given = new_notebook(
        cells=[
            new_code_cell("import torch\nx = torch.ones(3)"),
            graded_cell("right", right),
            graded_cell("wrong", wrong),
        ]
    )
    spoiled = "import torch\nx = 'the learner changed it'"
    graded = engine.grade(
        task(spoiled, RIGHT, graded_cell("right", right), graded_cell("wrong", wrong), given=given)
    )
    assert scores(graded) == [None, 0.0]


def test_without_the_instructors_notebook_a_test_takes_nothing_but_answers(engine: Engine) -> None:
    answer = new_code_cell(RIGHT, id="a", metadata={"nbgrader": {"solution": True}})
    alone = "import torch\nassert torch.equal(double(torch.ones(2)), torch.full((2,), 2.0))"
    spoiled = "import torch\ntorch.equal = lambda *a: True"
    notebook = new_notebook(
        cells=[
            *(new_code_cell(spoiled), answer),
            *(graded_cell("theirs", "assert torch.equal(double, 5)"), graded_cell("alone", alone)),
        ]
    )
    graded = engine.grade(Task("t", notebook))
    assert scores(graded) == [0.0, None]
    assert "name 'torch' is not defined" in texts(graded)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("import os\ndef double(x): os._exit(3)", "exited with 3"),
        ("import ctypes\ndef double(x): ctypes.string_at(0)", "SIGSEGV"),
        ("def double(x):\n    while True: pass", "more than 1 s"),
    ],
    ids=["ends its process", "crashes", "never returns"],
)
def test_code_that_ends_its_process_costs_its_own_exercise_only(
    bad: str, reason: str, engine: Engine
) -> None:
    cells = (IMPORTS, bad, graded_cell("double"), TWICE, graded_cell("twice"))
    graded = engine.grade(task(*cells, cell_seconds=1.0))
    assert scores(graded) == [0.0, 2.0]
    assert reason in graded.tests[0].ended
    assert reason in str(graded.tests[0].report)
    assert reason in str(graded.problems)


def test_a_cell_that_ends_its_process_costs_itself_only(engine: Engine) -> None:
    cells = (IMPORTS, RIGHT, "import os\nos._exit(0)", graded_cell("double"))
    graded = engine.grade(task(*cells))
    assert scores(graded) == [2.0]
    assert "ProcessEnded" in texts(graded)


def test_a_cell_that_never_ends_is_stopped_and_the_rest_counts(engine: Engine) -> None:
    cells = (IMPORTS, RIGHT, "while True: pass", graded_cell("double"))
    graded = engine.grade(task(*cells, cell_seconds=1.0))
    assert scores(graded) == [2.0]
    assert "CellTimeoutError" in texts(graded)


def test_the_learners_process_never_holds_a_hidden_test(engine: Engine) -> None:
    look = """
import re
found = []
memory = open('/proc/self/maps').read().split('\\n')
with open('/proc/self/mem', 'rb') as mem:
    for line in memory:
        parts = line.split()
        if len(parts) > 1 and 'r' in parts[1] and '[v' not in line:
            start, end = (int(n, 16) for n in parts[0].split('-'))
            try:
                mem.seek(start)
                data = mem.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            if re.search(b'KANARIENVOGE[L]', data):  # which this line itself is not
                found.append(line)
print('FOUND', len(found))
"""
    # The test runs first, so that whatever it leaves behind on the learner's side is there.
    graded = engine.grade(task(IMPORTS, RIGHT, graded_cell("double"), look, cell_seconds=20))
    assert scores(graded) == [2.0]
    assert "FOUND 0" in texts(graded) or "PermissionError" in texts(graded)


def test_events_tell_of_every_cell_as_it_is_done(engine: Engine) -> None:
    heard: list[dict[str, Any]] = []
    engine.grade(task(IMPORTS, RIGHT, graded_cell("double")), heard.append)
    assert [event["event"] for event in heard] == ["cell", "cell", "test"]
    assert heard[2]["grade_id"] == "test_double"
    assert heard[2]["score"] == 2.0


def test_files_of_the_submission_are_at_hand_and_cannot_leave_their_folder(engine: Engine) -> None:
    content = base64.b64encode(b"1 2 3").decode()
    with_file = task("print(open('data/n.txt').read())")
    graded = engine.grade(Task("t", with_file.notebook, files={"data/n.txt": content}))
    assert "1 2 3" in texts(graded)
    with pytest.raises(GradingFailed, match="outside"):
        engine.grade(Task("t", with_file.notebook, files={"../n.txt": content}))


def test_results_and_tasks_go_through_json(engine: Engine) -> None:
    asked = task(IMPORTS, RIGHT, graded_cell("double"))
    again = Task.from_json(asked.json())
    assert again == asked
    graded = engine.grade(again)
    assert Graded.from_json(graded.json()) == graded
    assert graded.memory_mib["learner"] > 0
    assert {layer.name for layer in graded.layers} >= {"namespaces", "landlock", "seccomp"}


def test_a_notebooks_memory_is_told_even_if_it_takes_no_time(engine: Engine) -> None:
    for _ in range(5):
        assert engine.grade(task("x = 1")).memory_mib["learner"] > 0


def server_of(engine: Engine) -> psutil.Process:
    assert isinstance(engine._judges, ForkServer)
    assert engine._judges.process is not None
    return psutil.Process(engine._judges.process.pid)


def test_threads_that_share_an_engine_read_a_notebook_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading: list[str] = []
    most = 0

    def slowly(notebook: Any) -> Given:
        nonlocal most
        reading.append("")
        most = max(most, len(reading))
        time.sleep(0.02)
        reading.pop()
        return Given()

    monkeypatch.setattr(Given, "read", slowly)
    given = [new_notebook(cells=[new_code_cell(f"x = {number}")]) for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Engine()._given, [task("1", given=one) for one in given]))
    assert most == 1


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


@pytest.mark.parametrize("victim", ["server", "judge"])
def test_a_killed_server_or_judge_fails_the_task_and_the_next_one_is_graded(victim: str) -> None:
    with Engine() as engine:
        engine.start()
        server = server_of(engine).pid

        def kill(event: dict[str, Any]) -> None:
            pid = server if victim == "server" else descendants(server)[0].pid
            os.kill(pid, signal.SIGKILL)

        ends = "import os, time\ntime.sleep(1)\nos._exit(1)"
        slow = task(IMPORTS, ends, RIGHT, graded_cell("double"))
        with pytest.raises(GradingFailed):
            engine.grade(slow, kill)
        assert scores(engine.grade(task(IMPORTS, RIGHT, graded_cell("double")))) == [2.0]


def gone(processes: list[psutil.Process], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes):
            return True
        time.sleep(0.02)
    return False


def test_an_interrupted_task_and_a_closed_engine_leave_no_process() -> None:
    seen: list[psutil.Process] = []
    forks = "import os, time\nfor _ in range(3):\n    if not os.fork(): time.sleep(60)"
    with Engine() as own:

        def interrupt(event: dict[str, Any]) -> None:
            seen.extend([server_of(own), *descendants(server_of(own).pid)])
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            own.grade(task(forks, "import time; time.sleep(60)", cell_seconds=50), interrupt)
        folder = Path(seen[0].cwd())
    assert len(seen) > 3
    assert gone(seen)
    assert not folder.exists()


@pytest.mark.parametrize("forks", [True, False])
def test_a_thread_that_waits_while_the_engine_closes_starts_no_process(
    forks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "FORKS", forks)
    before = set(psutil.Process().children())
    with ThreadPoolExecutor(1) as pool, Engine(unprotected=True) as own:
        assert isinstance(own._judges, ForkServer | FreshProcesses)
        with own._judges._lock:
            late = pool.submit(own.grade, task("x = 1"))
            own.close()
        with pytest.raises(GradingFailed, match="stopped"):
            late.result()
        assert set(psutil.Process().children()) <= before


@pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])
def test_every_lesson_gets_full_marks(path: Path, engine: Engine) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    graded = engine.grade(Task(path.stem, notebook, notebook))
    statuses = [test.report["status"] for test in graded.tests if test.report]
    assert statuses == ["passed"] * len(graded.tests)
    assert bool(statuses) == bool(notebook["metadata"]["torchenstein"]["points"])
    assert graded.problems == ()


def test_a_watcher_that_is_silenced_is_not_believed(engine: Engine) -> None:
    watched = """test = exercise("total")
test.matches(lambda x: x.sum(), cases=cases(x="N"), points=1, bans=["sum"], max_operations=30)
test.matches(lambda x: x.sum(), cases=cases(x="N"), points=1, title="values")
test.grade()"""
    silence = """from torchgrade.check import watch
watch.CalledFunctions.__torch_function__ = lambda self, f, t, a=(), k=None: f(*a, **(k or {}))"""
    sums = "def total(x): return x.sum()"
    adds = "def total(x): return x @ torch.ones_like(x)"
    patches = "torch.Tensor.sum = torch.Tensor.sum"
    cells = {"banned": (sums,), "silenced": (silence, sums), "honest": (adds,)}
    cells["doubtful"] = (patches, adds)  # torch itself is imported in the instructor's own cell
    graded = {
        name: engine.grade(task(IMPORTS, *sources, graded_cell("total", watched)))
        for name, sources in cells.items()
    }
    earned = {name: scores(one)[0] for name, one in graded.items()}
    assert earned == {"banned": 1.0, "silenced": 0.0, "honest": 2.0, "doubtful": 1.0}
    assert "torch.Tensor.sum" in str(graded["doubtful"].problems)


ENDLESS = """
import json, sys
from torchgrade.engine.engine import Engine
from torchgrade.engine.task import Limits, Task
from nbformat.v4 import new_code_cell, new_notebook
cells = [new_code_cell("1"), new_code_cell("import os\\nos.fork()\\nwhile True: pass")]
with Engine() as engine:
    engine.grade(Task("t", new_notebook(cells=cells)), lambda event: print("begun", flush=True))
"""


def test_a_killed_driver_leaves_no_process() -> None:
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE) as driver:
        assert driver.stdout is not None
        driver.stdout.readline()
        begun = descendants(driver.pid)
        driver.kill()
    assert len(begun) >= 4  # the server, the judge, the warden, the learner's process
    assert gone(begun, seconds=10)


def test_what_courses_do_works_in_the_sandbox(engine: Engine) -> None:
    cells = {
        "temporary files": "import tempfile\nwith tempfile.TemporaryDirectory() as place:\n"
        "    torch.save(torch.ones(2), f'{place}/x.pt')\n    print(torch.load(f'{place}/x.pt'))",
        "training": "layer = torch.nn.Linear(3, 1)\nsteps = torch.optim.AdamW(layer.parameters())\n"
        "layer(torch.ones(2, 3)).sum().backward()\nsteps.step()",
        "compiling": "torch.compile(lambda x: x + 1, backend='eager')(torch.ones(2))",
        "a pretended device": "torch.ones(2, 3, device='meta') @ torch.ones(3, 4, device='meta')",
        "loading with workers": "data = torch.utils.data.TensorDataset(torch.arange(8.0))\n"
        "loader = torch.utils.data.DataLoader(data, batch_size=4, num_workers=2)\n"
        "sum(float(batch[0].sum()) for batch in loader)",
        "a shell command": "!echo shell",
    }
    graded = engine.grade(task(IMPORTS, *cells.values(), cell_seconds=60))
    failed = {
        name: cell["outputs"]
        for name, cell in zip(cells, graded.notebook["cells"][1:], strict=True)
        if any(output["output_type"] == "error" for output in cell["outputs"])
    }
    assert failed == {}
    assert "shell" in texts(graded)
    assert graded.problems == ()


def test_a_learners_process_that_somebody_else_kills_is_no_verdict(engine: Engine) -> None:
    def kill(event: dict[str, Any]) -> None:
        server = server_of(engine).pid
        for process in descendants(server):
            if process.ppid() != server:  # the warden's child
                process.send_signal(signal.SIGKILL)

    slow = "import time; time.sleep(3)"
    with pytest.raises(GradingFailed, match="from outside"):
        engine.grade(task(IMPORTS, slow, RIGHT, graded_cell("double")), kill)
    assert scores(engine.grade(task(IMPORTS, RIGHT, graded_cell("double")))) == [2.0]
