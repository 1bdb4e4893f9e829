"""A real kernel that runs a cell answers on a subshell, and the cell does not notice."""

from __future__ import annotations

import time
from typing import Any

from tests.extension.live.conftest import LiveKernel, about, text

LOOP = """
import time, torch
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(64, 4), torch.randn(64, 1)
until = time.monotonic() + {seconds}
while time.monotonic() < until:
    loss = torch.nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    time.sleep(0.001)
"""


def curve(answer: dict[str, Any], name: str, scope: str | None = None) -> dict[str, Any] | None:
    found = (c for c in answer["curves"] if (c["name"], c["scope"]) == (name, scope))
    return next(found, None)


def test_a_running_loop_tells_its_loss_its_memory_and_its_tensors(kernel: LiveKernel) -> None:
    kernel.play(LOOP.format(seconds=0.1))
    cell = kernel.begin(LOOP.format(seconds=4))
    time.sleep(0.5)
    answers = []
    for _ in range(5):
        began = time.monotonic()
        snapshot, live = kernel.peek({"kind": "snapshot"}, {"kind": "live"})
        answers.append(live)
        assert time.monotonic() - began < 5
        assert {"loss", "model.weight"} <= {t["name"] for t in snapshot["tensors"]}
        time.sleep(0.3)
    assert [answer["sample"] for answer in answers] == [1, 2, 3, 4, 5]
    assert all(answer["running"] for answer in answers)
    loss = curve(answers[-1], "loss")
    assert loss is not None
    assert loss["group"] == "loss"
    assert len(loss["values"]) == 5
    assert loss["times"] == sorted(loss["times"])
    memory = curve(answers[-1], "cpu")
    assert memory is not None
    assert min(memory["values"]) > 1e7
    newer = kernel.live(run=answers[-1]["run"], since=4)
    assert [len(c["values"]) for c in newer["curves"] if c["name"] == "loss"] == [2]
    kernel.end(cell)
    # The end of the run brought the last value, which the page gets from the main shell.
    (last,) = kernel.peek({"kind": "live"})
    assert not last["running"]
    assert last["sample"] == newer["sample"] + 1


def test_the_names_of_a_function_that_runs_are_seen_and_not_kept(kernel: LiveKernel) -> None:
    kernel.play(
        "import time, torch, weakref\n"
        "kept = []\n"
        "def train(steps):\n"
        "    running_loss = 0.0\n"
        "    for step in range(steps):\n"
        "        activation = torch.zeros(1000)\n"
        "        kept.append(weakref.ref(activation))\n"
        "        running_loss += 1.5\n"
        "        del activation\n"
        "        time.sleep(0.01)\n"
        "        alive = sum(1 for each in kept if each() is not None)\n"
        "        most.append(alive)\n"
        "    return step, running_loss\n"
        "most = []"
    )
    cell = kernel.begin("print(train(200), max(most[20:]), sorted(set(most)))")
    time.sleep(0.3)
    answers = [kernel.live() for _ in range(15)]
    found = curve(answers[-1], "running_loss", "train")
    assert found is not None
    assert len(found["values"]) > 5
    said = text(kernel.end(cell), cell)
    assert said.startswith(("(199, 300.0) 0 ", "(199, 300.0) 1 ")), said


def test_a_question_makes_the_kernel_neither_busy_nor_idle(kernel: LiveKernel) -> None:
    cell = kernel.begin("import time; time.sleep(1.5)")
    for _ in range(4):
        kernel.live()
        time.sleep(0.1)
    states = [m for m in kernel.end(cell) if m["msg_type"] == "status"]
    assert [(about(m) == cell, m["content"]["execution_state"]) for m in states] == [(True, "idle")]


def test_a_question_does_not_end_what_ends_with_a_cell(kernel: LiveKernel) -> None:
    """Matplotlib shows and closes the figures at the event post_execute."""
    kernel.play(
        "ended = []\n"
        "note = lambda: ended.append(1)\n"
        "get_ipython().events.register('post_execute', note)"
    )
    cell = kernel.begin("ended.clear(); time.sleep(1); print(len(ended))")
    for _ in range(3):
        kernel.live()
    assert text(kernel.end(cell)) == "0\n"
    kernel.play("get_ipython().events.unregister('post_execute', note)")


def test_what_the_learners_threads_print_stays_with_their_cell(kernel: LiveKernel) -> None:
    cell = kernel.begin(
        "import threading, time\n"
        "def work():\n"
        "    for i in range(100): print(i, flush=True); time.sleep(0.01)\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join()"
    )
    for _ in range(4):
        kernel.live()
        time.sleep(0.2)
    messages = kernel.end(cell)
    assert text(messages, cell).split() == [str(i) for i in range(100)]


def test_a_cell_may_still_ask_for_input(kernel: LiveKernel) -> None:
    cell = kernel.begin("time.sleep(0.5); print(input('name? '))", allow_stdin=True)
    kernel.live()
    request = kernel.client.get_stdin_msg(timeout=20)
    assert request["content"]["prompt"] == "name? "
    kernel.live()
    kernel.client.input("Ada")
    assert text(kernel.end(cell), cell) == "Ada\n"


def test_the_stop_button_stops_the_cell_and_nothing_else(kernel: LiveKernel) -> None:
    for wait in (0.0, 0.05, 0.2):
        cell = kernel.begin(LOOP.format(seconds=30))
        kernel.peek({"kind": "snapshot"}, {"kind": "live"})
        time.sleep(wait)
        kernel.interrupt()
        errors = [m["content"]["ename"] for m in kernel.end(cell) if m["msg_type"] == "error"]
        assert errors == ["KeyboardInterrupt"]
        assert kernel.live()["running"] is False
    assert text(kernel.play("print(1 + 1)")) == "2\n"


def test_the_next_run_starts_afresh(kernel: LiveKernel) -> None:
    cell = kernel.begin("import time; accuracy = 0.5; time.sleep(0.6)")
    before = kernel.live()
    kernel.end(cell)
    cell = kernel.begin("del accuracy; error = 0.25; time.sleep(0.6)")
    time.sleep(0.1)
    after = kernel.live(run=before["run"], since=before["sample"])
    assert after["run"] == before["run"] + 1
    assert after["sample"] == 1
    assert curve(after, "accuracy") is None
    assert curve(after, "error") is not None
    kernel.end(cell)


STEPS = """
import time, torch
small = torch.ones(3, requires_grad=True)
large = torch.ones(100_000, requires_grad=True)
optimizer = torch.optim.SGD([small, large], lr=0.1)
until = time.monotonic() + 1.5
while time.monotonic() < until:
    optimizer.zero_grad()
    ((2 * small).sum() + large.sum()).backward()
    optimizer.step()
    time.sleep(0.001)
"""


def gradients(answer: dict[str, Any]) -> dict[str, list[float]]:
    return {c["name"]: c["values"] for c in answer["curves"] if c["group"] == "gradient"}


def test_gradients_are_read_only_when_asked_for(kernel: LiveKernel) -> None:
    cell = kernel.begin(STEPS)
    for _ in range(3):
        assert gradients(kernel.live()) == {}
        time.sleep(0.1)
    kernel.end(cell)
    kernel.live(gradients=True)
    cell = kernel.begin(STEPS)
    for _ in range(5):
        answer = kernel.live(gradients=True)
        time.sleep(0.1)
    assert [abs(norm - 12**0.5) < 1e-5 for norm in gradients(answer)["small"][:2]] == [True] * 2
    assert "large" not in gradients(answer)
    assert answer["gradients_left_out"] == 1
    kernel.end(cell)
    hooks = "__import__('sys').modules['torch.optim.optimizer']._global_optimizer_pre_hooks"
    assert text(kernel.play(f"print(len({hooks}))")) == "1\n"
    kernel.live()
    assert text(kernel.play(f"print(len({hooks}))")) == "0\n"


def test_a_loop_asked_very_often_survives(kernel: LiveKernel) -> None:
    """What backward() replaces without Python's lock must not be looked at from another thread."""
    kernel.play("import torch; torch.set_num_threads(1)")
    cell = kernel.begin(LOOP.format(seconds=3).replace("    time.sleep(0.001)\n", ""))
    snapshots = []
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        snapshots.append(kernel.peek({"kind": "snapshot"}, {"kind": "live"})[0])
    assert {t["grad"] for snapshot in snapshots for t in snapshot["tensors"]} == {None}
    assert [m for m in kernel.end(cell) if m["msg_type"] == "error"] == []
    assert kernel.is_alive


def test_only_what_is_safe_to_ask_is_answered_while_a_cell_runs(kernel: LiveKernel) -> None:
    kernel.play("x = torch.ones(3)")
    (answer,) = kernel.peek({"kind": "detail", "name": "x"})
    assert (answer["kind"], answer["reason"]) == ("failure", "bad request")


def test_another_page_shares_the_subshell(kernel: LiveKernel) -> None:
    kernel.live()
    assert kernel.live()["subshell"] == kernel.subshell


def test_starts_afresh_after_a_restart_in_the_middle_of_a_run(kernel: LiveKernel) -> None:
    kernel.begin(LOOP.format(seconds=60))
    assert kernel.live()["running"]
    kernel.restart()
    assert kernel.live()["run"] == 0
    cell = kernel.begin(LOOP.format(seconds=1))
    time.sleep(0.3)
    assert kernel.live()["run"] == 1
    kernel.end(cell)
    assert kernel.is_alive
