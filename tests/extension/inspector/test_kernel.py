"""The inspector in a real kernel, asked as the page asks: one silent request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.extension import kernel as real

Answer = Callable[..., dict[str, Any]]

SETUP = """
import torch
k = torch.zeros(2, 3)
v = k
class Bomb:
    def __getattribute__(self, name): raise SystemExit(name)
    def __repr__(self): raise SystemExit
class BombTensor(torch.Tensor):
    def __getattribute__(self, name): raise SystemExit(name)
    def __repr__(self): raise SystemExit
bomb, tensor_bomb = Bomb(), torch.ones(2).as_subclass(BombTensor)
"""


class Kernel(real.Kernel):
    """One whose answers must be of the schema, and leave nothing but two status messages behind."""

    def __init__(self, valid: Answer) -> None:
        super().__init__()
        self._valid = valid

    def ask(self, call: str) -> dict[str, Any]:
        self.heard()
        content = super().ask(call)
        assert {message["msg_type"] for message in self.heard()} <= {"status"}

        class Received:
            def _repr_mimebundle_(self) -> dict[str, Any]:
                return {"application/json": content}

        answer: dict[str, Any] = self._valid(Received())
        return answer


@pytest.fixture(scope="module")
def kernel(valid: Answer) -> Iterator[Kernel]:
    kernel = Kernel(valid)
    yield kernel
    kernel.stop()


def test_before_torch_is_imported_says_so_and_does_not_import_it(kernel: Kernel) -> None:
    assert kernel.ask('"snapshot"')["message"] == "This kernel has not imported torch yet."
    imported = kernel.run("import sys; assert 'torch' not in sys.modules")
    assert imported["status"] == "ok"


def test_lists_the_users_tensors_beside_objects_that_raise(kernel: Kernel) -> None:
    assert kernel.run(SETUP)["status"] == "ok"
    snapshot = kernel.ask('"snapshot", limit=50')
    assert [t["name"] for t in snapshot["tensors"]] == ["k", "v", "tensor_bomb"]
    assert snapshot["tensors"][1]["view_of"] == "k"
    assert kernel.ask('"detail", name="tensor_bomb"')["values"] == ["1", "1"]


def test_leaves_no_trace_in_history_counter_or_names(kernel: Kernel) -> None:
    assert kernel.run(SETUP)["status"] == "ok"
    kernel.run("k + 1")
    before = kernel.run("seen = None\nseen = (len(In), set(Out), set(get_ipython().user_ns))")
    for call in ('"snapshot"', '"detail", name="k"', '"detail", name="gone"', '"nonsense"'):
        kernel.ask(call)
    # Each cell adds itself to In and leaves one _i name: nothing else may have come.
    after = kernel.run(
        "assert (len(In), set(Out)) == (seen[0] + 1, seen[1])\n"
        "assert set(get_ipython().user_ns) - seen[2] == {f'_i{len(In) - 1}'}"
    )
    assert (before["status"], after["status"]) == ("ok", "ok"), after
    assert after["execution_count"] == before["execution_count"] + 1


def test_answers_after_a_cell_that_failed(kernel: Kernel) -> None:
    assert kernel.run("1 / 0")["status"] == "error"
    assert kernel.ask('"snapshot"')["kind"] == "snapshot"


def test_a_deleted_tensor_leaves_the_list(kernel: Kernel) -> None:
    kernel.run("import torch\nx = torch.zeros(3)")
    assert kernel.ask('"detail", name="x"')["kind"] == "detail"
    kernel.run("del x")
    assert "x" not in [t["name"] for t in kernel.ask('"snapshot"')["tensors"]]
    assert kernel.ask('"detail", name="x"')["reason"] == "gone"


def test_starts_afresh_after_a_restart(kernel: Kernel) -> None:
    kernel.run("import torch\ny = torch.zeros(3)")
    kernel.restart()
    assert kernel.ask('"snapshot"')["torch"] is None
    assert kernel.run("import torch\nz = torch.zeros(3)")["status"] == "ok"
    assert [t["name"] for t in kernel.ask('"snapshot"')["tensors"]] == ["z"]
