"""SIGKILL at random moments, to five kinds of processes: no grade is lost or invented.

A dozen moments; with TORCHENSTEIN_KILLS=50 fifty, in three minutes.
"""

import json
import os
import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from torchgrade.engine.engine import Engine
from torchgrade.engine.task import Graded, Task

from tests.autograder.attacks.processes import command, descendants
from tests.autograder.faults.class_of_six import (
    STUDENTS,
    State,
    nothing_invented,
    nothing_runs,
    receipts_of,
    same,
    until,
)
from tests.autograder.faults.conftest import Record
from tests.autograder.grading.class_of import Class
from tests.autograder.grading.test_kill import start, wait
from tests.autograder.nbgrader.notebooks import MODULE

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds processes in /proc"),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted.* not in session"),
    pytest.mark.usefixtures("orphans"),
]
KILLS = int(os.environ.get("TORCHENSTEIN_KILLS", "12"))
DRIVER, JUDGE, SERVER, LEARNER, WORKER = (
    max(1, round(KILLS * share / 50)) for share in (20, 9, 6, 10, 5)
)
MOST_CHANGES = 45  # of the folders, in about one run
MOST_SECONDS = 0.15  # about what a notebook takes
Find = Callable[[], int | None]


def afresh(course: Class, handed_in: Path) -> None:
    """Put the class back to where nobody is graded."""
    shutil.rmtree(course.root)
    shutil.copytree(handed_in, course.root)


# --- the driver


def test_the_driver(
    class_of_six: Class,
    handed_in: Path,
    undisturbed: State,
    record: Record,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course, moments, killed, finished = class_of_six, random.Random(1), 0, 0
    temporary = tmp_path / "temporary"
    temporary.mkdir(mode=0o711)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    while killed < DRIVER:
        child = start(course, "--jobs", "2")
        status = killed_at(child, course.root, moments)
        until(nothing_runs)
        if status is None:
            nothing_invented(course, undisturbed)
            killed += 1
            continue
        assert status == 0, said(course, child)
        same(course, undisturbed)
        afresh(course, handed_in)
        finished += 1
    last = start(course)
    assert wait(last) == 0, said(course, last)
    same(course, undisturbed)
    assert list(temporary.iterdir()) == []
    record("SIGKILL: driver", killed, f"{finished + 1} classes graded meanwhile, as undisturbed")


def killed_at(child: int, root: Path, moments: random.Random) -> int | None:
    """Kill a driver after a random number of changes to the folders; its status if it was done."""
    changes, seen = moments.randint(0, MOST_CHANGES), set[frozenset[str]]()
    rest = moments.uniform(0, 0.05)
    while len(seen) <= changes:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        seen.add(frozenset(files(root / ".torchgrade") | files(root / "autograded")))
        time.sleep(0.002)
    time.sleep(rest)
    os.kill(child, signal.SIGKILL)
    status = wait(child)
    return None if status == -signal.SIGKILL else status


def files(folder: Path) -> set[str]:
    return {os.path.join(place, name) for place, _, names in os.walk(folder) for name in names}


def said(course: Class, child: int) -> str:
    return (course.root / f"said-{child}").read_text()


# --- inside the engine


class Warm:
    """An engine that stays open from one run to the next."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self) -> None:
        self._engine.start()

    def grade(self, task: Task) -> Graded:
        return self._engine.grade(task)

    def close(self) -> None:
        """It serves the next run too."""


@pytest.fixture
def engine(class_of_six: Class) -> Iterator[Engine]:
    with Engine(hidden=[class_of_six.root / "source"]) as engine:
        engine.start()
        class_of_six.make = lambda settings: Warm(engine)
        yield engine


def servers() -> list[int]:
    found = descendants(os.getpid())
    return [pid for pid in found if "torchgrade.engine.server" in found[pid] and led(pid)]


def led(pid: int) -> bool:
    """Whether it is the server itself, and not one of its forks, whose command line is the same."""
    return "torchgrade.engine.server" not in command(parent(pid))


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def of_server() -> int | None:
    return next(iter(servers()), None)


def of_judge() -> int | None:
    """A child in the server's own session; a learner's warden has a session of its own."""
    for server in servers():
        for pid in descendants(server):
            if parent(pid) == server and session(pid) == server:
                return pid
    return None


def of_learner() -> int | None:
    """A learner's process or the warden that watches it, whichever is found first."""
    found = [
        pid
        for server in servers()
        for pid in descendants(server)
        if session(pid) not in (server, None)
    ]
    return random.choice(found) if found else None


def of_worker() -> int | None:
    """A Dask worker in whose engine a judge is at work."""
    judge = of_judge()
    return parent(parent(judge)) if judge else None


def session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


@contextmanager
def hunting(find: Find, moments: random.Random, count: int, hits: list[int]) -> Iterator[None]:
    """Kill what is found, again and again, until there are enough `hits`."""
    over = threading.Event()

    def hunt() -> None:
        while len(hits) < count and not over.is_set():
            victim = find()
            if victim:
                time.sleep(moments.uniform(0, MOST_SECONDS))
                if command(victim) and not over.is_set():
                    os.kill(victim, signal.SIGKILL)
                    hits.append(victim)
                    over.wait(moments.uniform(0, 0.3))
            over.wait(0.005)

    thread = threading.Thread(target=hunt)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def graded_under_fire(
    course: Class, words: list[str], find: Find, count: int, check: Callable[[], None]
) -> tuple[int, int]:
    """Grade classes until enough is killed; return how many, and how often one run was too few.

    Args:
        check: is called when a run says that all are graded; begins a new class.
    """
    moments, hits, classes, again = random.Random(1), list[int](), 0, 0
    while True:
        done = len(hits) >= count
        with hunting(find, moments, count, hits):
            status = course.autograde(*words)
        if status == 0:
            classes += 1
            check()
            if done:
                return classes, again
        else:
            assert status == 1
            again += 1


@pytest.mark.parametrize(
    ("kind", "find", "count"), [("judge", of_judge, JUDGE), ("fork server", of_server, SERVER)]
)
def test_the_engines_own_processes(
    kind: str,
    find: Find,
    count: int,
    class_of_six: Class,
    handed_in: Path,
    undisturbed: State,
    engine: Engine,
    record: Record,
) -> None:
    def check() -> None:
        same(class_of_six, undisturbed)
        afresh(class_of_six, handed_in)

    classes, again = graded_under_fire(class_of_six, ["--jobs", "1"], find, count, check)
    engine.close()
    until(nothing_runs)
    outcome = f"{classes} classes graded meanwhile, as undisturbed; {again} needed a second run"
    record(f"SIGKILL: {kind}", count, outcome)


def test_a_learners_process_costs_at_most_its_own_exercise_and_is_told(
    class_of_six: Class,
    handed_in: Path,
    undisturbed: State,
    engine: Engine,
    record: Record,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The engine cannot tell it from a submission that ends itself; a person can."""
    course, told = class_of_six, Counter[str]()

    def check() -> None:
        hit = struck(course)
        text = " ".join(capsys.readouterr().out.split())
        assert all(f"{student}: {name}: cell" in text for student, name in hit)
        only_lower_where(hit, course, undisturbed)
        told.update(student for student, _ in hit)
        for student in {student for student, _ in hit}:
            shutil.rmtree(course.root / "autograded" / student)
        assert course.autograde() == 0
        if not struck(course):
            same(course, undisturbed)
        afresh(course, handed_in)

    classes, _ = graded_under_fire(course, ["--jobs", "1"], of_learner, LEARNER, check)
    engine.close()
    until(nothing_runs)
    outcome = (
        f"{classes} classes graded meanwhile; {told.total()} notebooks name the cell that was hit, "
        "nobody else's grade differs"
    )
    record("SIGKILL: learner's process", LEARNER, outcome)


def struck(course: Class) -> set[tuple[str, str]]:
    """(student, notebook) whose receipts say that the process was killed or stopped."""
    found = set()
    for path in (course.root / ".torchgrade" / "receipts" / MODULE).glob("*.json"):
        for name in json.loads(path.read_text())["notebooks"]:
            if any("its process " in problem for problem in problems(course, path.stem, name)):
                found.add((path.stem, name))
    return found


def problems(course: Class, student: str, name: str) -> list[str]:
    path = course.root / ".torchgrade" / "receipts" / MODULE / f"{student}.json"
    result = json.loads(path.read_text())["notebooks"][name]["result"] or {"problems": []}
    return list(result["problems"])


def only_lower_where(hit: set[tuple[str, str]], course: Class, expected: State) -> None:
    scores = {row[:3]: row[3:] for row in expected.rows if len(row) == 7}
    found = {row[:3]: row[3:] for row in course.rows() if len(row) == 7}
    assert found.keys() == scores.keys()
    for place, values in found.items():
        if place[:2] in hit and scores[place][0] is not None:
            assert values[0] is not None
            assert values[0] <= scores[place][0]
        else:
            assert values == scores[place], f"{place}: {problems(course, *place[:2])}"
    assert receipts_of(course).keys() == set(STUDENTS)


# --- a Dask worker


@pytest.mark.filterwarnings("ignore::UserWarning:distributed", "ignore::ResourceWarning")
def test_a_dask_worker(
    class_of_six: Class, handed_in: Path, undisturbed: State, record: Record
) -> None:
    distributed = pytest.importorskip("distributed")

    def check() -> None:
        same(class_of_six, undisturbed)
        afresh(class_of_six, handed_in)

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        words = ["--cluster", cluster.scheduler_address]
        classes, again = graded_under_fire(class_of_six, words, of_worker, WORKER, check)
    until(lambda: not servers())
    outcome = f"{classes} classes graded meanwhile, as undisturbed; {again} needed a second run"
    record("SIGKILL: Dask worker", WORKER, outcome)
