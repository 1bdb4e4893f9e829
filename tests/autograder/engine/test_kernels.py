"""A plain kernel does what the forked process does, slower."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from torchgrade.engine.kernels import KernelLearner
from torchgrade.engine.learner import LearnerEnded

STAND_IN = """
import sys, types
import torchgrade.engine.answer as answer
def answer_in_kernel(frame):
    if frame == b"die":
        import os
        os._exit(3)
    if frame == b"sleep":
        import time
        try:
            time.sleep(30)
        except KeyboardInterrupt:
            return b"stopped"
    if frame == b"raise":
        raise ValueError("no answer")
    print("not to be seen")
    return frame[::-1]
answer.answer_in_kernel = answer_in_kernel
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[KernelLearner]:
    learner = KernelLearner({"TORCHGRADE_DEVICE": "cpu"}, output_kib=4)
    yield learner
    learner.end()


@pytest.fixture
def own() -> Iterator[KernelLearner]:
    learner = KernelLearner()
    learner.run(STAND_IN, "stand-in", 60)
    yield learner
    learner.end()


def test_cells_give_what_a_notebook_shows(shared: KernelLearner) -> None:
    ran = shared.run("print('a')\ndisplay(1)\n2", "c", 20)
    assert [output["output_type"] for output in ran.outputs] == [
        "stream",
        "display_data",
        "execute_result",
    ]
    assert ran.execution_count is not None
    assert ran.error is None
    assert shared.run(" ", "empty", 20).outputs == []


def test_an_error_is_told_by_its_name(shared: KernelLearner) -> None:
    ran = shared.run("1 / 0", "c", 20)
    assert str(ran.error) == "ZeroDivisionError"
    assert ran.outputs[-1]["ename"] == "ZeroDivisionError"


def test_nobody_is_asked_for_input(shared: KernelLearner) -> None:
    assert str(shared.run("input()", "c", 20).error) == "StdinNotImplementedError"


def test_output_is_limited(shared: KernelLearner) -> None:
    ran = shared.run("for i in range(10_000): print(i)", "c", 20)
    assert ran.truncated
    assert not shared.run("1", "d", 20).truncated


def test_the_environment_is_what_it_is_given(
    shared: KernelLearner, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import os\nos.environ['TORCHGRADE_DEVICE'], os.getcwd(), os.environ['HOME']"
    device, folder, home = eval(shared.run(source, "c", 20).outputs[0]["data"]["text/plain"])
    assert device == "cpu"
    assert Path(folder).resolve() == shared.folder.resolve()
    assert home != os.environ.get("HOME")


def test_a_cell_that_takes_too_long_is_interrupted(shared: KernelLearner) -> None:
    ran = shared.run("while True: pass", "c", 1)
    assert str(ran.error) == "KeyboardInterrupt"
    assert shared.run("1", "d", 20).error is None


def test_frames_are_answered_inside_and_leave_no_trace(own: KernelLearner) -> None:
    before = own.run("sorted(dir())", "c", 20).outputs[0]["data"]["text/plain"]
    data = bytes(range(256)) * 4000
    assert own.ask(data, 20) == data[::-1]
    assert own.ask(b"", 20) == b""
    after = own.run("sorted(set(dir()) - {'_', '_1', '_2'})", "d", 20)
    assert set(eval(after.outputs[0]["data"]["text/plain"])) - set(eval(before)) <= {
        "_i",
        "_ii",
        "_iii",
        *(f"_{number}" for number in range(9)),
        *(f"_i{number}" for number in range(9)),
    }
    assert own.ask(b"sleep", 1) == b"stopped"
    with pytest.raises(LearnerEnded, match=r"cannot answer \(ValueError: no answer"):
        own.ask(b"raise", 20)


def test_a_kernel_that_dies_says_so(own: KernelLearner) -> None:
    with pytest.raises(LearnerEnded, match="died"):
        own.ask(b"die", 20)
    assert own.ended == "its kernel died"
    with pytest.raises(LearnerEnded, match="died"):
        own.run("1", "c", 20)


def test_nothing_is_left_of_one_that_cannot_be_interrupted() -> None:
    learner = KernelLearner()
    shown = learner.run(
        "import os, signal, subprocess\n"
        "child = subprocess.Popen(['sleep', '60'], start_new_session=True)\n"
        "os.getpid(), child.pid",
        "c",
        20,
    )
    processes = [psutil.Process(pid) for pid in eval(shown.outputs[0]["data"]["text/plain"])]
    ignore = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    with pytest.raises(LearnerEnded, match="could not be interrupted"):
        learner.run(ignore, "d", 1)
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert alive == []
    assert not learner.folder.exists()
    learner.end()
    assert "could not be interrupted" in learner.ended
