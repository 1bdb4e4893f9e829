"""What everything that is on by default costs a training loop, in a real kernel.

    python benchmarks/everything.py [--rounds 4] [tiny-mod tiny-raw small-mod small-raw]

The loops and turns of `lines.py` as cells of a kernel: with the shapes of lines and the warnings
watched, and with the page asking as it does beside an open sidebar (the list of the tensors and the
curves in one question to a subshell, every 300 ms). What watching costs is the loop in times of
`absent`, a function that nobody ever watched, over the same while nothing is watched. What asking
costs, both kinds alike, is how much less of them is done in the 150 ms after a question than in the
next 150. Both together are printed. Exits with 1 where a claim does not hold. The claims: at
most 1.05 on the tiny loop and 1.02 on the small one, beyond the noise.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import threading
import time
from bisect import bisect_right
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "extension"))

from lines import LOOPS, MODULES, SIZES, WARM, Turns, in_function, ratios, spread, turns

from tests.extension.live.conftest import LiveKernel, text

EVERY = 0.3
LOUDEST = 0.04


class Asker:
    """Asks on a thread of its own while the loop runs, as a page would."""

    def __init__(self, kernel: LiveKernel) -> None:
        self.asked: list[float] = []
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
            # One clock for all processes of a machine.
            self.asked.append(time.perf_counter())
            listed, live = self._kernel.peek({"kind": "snapshot"}, {"kind": "live", **options})
            assert listed["kind"] == "snapshot", listed
            run, since = live["run"], live["sample"]


def watch(kernel: LiveKernel, on: bool) -> None:
    """What the page asks first of the idle kernel, and what it asks when a view is closed."""
    for kind in ("lines", "cautions"):
        answer = kernel.ask(f"{kind!r}, since=0, watch={on}")
        assert answer["kind"] == kind, answer


def measure(kernel: LiveKernel, loop: str) -> Turns:
    """The turns of `absent` and the loop while nobody watches or asks."""
    found: Turns = json.loads(text(kernel.play(printing(loop))))
    return found


def measure_ours(kernel: LiveKernel, loop: str) -> tuple[Turns, list[float]]:
    """The turns while all is on, and when the page asked."""
    watch(kernel, True)
    cell = kernel.begin(printing(loop))
    with Asker(kernel) as asker:
        said = text(kernel.end(cell), cell)
    assert kernel.ask("'lines', since=0")["cells"], "no line was watched"
    watch(kernel, False)
    return json.loads(said), asker.asked


def printing(loop: str) -> str:
    return turns("absent()", loop) + "import json\nprint(json.dumps(turns))"


def delays(found: Turns, asked: list[float]) -> list[float]:
    """How many seconds each question took from the loop.

    The turns of the half period after it against those of the half period after that. (The turn
    that a question meets is no measure: long ones meet more.)
    """
    starts = [began for began, _, _ in found]

    def progress(moment: float) -> float:
        i = bisect_right(starts, moment) - 1
        return i + (moment - starts[i]) / (starts[i + 1] - starts[i])

    half = EVERY / 2
    extra = []
    for moment in asked:
        if starts[WARM] < moment < starts[-1] - EVERY:
            first, then = progress(moment + half), progress(moment + EVERY)
            extra.append(half * (1 - (first - progress(moment)) / (then - first)))
    return extra


def compare(kernel: LiveKernel, loop: str, rounds: int) -> bool:
    """Print the row of one loop; whether its claim holds."""
    size, kind = loop.split("-")
    sizes, batch, steps, most = SIZES[size]
    kernel.play("import time, torch\ntorch.set_num_threads(1)")
    kernel.play(MODULES.format(sizes=sizes, batch=batch, steps=steps))
    kernel.play(in_function("absent", LOOPS[kind]))
    on: list[float] = []
    off: list[float] = []
    extra: list[float] = []
    for _ in range(rounds):
        off += ratios(measure(kernel, LOOPS[kind]))
        found, asked = measure_ours(kernel, LOOPS[kind])
        on += ratios(found)
        extra += delays(found, asked)
    watching = statistics.median(on) / statistics.median(off)
    asking = 1 + statistics.median(extra) / EVERY
    ratio = watching * asking
    noise = sum(part**2 for part in (spread(on), spread(off), spread(extra) / EVERY)) ** 0.5
    holds = ratio <= most + noise
    verdict = "holds" if holds else "DOES NOT HOLD"
    if noise > LOUDEST:
        holds, verdict = False, "TOO NOISY TO SAY"
    print(
        f"{loop:<11}{watching:9.3f}{asking:8.3f}{ratio:10.3f}  (<= {most})  +-{noise:.3f}"
        f"{len(extra):8} questions  {verdict}",
        flush=True,
    )
    return holds


def unchecked(_: Any) -> None:
    """The protocol is the tests' business: here it would only take processor time."""


def main() -> int:
    every = [f"{size}-{kind}" for size in SIZES for kind in LOOPS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4, help="more on a noisy machine")
    parser.add_argument("loops", nargs="*", metavar="loop", help=", ".join(every))
    options = parser.parse_args()
    kernel = LiveKernel(unchecked)
    try:
        print(f"Python {sys.version.split()[0]}, medians, one thread")
        print(f"{'loop':<11}{'watching':>9}{'asking':>8}{'together':>10}{'':>12}noise")
        holds = [compare(kernel, loop, options.rounds) for loop in options.loops or every]
        return 0 if all(holds) else 1
    finally:
        kernel.stop()


if __name__ == "__main__":
    sys.exit(main())
