"""A check costs what the learner's code costs, and little more."""

import subprocess
import sys

CODE = """
import sys, torch
from torchgrade import cases, exercise
test = exercise("f", {})
test.matches(lambda x: x.sum(), cases=cases(x="B C"), gradients=True, bans=["mean"],
             max_operations=3)
queued = len(torch.cuda._queued_calls)
assert test.run(lambda x: x.sum()).passed
print(sorted({"torch._dynamo", "torch._inductor", "sympy"} & set(sys.modules)))
print(len(torch.cuda._queued_calls) - queued)
"""


def test_a_check_neither_loads_the_compiler_nor_queues_calls_for_absent_accelerators() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.split("\n")[:2] == ["[]", "0"]
