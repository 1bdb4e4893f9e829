"""What the recorder of line shapes costs a training loop, as ratios to the same loop without it.

    python benchmarks/lines.py

Some steps of the loop and as many of `absent`, a function that never met the recorder, take turns
within one cell, a dozen milliseconds each: what disturbs the machine disturbs both. The medians of
the paired ratios are printed, over those of the same cell without the recorder, whose spread is the
noise. Exits with 1 where a claim does not hold. The claims: on, at most 1.05 on the tiny loop and
1.02 on the small one (beyond the noise); closed again, at most 1.02 beyond it, which is what
functions that were defined meanwhile carry on (never opened, nothing of ours is in any code); and
over 1,000 cell runs nothing is kept that grows.
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

ROUNDS, PAIRS = 4, 300
# So many turns at the start are left out.
WARM = 20
CELLS = 1_000
LOUDEST = 0.02
CLOSED = 1.02
# The sizes of the layers, those of a batch, the steps of a turn, and the claim.
SIZES = {"tiny": ((20, 32, 32, 2), 32, 60, 1.05), "small": ((784, 128, 64, 10), 64, 20, 1.02)}
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


TURNS = """
from time import perf_counter as clock
turns = []
for _ in range({pairs}):
    began = clock()
    {first}
    between = clock()
{second}
    turns.append((began, between, clock()))
"""
Turns = list[tuple[float, float, float]]


def in_function(name: str, loop: str) -> str:
    return f"def {name}():" + indented(loop)


def indented(source: str) -> str:
    return source.replace("\n", "\n    ")


def turns(first: str, second: str) -> str:
    """A cell in which a line and some lines take turns; `turns` has when each began."""
    return TURNS.format(pairs=PAIRS, first=first, second=indented("\n" + second.strip("\n")))


def ratios(found: Turns) -> list[float]:
    """How long the second took of every turn, in times of the first."""
    return [(end - between) / (between - began) for began, between, end in found[WARM:]]


def spread(found: list[float]) -> float:
    """The standard error of the median, of what is nearly normal."""
    return 1.25 * statistics.stdev(found) / len(found) ** 0.5


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
    # Both have their own copies of the model's code: those of `closed` hold what was put there.
    theirs = loop.replace("model(", "closed_model(").replace("optimizer.", "closed_optimizer.")
    shell.run_cell(setup + in_function("closed", theirs)).raise_error()
    lines.uninstall()
    shell.run_cell("closed_model, closed_optimizer = model, optimizer").raise_error()
    shell.run_cell(setup + in_function("absent", loop)).raise_error()

    def measure(second: str) -> list[float]:
        shell.run_cell(turns("absent()", second)).raise_error()
        return ratios(shell.user_ns["turns"])

    on: list[float] = []
    off: list[float] = []
    closed: list[float] = []
    for _ in range(ROUNDS):
        off += measure(loop)
        lines.install(shell)
        on += measure(loop)
        lines.uninstall()
        closed += measure("closed()")
    usual = statistics.median(off)
    ours, shut = statistics.median(on) / usual, statistics.median(closed)
    noise = (spread(on) ** 2 + spread(off) ** 2) ** 0.5
    holds = ours <= most + noise and shut <= CLOSED + noise
    verdict = "holds" if holds else "DOES NOT HOLD"
    if noise > LOUDEST:
        # A claim about hundredths says nothing here, either way.
        holds, verdict = False, "TOO NOISY TO SAY"
    print(
        f"{size:<6}{kind:<5}{ours:8.3f}  (<= {most}) {shut:8.3f} {usual:8.3f}  +-{noise:.3f}"
        f"  {verdict}",
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
    print(f"Python {sys.version.split()[0]}, medians of {ROUNDS * PAIRS} paired ratios, one thread")
    print(f"{'loop':<11}{'on':>8}{'':>12}{'closed':>8}{'off':>9}   noise")
    holds = [compare(shell, size, kind) for size in SIZES for kind in LOOPS]
    holds.append(memory(shell))
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())
