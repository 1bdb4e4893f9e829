"""How fast a class is graded, against stock nbgrader and otter-grader, in one run.

    python benchmarks/grading.py [--students 100] [--scale 10,100,1000] [--otter PYTHON]

A class hands in a real lesson: right, wrong and unfinished answers in turn. Each grader gets its
own copy of the course and runs as a command, imports, sandbox and gradebook writes included, on
one torch thread. Exits with 1 where a claim does not hold. The claims: `torchgrade autograde` with
two jobs grades at least 15 times as many submissions a minute as stock `nbgrader autograde`;
`nbgrader autograde` with our Execute at least 6 times as many; the cost of a submission does not
grow with the class, nor does the driver's memory.

`--otter` names the Python of an environment that has otter-grader (it does not install beside what
the lab pins); without it that comparison is left out, and the table says so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

ROOT = Path(__file__).parents[1]
MODULE, LESSON = "01_tensors", "06_broadcasting"
CONFIG = ROOT / "nbgrader_config.py"
STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "torchenstein"\n'
LEAST = {"torchgrade autograde, 2 jobs": 15.0, "nbgrader autograde, our Execute": 6.0}
FLAT = (
    1.35  # the most by which a submission may cost more in a class of a thousand than of a hundred
)


@dataclass(frozen=True)
class Timing:
    """What grading a class took: wall-clock seconds, and the command's own peak memory in MiB."""

    seconds: float
    students: int
    peak_mib: float

    @property
    def each(self) -> float:
        return self.seconds / self.students


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare graders on one class.")
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--scale", default="10,100,1000", help="sizes of classes")
    parser.add_argument("--otter", type=Path, help="a Python that has otter-grader")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        bench = Bench(Path(folder))
        holds = bench.compare(arguments.students)
        bench.stages()
        holds &= bench.scaled([int(size) for size in arguments.scale.split(",")])
        bench.otter(arguments.otter)
    return 0 if holds else 1


class Bench:
    """A course with one lesson, and classes that hand it in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._course = folder / "course"
        (self._course / "course").mkdir(parents=True)
        shutil.copytree(ROOT / "course" / "voices", self._course / "course" / "voices")
        shutil.copy(CONFIG, self._course)
        source = self._course / "source" / MODULE
        source.mkdir(parents=True)
        shutil.copy(ROOT / "source" / MODULE / f"{LESSON}.ipynb", source)
        run(self._course, "nbgrader", "generate_assignment", MODULE)
        self._students = answers(source / f"{LESSON}.ipynb", self._course / "release" / MODULE)

    def hand_in(self, name: str, students: int) -> Path:
        """A copy of the course with submissions of so many students."""
        course = self._folder / name.replace(" ", "-").replace(",", "")
        shutil.copytree(self._course, course)
        for number in range(students):
            place = course / "submitted" / f"student{number:04}" / MODULE
            place.mkdir(parents=True)
            text = self._students[number % len(self._students)]
            (place / f"{LESSON}.ipynb").write_text(text, encoding="utf-8")
        return course

    def compare(self, students: int) -> bool:
        """Grade one class by every grader; print the table; whether the claims hold."""
        print(f"{students} submissions of {MODULE}/{LESSON}, {os.cpu_count()} cores\n")
        graders: dict[str, tuple[str, tuple[str, ...]]] = {
            "stock nbgrader autograde": (STOCK, ("nbgrader", "autograde", MODULE)),
            "nbgrader autograde, our Execute": (ours(), ("nbgrader", "autograde", MODULE)),
            "torchgrade autograde, 1 job": (ours(), autograde("--jobs", "1")),
            "torchgrade autograde, 2 jobs": (ours(), autograde("--jobs", "2")),
            "  the same, tests in one process": (ours(), autograde("--jobs", "2", "--no-judge")),
            "  the same, 2 Dask workers": (ours(), autograde("--jobs", "2", "--cluster")),
        }
        times: dict[str, Timing] = {}
        print(f"{'':<36} {'seconds':>8} {'each':>8} {'a minute':>9} {'ratio':>7}")
        for name, (config, command) in graders.items():
            course = self.hand_in(name.strip(), students)
            (course / "nbgrader_config.py").write_text(config, encoding="utf-8")
            with Cluster(command) as words:
                times[name] = timed(course, *words, students=students)
            stock = times["stock nbgrader autograde"]
            one = times[name]
            print(
                f"{name:<36} {one.seconds:8.1f} {one.each:7.2f}s {60 / one.each:9.0f}"
                f" {stock.each / one.each:6.1f}x",
                flush=True,
            )
            self._last = course
        stock = times["stock nbgrader autograde"]
        return all(
            claim(f"{name}: at least {least:g} times stock", stock.each / times[name].each >= least)
            for name, least in LEAST.items()
        )

    def stages(self) -> None:
        """Where the time of a submission goes, and what memory it takes."""
        receipts = (self._last / ".torchgrade" / "receipts" / MODULE).glob("*.json")
        results = [
            notebook["result"]
            for path in receipts
            for notebook in json.loads(path.read_text(encoding="utf-8"))["notebooks"].values()
            if notebook["result"]
        ]
        print("\nmedian of a submission, in the engine")
        for stage in results[0]["stages"] if results else ():
            spent = statistics.median(result["stages"][stage] for result in results)
            print(f"  {stage:<34} {spent * 1e3:8.0f} ms")
        for who in results[0]["memory_mib"] if results else ():
            own = statistics.median(result["memory_mib"][who] for result in results)
            print(f"  memory of the {who}, unshared {own:12.0f} MiB")

    def scaled(self, sizes: Sequence[int]) -> bool:
        """Grade classes of several sizes; whether cost and memory stay flat."""
        print(f"\n{'students':<36} {'seconds':>8} {'each':>8} {'driver MiB':>11}")
        times = []
        for size in sizes:
            course = self.hand_in(f"class of {size}", size)
            times.append(timed(course, *autograde("--jobs", "2"), students=size))
            one = times[-1]
            print(
                f"{size:<36} {one.seconds:8.1f} {one.each:7.3f}s {one.peak_mib:11.0f}", flush=True
            )
            shutil.rmtree(course)
        if len(times) < 2:
            return True
        before, last = times[-2:]
        return claim(
            f"a submission costs at most {FLAT} times as much in the largest class",
            last.each <= FLAT * before.each,
        ) & claim(
            "so does the driver's memory",
            last.peak_mib <= FLAT * before.peak_mib,
        )

    def otter(self, python: Path | None) -> None:
        """`otter run` on one exercise against `torchgrade run` on the same, one at a time."""
        if python is None:
            print("\notter run: not compared (no --otter)")
            return
        place = self._folder / "otter"
        (place / "tests").mkdir(parents=True)
        (place / "tests" / "double.py").write_text(OTTER_TEST, encoding="utf-8")
        nbformat.write(notebook(IMPORTS, RIGHT), place / "submission.ipynb")
        otter = [str(python.absolute()), "-m", "otter"]
        subprocess.run([*otter, "generate", "-t", "tests"], cwd=place, check=True, env=quiet())
        peer = []
        for _ in range(5):
            begun = time.perf_counter()
            subprocess.run(
                [*otter, "run", "submission.ipynb"], cwd=place, check=True, env=quiet(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            peer.append(time.perf_counter() - begun)
        from torchgrade.engine.engine import Engine
        from torchgrade.engine.task import Task

        given = notebook(IMPORTS, test_cell())
        own = []
        with Engine() as engine:
            engine.start()
            for _ in range(50):
                begun = time.perf_counter()
                engine.grade(Task("x", notebook(IMPORTS, RIGHT, test_cell()), given))
                own.append(time.perf_counter() - begun)
        one, other = statistics.median(peer), statistics.median(own)
        print(f"\none small exercise: otter run {one:.2f} s, warm engine {other * 1e3:.0f} ms,"
              f" {one / other:.0f} times")  # fmt: skip


class Cluster:
    """Two Dask workers where a command asks for `--cluster`; else the command as it is."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command
        self._cluster = None

    def __enter__(self) -> tuple[str, ...]:
        if self._command[-1] != "--cluster":
            return self._command
        from distributed import LocalCluster

        self._cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
        return (*self._command, self._cluster.scheduler_address)

    def __exit__(self, *exception: object) -> None:
        if self._cluster is not None:
            self._cluster.close()


def answers(source: Path, release: Path) -> list[str]:
    """Student versions filled in: all right; one exercise unfinished, in turn; none."""
    solved = nbformat.read(source, as_version=4)
    blank = nbformat.read(release / source.name, as_version=4)
    solutions = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in solved.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    made = []
    for left_out in (None, None, *solutions, "everything"):
        copy = nbformat.from_dict(blank)
        for cell in copy.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in solutions and left_out not in (name, "everything"):
                cell.source = solutions[name]
        made.append(nbformat.writes(copy))
        blank = nbformat.read(release / source.name, as_version=4)
    return made


def ours() -> str:
    return CONFIG.read_text(encoding="utf-8")


def autograde(*options: str) -> tuple[str, ...]:
    return ("torchgrade.cli", "autograde", MODULE, *options)


def quiet() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def run(course: Path, module: str, *words: str) -> None:
    """Run a command of the course to its end; show what it said if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words], cwd=course, env=quiet(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{module} {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-3000:]}")


def timed(course: Path, module: str, *words: str, students: int) -> Timing:
    """Run a command; its time, and the peak memory of its own process."""
    stop, peak = threading.Event(), [0.0]
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words], cwd=course, env=quiet(), stdout=said,
            stderr=said,
        )  # fmt: skip
        watcher = threading.Thread(target=watch, args=(process.pid, stop, peak))
        watcher.start()
        status = process.wait()
        seconds = time.perf_counter() - begun
        stop.set()
        watcher.join()
        if status:
            said.seek(0)
            sys.exit(f"{module} {' '.join(words)} ended with {status}:\n{said.read()[-3000:]}")
    return Timing(seconds, students, peak[0])


def watch(pid: int, stop: threading.Event, peak: list[float]) -> None:
    while not stop.wait(0.2):
        try:
            peak[0] = max(peak[0], psutil.Process(pid).memory_info().rss / 2**20)
        except psutil.Error:
            return


def claim(what: str, holds: bool) -> bool:
    print(f"{'holds' if holds else 'DOES NOT HOLD':<14} {what}")
    return holds


IMPORTS = "import torch\nfrom torchgrade import cases, exercise"
RIGHT = "def double(x):\n    return 2 * x"
TEST = """test = exercise("double")
test.matches(lambda x: x + x, cases=cases(x="B C"), points=2)
test.grade()"""
OTTER_TEST = '''OK_FORMAT = True
test = {"name": "double", "points": 2, "suites": [{"cases": [{"code": """
>>> import torch
>>> x = torch.randn(3, 5)
>>> bool(torch.equal(double(x), x + x))
True
""", "hidden": True, "locked": False}], "scored": True, "setup": "", "teardown": "",
"type": "doctest"}]}
'''


def test_cell() -> nbformat.NotebookNode:
    graded = {"grade": True, "solution": False, "locked": True, "grade_id": "test_double"}
    return nbformat.v4.new_code_cell(TEST, metadata={"nbgrader": {**graded, "points": 2}})


def notebook(*cells: str | nbformat.NotebookNode) -> nbformat.NotebookNode:
    made = [nbformat.v4.new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})


if __name__ == "__main__":
    sys.exit(main())
