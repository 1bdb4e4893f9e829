"""What everything that is on by default costs a training loop, in a real kernel.

    python benchmarks/everything.py [--rounds 15] [tiny-mod tiny-raw small-mod small-raw]

The loops of `lines.py` run as cells: with the shapes of lines and the warnings watched and with
the page asking as it does beside an open sidebar (the list of the tensors and the curves in one
question to a subshell, every 300 ms), in turns with the same cells while nothing is watched and
nobody asks. The medians of the paired ratios are printed; A/A is the cell without us against
itself. Exits with 1 where a claim does not hold. The claims: at most 1.05 on the tiny loop and
1.02 on the small one, beyond the noise that A/A shows.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "extension"))

from lines import LOOPS, MODULES, SIZES

from tests.extension.live.conftest import LiveKernel, text

SECONDS = 1.0
EVERY = 0.3


class Asker:
    """Asks on a thread of its own while the loop runs, as a page would."""

    def __init__(self, kernel: LiveKernel) -> None:
        self.answered = 0
        self._kernel = kernel
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Asker:
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        run = since = 0
        while not self._over.wait(EVERY):
            options = {"run": run, "since": since}
            listed, live = self._kernel.peek({"kind": "snapshot"}, {"kind": "live", **options})
            assert listed["kind"] == "snapshot", listed
            run, since = live["run"], live["sample"]
            self.answered += 1


def watch(kernel: LiveKernel, on: bool) -> None:
    """What the page asks first of the idle kernel, and what it asks when a view is closed."""
    for kind in ("lines", "cautions"):
        answer = kernel.ask(f"{kind!r}, since=0, watch={on}")
        assert answer["kind"] == kind, answer


def seconds(kernel: LiveKernel, loop: str, on: bool) -> tuple[float, int]:
    """How long the loop took by its own clock, and how many questions were answered meanwhile."""
    source = f"start = time.perf_counter()\n{loop}\nprint(time.perf_counter() - start)"
    asker = Asker(kernel)
    if not on:
        return float(text(kernel.play(source))), 0
    watch(kernel, True)
    cell = kernel.begin(source)
    with asker:
        said = text(kernel.end(cell), cell)
    assert kernel.ask("'lines', since=0")["cells"], "no line was watched"
    watch(kernel, False)
    return float(said), asker.answered


def compare(kernel: LiveKernel, loop: str, rounds: int) -> bool:
    """Print the row of one loop; whether its claim holds."""
    size, kind = loop.split("-")
    sizes, batch, steps, most = SIZES[size]
    kernel.play("import time, torch\ntorch.set_num_threads(1)")
    setup = MODULES.format(sizes=sizes, batch=batch, steps=steps)
    kernel.play(setup)
    seconds(kernel, LOOPS[kind], False)
    once, _ = seconds(kernel, LOOPS[kind], False)
    kernel.play(f"steps = int({steps * SECONDS / once})")
    ours: list[float] = []
    same: list[float] = []
    answered = 0
    for _ in range(rounds):
        first, _ = seconds(kernel, LOOPS[kind], False)
        spent, count = seconds(kernel, LOOPS[kind], True)
        again, _ = seconds(kernel, LOOPS[kind], False)
        answered += count
        ours.append(2 * spent / (first + again))
        same.append(again / first)
    noise = abs(statistics.median(same) - 1) + statistics.stdev(same) / rounds**0.5
    ratio = statistics.median(ours)
    holds = ratio <= most + noise
    print(
        f"{loop:<11}{ratio:8.3f}  (<= {most}) {statistics.median(same):8.3f}  +-{noise:.3f}"
        f"{answered / rounds / SECONDS:8.1f} answers/s  {'holds' if holds else 'DOES NOT HOLD'}",
        flush=True,
    )
    return holds


def unchecked(_: Any) -> None:
    """The protocol is the tests' business: here it would only take processor time."""


def main() -> int:
    every = [f"{size}-{kind}" for size in SIZES for kind in LOOPS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="more on a noisy machine")
    parser.add_argument("loops", nargs="*", metavar="loop", help=", ".join(every))
    options = parser.parse_args()
    rounds = options.rounds
    kernel = LiveKernel(unchecked)
    try:
        print(f"Python {sys.version.split()[0]}, medians of {rounds} paired ratios, one thread")
        print(f"{'loop':<11}{'on':>8}{'':>12}{'A/A':>9}   noise")
        holds = [compare(kernel, loop, rounds) for loop in options.loops or every]
        return 0 if all(holds) else 1
    finally:
        kernel.stop()


if __name__ == "__main__":
    sys.exit(main())
