"""A traced cell in a real kernel: interrupted, restarted, with workers beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.extension.kernel import Kernel


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    try:
        yield kernel
    finally:
        kernel.stop()


def test_the_stop_button_ends_a_traced_loop_and_the_graph_is_there(kernel: Kernel) -> None:
    kernel.run("import torch")
    assert kernel.ask("'flow', trace='loop'")["state"] == "waiting"
    source = "x = torch.ones(3)\nwhile True:\n    x = (x + 1).tanh()"
    started = kernel.start(source, cell_id="loop")
    time.sleep(2)
    kernel.interrupt()
    assert kernel.finish(started)["ename"] == "KeyboardInterrupt"
    answer = kernel.ask("'flow'")
    assert (answer["state"], answer["problem"]) == ("done", None)
    assert answer["graph"]["error"].startswith("KeyboardInterrupt")
    assert {"add", "tanh"} <= {node["name"] for node in answer["graph"]["nodes"]}
    assert not any(node["failed"] for node in answer["graph"]["nodes"])
    assert (
        kernel.run("assert not torch.overrides._get_current_function_mode_stack()")["status"]
        == "ok"
    )


def test_workers_load_what_a_traced_cell_takes(kernel: Kernel) -> None:
    kernel.run("import torch\nfrom torch.utils.data import DataLoader")
    kernel.ask("'flow', trace='load'")
    source = (
        "for batch in DataLoader(torch.ones(8, 2), batch_size=4, num_workers=1):\n    y = batch * 2"
    )
    assert kernel.run(source, cell_id="load")["status"] == "ok"
    nodes = kernel.ask("'flow'")["graph"]["nodes"]
    assert ("mul", 2) in {(node["name"], node["count"]) for node in nodes}


def test_a_restart_forgets_what_was_to_be_traced(kernel: Kernel) -> None:
    kernel.ask("'flow', trace='cell'")
    kernel.restart()
    assert kernel.ask("'flow'")["state"] == "none"
