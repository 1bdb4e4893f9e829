"""A plain kernel does what the forked process does, slower (a `Link`)."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from torchgrade.engine.channel import Closed, Malformed, TooSlow
from torchgrade.engine.kernels import KernelLearner
from torchgrade.engine.task import Limits
from torchgrade.engine.wire import Handle

LIMITS = Limits(output_kib=4)


def learner_in(place: Path, limits: Limits = LIMITS) -> KernelLearner:
    directory = place / "work"
    directory.mkdir()
    environment = {"TORCHGRADE_DEVICE": "cpu"}
    return KernelLearner(directory, environment, limits, time.monotonic() + 60)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelLearner]:
    learner = learner_in(tmp_path_factory.mktemp("k"))
    yield learner
    learner.end()


def asked(learner: KernelLearner, seconds: float = 20, **request: Any) -> Any:
    deadline = time.monotonic() + seconds
    learner.send(request, deadline)
    return learner.receive(deadline)


def run(learner: KernelLearner, source: str, seconds: float = 20) -> Any:
    return asked(learner, seconds, do="run", source=source, cell="c", metadata={})


def called(learner: KernelLearner, name: str, *args: Any, seconds: float = 20) -> Any:
    of = asked(learner, do="get", name=name)["value"]
    return asked(learner, seconds, do="call", of=of, args=args, kwargs={}, call=1, grad=True)


def shown(reply: Any) -> Any:
    return eval(reply["outputs"][0]["data"]["text/plain"])


def test_cells_give_what_a_notebook_shows(shared: KernelLearner) -> None:
    ran = run(shared, "print('a')\ndisplay(1)\n2")
    kinds = [output["output_type"] for output in ran["outputs"]]
    assert kinds == ["stream", "display_data", "execute_result"]
    assert not ran["failed"]
    empty = run(shared, " ")
    assert empty["outputs"] == []
    assert empty["count"] is None
    assert run(shared, "1")["count"] == ran["count"] + 1


def test_errors_are_outputs_and_nobody_is_asked_for_input(shared: KernelLearner) -> None:
    for source, error in [("1 / 0", "ZeroDivisionError"), ("input()", "StdinNotImplementedError")]:
        ran = run(shared, source)
        assert ran["failed"]
        assert ran["outputs"][-1]["ename"] == error


def test_output_is_limited(shared: KernelLearner) -> None:
    assert run(shared, "for i in range(10_000): print(i)")["truncated"]
    assert not run(shared, "1")["truncated"]


def test_the_environment_is_what_it_is_given(
    shared: KernelLearner, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "import os\nos.environ['TORCHGRADE_DEVICE'], os.getcwd(), os.environ['HOME'], os.listdir()"
    )
    device, folder, home, files = shown(run(shared, source))
    assert device == "cpu"
    assert folder == home != os.environ.get("HOME")
    assert files == []


def test_what_takes_too_long_is_interrupted(shared: KernelLearner) -> None:
    run(shared, "def sleep(): __import__('time').sleep(30)")
    with pytest.raises(TooSlow):
        run(shared, "while True: pass", 1)
    shared.interrupt()
    reply = shared.receive(time.monotonic() + 5)
    assert reply["outputs"][-1]["ename"] == "KeyboardInterrupt"
    with pytest.raises(TooSlow):
        called(shared, "sleep", seconds=1)
    shared.interrupt()
    assert shared.receive(time.monotonic() + 5) == {"stopped": True}
    assert not run(shared, "1")["failed"]


def test_questions_are_answered_and_leave_no_trace(shared: KernelLearner) -> None:
    run(shared, "def double(x):\n    print('not to be seen')\n    return 2 * x")
    names = "sorted(name for name in globals() if not name.startswith('_'))"
    before = shown(run(shared, names))
    x = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(called(shared, "double", x)["value"], 2 * x)
    assert called(shared, "double", {})["raised"]["types"][0] == "TypeError"
    after = run(shared, names)
    assert shown(after) == before
    assert len(after["outputs"]) == 1


def test_a_function_of_the_judge_is_called_back(shared: KernelLearner) -> None:
    run(shared, "def apply(function, x):\n    return function(x) + 1")
    asked_back = called(shared, "apply", Handle(7, "callback", "f"), 3)
    assert asked_back == {"callback": 7, "args": (3,), "kwargs": {}}
    shared.send({"value": 10}, time.monotonic() + 20)
    assert shared.receive(time.monotonic() + 20) == {"value": 11}
    called(shared, "apply", Handle(7, "callback", "f"), 3)
    shared.send({"raised": {"types": ["KeyError"], "message": "'k'"}}, time.monotonic() + 20)
    assert shared.receive(time.monotonic() + 20)["raised"]["types"][0] == "KeyError"


def test_an_answer_that_the_learner_has_forged_is_malformed(shared: KernelLearner) -> None:
    keep = "import torchgrade.engine.in_kernel as inside\nhonest = inside.answer_in_kernel"
    run(shared, keep)
    for value in ("b'nonsense'", "inside.pack({'number': 99, 'value': True})", "1 / 0"):
        run(shared, f"inside.answer_in_kernel = lambda frame: {value}")
        with pytest.raises(Malformed):
            asked(shared, do="has", name="keep")
    run(shared, "inside.answer_in_kernel = honest")
    assert asked(shared, do="has", name="honest") == {"value": True}


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "was killed (SIGKILL)"),
        ("x = bytearray(900 * 2**20)\nimport time\ntime.sleep(9)", "used more than 800 MiB"),
    ],
    ids=["is killed", "takes memory"],
)
def test_how_a_kernel_ended_is_told(source: str, how: str, tmp_path: Path) -> None:
    learner = learner_in(tmp_path, Limits(memory_mib=800))
    with pytest.raises(Closed):
        run(learner, source)
    told, peak_mib = learner.end()
    assert told.startswith(how)
    assert peak_mib > 50
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_one_that_cannot_be_interrupted(tmp_path: Path) -> None:
    learner = learner_in(tmp_path)
    pids = shown(
        run(
            learner,
            "import os, signal, subprocess\n"
            "child = subprocess.Popen(['sleep', '60'], start_new_session=True)\n"
            "os.getpid(), child.pid",
        )
    )
    processes = [psutil.Process(pid) for pid in pids]
    ignore = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    with pytest.raises(TooSlow):
        run(learner, ignore, 1)
    learner.interrupt()
    with pytest.raises(TooSlow):
        learner.receive(time.monotonic() + 1)
    assert learner.end()[0] == "was stopped"
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert alive == []
    assert list(tmp_path.iterdir()) == []
