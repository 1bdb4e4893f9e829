"""Whatever a learner's code does, a check ends in a report and never in a traceback."""

import math
from collections import OrderedDict, namedtuple
from typing import Any

import pytest
import torch
from torchgrade import Exercise, cases, exercise


class Odd:
    """An object whose every question is an error."""

    def __repr__(self) -> str:
        raise RuntimeError("no words")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    def __hash__(self) -> int:
        raise RuntimeError("no key")


class Wrapped(torch.Tensor):
    """A tensor of the learner's own kind."""


class Net(torch.nn.Module):
    """A module without a forward."""


def endless() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


def recurse(x: Any) -> Any:
    return recurse(x)


def raise_group(x: Any) -> Any:
    raise ExceptionGroup("several", [ValueError("a"), TypeError("b")])


class Wordless(Exception):
    """An exception that cannot be printed."""

    def __str__(self) -> str:
        raise RuntimeError("no message")


def raise_wordless(x: Any) -> Any:
    raise Wordless()


Pair = namedtuple("Pair", ["first", "second"])
ANSWERS: list[Any] = [
    None, True, 3, math.nan, 1 + 1j, "text", b"bytes", ..., NotImplemented, object(), Odd(), print,
    torch, torch.nn.ReLU, Net(), {}, {1: {2}}, [torch.ones(2), None], OrderedDict(a=torch.ones(1)),
    Pair(1, torch.ones(2)), endless(), iter([1]), range(3), torch.ones(2).numpy(),
    torch.ones(0), torch.ones(3, 5).to_sparse(), torch.empty(3, 5, device="meta"),
    torch.ones(3, 5).as_subclass(Wrapped), torch.nn.Parameter(torch.ones(3, 5)),
    torch.ones(3, 5, dtype=torch.complex64), torch.ones(3, 5, dtype=torch.float16),
    torch.ones(3, 5).to(torch.float8_e4m3fn), torch.zeros(3, 5, dtype=torch.bool),
    torch.Generator(),
    torch.tensor(math.nan), torch.full((3, 5), math.inf), torch.Size([3]), torch.float32,
]  # fmt: skip


def reference(x: torch.Tensor) -> torch.Tensor:
    return x.sum()


def every_kind_of_check() -> list[Exercise]:
    made = [exercise("f", {}) for _ in range(6)]
    made[0].on(torch.ones(2)).gives(torch.ones(3, 5), mistakes={"it is two": 2.0})
    made[1].matches(reference, cases=cases(x="B C"), gradients=True, bans=["sum"], max_operations=3)
    made[2].matches(reference, cases=cases(x="B C", edge=()), shares=True)
    made[3].on(torch.ones(2)).raises(ValueError, match="x")
    made[4].on(torch.ones(2)).satisfies(lambda value: value.sum() > 3, "it is large")
    made[5].value().gives({"a": torch.ones(3, 5)})
    for test in made:
        test.mistakes({"it is counted": lambda x: x.numel(), "nothing comes": lambda x: None})
    return made


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_a_strange_result_is_told_in_a_report(answer: Any) -> None:
    for test in every_kind_of_check():
        for subject in (lambda *args: answer, answer):
            report = test.run(subject)
            assert report.status in {"failed", "passed"}
            assert report.text()
            assert report.html()
            assert report.json()


@pytest.mark.parametrize(
    "answer", [recurse, raise_group, raise_wordless, lambda: 1, lambda x: exit(), lambda x: x.zero]
)
def test_a_strange_failure_is_told_in_a_report(answer: Any) -> None:
    for test in every_kind_of_check():
        report = test.run(answer)
        assert report.status == "failed"
        assert report.text()
