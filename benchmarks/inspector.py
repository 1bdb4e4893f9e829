"""What the tensor panel costs the kernel, as ratios to the obvious other way, in one run.

    python benchmarks/inspector.py

Each pair runs in turns and the medians are compared, so that a busy machine slows both. Exits with
1 where a claim does not hold. The claims: a snapshot of 1,000 tensors takes at most a tenth of
their repr, which is how panels that print variables get their text; opening a tensor of 10 million
numbers takes at most half of min, max, mean, std and histc of all of it, and under 300 ms.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "extension"))

from torchenstein.inspector.detail import detail
from torchenstein.inspector.snapshot import snapshot
from torchenstein.inspector.survey import Namespace

ROUNDS = 15
TENSORS = 1_000
NUMBERS = 10_000_000
LIMIT_MS = 300


def medians(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float]:
    """Median milliseconds of both, run in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for spent, run in zip(times, (ours, peer), strict=True):
            start = time.perf_counter()
            run()
            spent.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[0]), statistics.median(times[1])


def row(what: str, pair: tuple[float, float], most: float) -> bool:
    """Print one comparison; whether our share of the peer's time is at most `most`."""
    ours, peer = pair
    holds = ours <= most * peer
    verdict = "holds" if holds else "DOES NOT HOLD"
    print(f"{what:<58} {ours:8.2f} ms {peer:8.2f} ms {ours / peer:7.3f}  (<= {most})  {verdict}")
    return holds


def main() -> int:
    torch.set_num_threads(1)
    print(f"{f'medians of {ROUNDS}, one thread':<58} {'ours':>11} {'peer':>11}   ratio")
    small = {f"t{i}": torch.rand(8, 8) for i in range(TENSORS)}
    space = Namespace(small, {})
    holds = row(
        f"snapshot of {TENSORS:,} tensors / repr of each",
        medians(lambda: snapshot(space, TENSORS), lambda: [repr(t) for t in small.values()]),
        0.1,
    )
    names = Namespace({f"n{i}": i for i in range(10_000)}, {})
    holds &= row(
        "snapshot of 10,000 other names / str of each",
        medians(
            lambda: snapshot(names, TENSORS), lambda: [str(n) for n in names.variables.values()]
        ),
        5.0,
    )
    x = torch.randn(NUMBERS)
    matrix = x.view(-1, 4000)
    for what, tensor in {"a vector": x, "transposed": matrix.t(), "columns": matrix[:, 1:]}.items():
        opened = Namespace({"x": tensor}, {})
        pair = medians(
            partial(detail, opened, "x", 4096, []),
            lambda: (x.min(), x.max(), x.mean(), x.std(), torch.histc(x, 32)),
        )
        holds &= row(f"detail of {NUMBERS:,} numbers, {what} / all of them read", pair, 0.5)
        holds &= pair[0] < LIMIT_MS
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
