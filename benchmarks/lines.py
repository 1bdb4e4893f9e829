"""What the recorder of line shapes costs a training loop, as ratios to the same loop without it.

    python benchmarks/lines.py

The three ways of running a cell (recorder on, closed again, absent) take turns in one run, and the
medians of their paired ratios are printed; A/A is the loop without it against itself. Exits with 1
where a claim does not hold. The claims: on, at most 1.05 on the tiny loop and 1.02 on the small one
(beyond the noise that A/A shows); closed again, at most 1.02 beyond it, which is what functions
that were defined meanwhile carry on (never opened, nothing of ours is in any code); and over 1,000
cell runs nothing is kept that grows.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
import weakref
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "extension"))

import torch
from IPython.core.interactiveshell import InteractiveShell
from torchenstein import lines

ROUNDS = 9
CELLS = 1_000
LOUDEST = 0.02
CLOSED = 1.02
SIZES = {"tiny": ((20, 32, 32, 2), 32, 1500, 1.05), "small": ((784, 128, 64, 10), 64, 500, 1.02)}
MODULES = """
import torch
from torch import nn
torch.manual_seed(0)
sizes, batch, steps = {sizes}, {batch}, {steps}
x = torch.randn(batch, sizes[0])
target = torch.randint(sizes[-1], (batch,))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(*sizes[:2]), nn.ReLU(), nn.Linear(*sizes[1:3]),
                                    nn.ReLU(), nn.Linear(*sizes[2:]))
    def forward(self, x):
        logits = self.layers(x)
        return logits
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
weights = [(torch.randn(i, o) / i**0.5).requires_grad_() for i, o in zip(sizes, sizes[1:])]
biases = [torch.zeros(o).requires_grad_() for o in sizes[1:]]
"""
SWAP = "model, optimizer, closed_model, closed_optimizer = (\n"
SWAP += "    closed_model, closed_optimizer, model, optimizer)\n"
LOOPS = {
    "mod": """
for step in range(steps):
    logits = model(x)
    loss = nn.functional.cross_entropy(logits, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
    "raw": """
for step in range(steps):
    h = x
    for i in range(3):
        h = h @ weights[i] + biases[i]
        if i < 2:
            h = torch.relu(h)
    loss = nn.functional.cross_entropy(h, target)
    loss.backward()
    with torch.no_grad():
        for p in weights + biases:
            p -= 0.01 * p.grad
            p.grad = None
""",
}


def in_function(name: str, loop: str) -> str:
    return f"def {name}():" + loop.replace("\n", "\n    ")


def seconds(shell: InteractiveShell, source: str) -> float:
    start = time.perf_counter()
    result = shell.run_cell(source)
    spent = time.perf_counter() - start
    result.raise_error()
    return spent


def compare(shell: InteractiveShell, size: str, kind: str) -> bool:
    """Print the row of one loop; whether its claims hold."""
    sizes, batch, steps, most = SIZES[size]
    setup, loop = MODULES.format(sizes=sizes, batch=batch, steps=steps), LOOPS[kind]
    lines.install(shell)
    shell.run_cell(setup + in_function("closed", loop))
    lines.uninstall()
    # Both have their own copies of the model's code: those of `closed` hold what was put there.
    shell.run_cell(
        "closed_model, closed_optimizer = model, optimizer\n" + setup + in_function("absent", loop)
    )
    on: list[float] = []
    closed: list[float] = []
    same: list[float] = []
    for _ in range(ROUNDS):
        first = seconds(shell, loop)
        lines.install(shell)
        with_us = seconds(shell, loop)
        lines.uninstall()
        again = seconds(shell, loop)
        on.append(2 * with_us / (first + again))
        same.append(again / first)
        plain = seconds(shell, "absent()")
        shut = seconds(shell, SWAP + "closed()\n" + SWAP)
        closed.append(2 * shut / (plain + seconds(shell, "absent()")))
    noise = abs(statistics.median(same) - 1) + statistics.stdev(same) / ROUNDS**0.5
    ours, shut = statistics.median(on), statistics.median(closed)
    holds = ours <= most + noise and shut <= CLOSED + noise
    verdict = "holds" if holds else "DOES NOT HOLD"
    if noise > LOUDEST:
        # A claim about hundredths says nothing here, either way.
        holds, verdict = False, "TOO NOISY TO SAY"
    print(
        f"{size:<6}{kind:<5}{ours:8.3f}  (<= {most}) {shut:8.3f} {statistics.median(same):8.3f}"
        f"  +-{noise:.3f}  {verdict}",
        flush=True,
    )
    return holds


def memory(shell: InteractiveShell) -> bool:
    """Run many cells that make cycles of nothing but themselves; whether nothing of ours grows."""
    lines.install(shell)
    source = "t = torch.zeros(3)\ndef f(a):\n    b = a + {}\n    return b\nu = f(t)"
    sizes: list[int] = []
    for number in range(CELLS + 200):
        shell.run_cell(source.format(number % 300), cell_id=f"cell-{number % 300}")
        if number in (199, CELLS + 199):
            gc.collect()
            sizes.append(len(gc.get_objects()))
    tensor = weakref.ref(shell.user_ns["u"])
    shell.run_cell("del u", cell_id="del")
    collected, gone = gc.collect(), tensor() is None
    lines.uninstall()
    grown = (sizes[1] - sizes[0]) / CELLS
    print(
        f"objects kept for each of {CELLS:,} cell runs: {grown:.2f}; a deleted tensor is gone: ",
        end="",
    )
    print(f"{gone}; unreachable after one more cell: {collected}")
    return grown < 1 and gone


def main() -> int:
    torch.set_num_threads(1)
    shell = InteractiveShell.instance()
    print(f"Python {sys.version.split()[0]}, medians of {ROUNDS} paired ratios, one thread")
    print(f"{'loop':<11}{'on':>8}{'':>12}{'closed':>8}{'A/A':>9}   noise")
    holds = [compare(shell, size, kind) for size in SIZES for kind in LOOPS]
    holds.append(memory(shell))
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())
