"""What tracing the flow of a cell costs, as ratios to the same cell untraced and to other tools.

    python benchmarks/flow.py [--peers FOLDER] [--rounds 15] [tiny-mod tiny-raw small-mod small-raw]

First the training loops of benchmarks/lines.py, of half a second and more, traced from beginning to
end (the graph included) and untraced in turns, as medians of paired ratios; A/A is the untraced
loop against itself. Then, unless loops were named, one forward pass of a GPT of 12 layers and 124
million parameters, and of a small MLP, by us and by the tools that are installed: torchlens,
torchvista, tensor-sensor (which draws the calling line alone), torchinfo, torch.fx. FOLDER is where
peers lie that are not installed (`pip install --target FOLDER --no-deps torchlens torchvista
tensor-sensor torchinfo graphviz`, and matplotlib). Exits with 1 where a claim does not hold. The
claims: at most 1.3 on the small loop (beyond the noise that A/A shows); the graph of the GPT at
most 1 s after its forward pass began, its answer below 1 MB.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "extension"))

import torch
from IPython.core.interactiveshell import InteractiveShell
from lines import LOOPS, MODULES, seconds
from torchenstein.flow import tracer
from torchenstein.inspector import reply

SIZES = {"tiny": ((20, 32, 32, 2), 32, 3000, None), "small": ((784, 128, 64, 10), 64, 1000, 1.3)}
LOUDEST = 0.05
MOST_SECONDS, MOST_BYTES = 1.0, 1_000_000
GPT = """
import torch
from torch import nn
from torch.nn import functional as F

class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).split(C, dim=2)
        q = q.view(B, T, self.heads, C // self.heads).transpose(1, 2)
        k = k.view(B, T, self.heads, C // self.heads).transpose(1, 2)
        v = v.view(B, T, self.heads, C // self.heads).transpose(1, 2)
        scores = q @ k.transpose(-2, -1) / (C // self.heads) ** 0.5
        mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
        weights = F.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1)
        y = (weights @ v).transpose(1, 2).reshape(B, T, C)
        return self.c_proj(y)

class MLP(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.gelu = nn.GELU()
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.c_proj(self.gelu(self.c_fc(x)))

class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = MLP(width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))

class GPT(nn.Module):
    def __init__(self, layers=12, width=768, heads=12, vocabulary=50257, length=1024):
        super().__init__()
        self.wte = nn.Embedding(vocabulary, width)
        self.wpe = nn.Embedding(length, width)
        self.h = nn.ModuleList([Block(width, heads) for _ in range(layers)])
        self.ln_f = nn.LayerNorm(width)
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, idx):
        x = self.wte(idx) + self.wpe(torch.arange(idx.shape[1], device=idx.device))
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))

with torch.device("meta"):
    gpt, tokens = GPT().eval(), torch.zeros(2, 128, dtype=torch.long)
mlp = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(),
                    nn.Linear(64, 10))
images = torch.randn(64, 784)
"""


def traced(shell: InteractiveShell, source: str) -> float:
    """Seconds of the cell with its trace, the graph included."""
    tracer().wait_for("traced")
    start = time.perf_counter()
    result = shell.run_cell(source, cell_id="traced")
    spent = time.perf_counter() - start
    result.raise_error()
    assert tracer().graph is not None
    assert tracer().problem is None, tracer().problem
    return spent


def compare(shell: InteractiveShell, size: str, kind: str, rounds: int) -> bool:
    """Print the row of one loop; whether its claim holds."""
    sizes, batch, steps, most = SIZES[size]
    shell.run_cell(MODULES.format(sizes=sizes, batch=batch, steps=steps))
    loop = LOOPS[kind]
    ratios: list[float] = []
    same: list[float] = []
    for _ in range(rounds):
        first = seconds(shell, loop)
        ours = traced(shell, loop)
        again = seconds(shell, loop)
        ratios.append(2 * ours / (first + again))
        same.append(again / first)
    noise = abs(statistics.median(same) - 1) + statistics.stdev(same) / rounds**0.5
    ratio = statistics.median(ratios)
    holds = most is None or (ratio <= most + noise and noise <= LOUDEST)
    verdict = "holds" if holds else "DOES NOT HOLD" if noise <= LOUDEST else "TOO NOISY TO SAY"
    claim = "" if most is None else f"(<= {most})  {verdict}"
    print(
        f"{size:<6}{kind:<5}{ratio:8.3f}{statistics.median(same):8.3f}  +-{noise:.3f}  {claim}",
        flush=True,
    )
    return holds


def peers(space: dict[str, Any]) -> dict[str, Callable[[str, str], Any]]:
    """The tools that are here: each traces the model of one name on the tensor of another."""

    def torchinfo(model: str, tensor: str) -> Any:
        summary = import_module("torchinfo").summary
        # It moves models to a device unless told where they are.
        return summary(
            space[model], input_data=space[tensor], verbose=0, device=space[tensor].device
        )

    def torchlens(model: str, tensor: str) -> Any:
        return import_module("torchlens").trace(space[model], space[tensor])

    def torchvista(model: str, tensor: str) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            return import_module("torchvista").trace_model(
                space[model], space[tensor], export_format="html", export_path=f"{folder}/g.html"
            )

    def torch_fx(model: str, tensor: str) -> Any:
        fx = import_module("torch.fx")
        graph = fx.symbolic_trace(space[model])
        import_module("torch.fx.passes.shape_prop").ShapeProp(graph).propagate(space[tensor])

    def tensor_sensor(model: str, tensor: str) -> Any:
        """It draws the lines of the block, this one, and sees nothing of the model's own code."""
        tsensor, net, x = import_module("tsensor"), space[model], space[tensor]
        with tempfile.TemporaryDirectory() as folder, tsensor.explain(savefig=f"{folder}/line.svg"):
            output = net(x)
        return output

    found: dict[str, Callable[[str, str], Any]] = {}
    for name, run in {
        "torchinfo": torchinfo,
        "torchlens": torchlens,
        "torchvista": torchvista,
        "torch.fx": torch_fx,
        "tsensor": tensor_sensor,
    }.items():
        try:
            import_module(name)
        except ImportError:
            print(f"  {name}: not installed, not compared")
            continue
        found[name] = run
    return found


def once(run: Callable[[], Any], rounds: int) -> float | str:
    """Median seconds, or why there are none."""
    times = []
    try:
        for _ in range(rounds):
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                start = time.perf_counter()
                run()
            times.append(time.perf_counter() - start)
    except Exception as problem:
        return f"fails: {type(problem).__name__}: {str(problem).splitlines()[0][:60]}"
    return statistics.median(times[1:] or times)


def forwards(shell: InteractiveShell) -> bool:
    """Print one forward pass of both models by every tool; whether our claims hold."""
    shell.run_cell(GPT).raise_error()
    holds = True
    cases = (("mlp", "images", 9), ("gpt", "tokens", 5))
    times: dict[str, float] = {}
    # Ours first: torchlens leaves its wrappers around every function of torch.
    for model, tensor, rounds in cases:
        source = f"output = {model}({tensor})"
        plain = once(partial(seconds, shell, source), rounds)
        ours = once(partial(traced, shell, source), rounds)
        assert isinstance(plain, float)
        assert isinstance(ours, float), ours
        times[model] = ours
        size = len(json.dumps(reply("flow").content))
        graph = tracer().graph or {}
        good = ours <= MOST_SECONDS and size <= MOST_BYTES
        holds &= good
        print(
            f"{model}: {len(graph['nodes'])} nodes, {len(graph['modules'])} modules, "
            f"{size / 1e3:.0f} kB; plain {plain * 1e3:.1f} ms, traced {ours * 1e3:.1f} ms  "
            f"{'holds' if good else 'DOES NOT HOLD'}"
        )
    installed = peers(shell.user_ns)
    for model, tensor, rounds in cases:
        for name, run in installed.items():
            spent = once(partial(run, model, tensor), min(rounds, 3))
            what = f"{spent * 1e3:.1f} ms" if isinstance(spent, float) else spent
            ratio = f", {spent / times[model]:.1f} times ours" if isinstance(spent, float) else ""
            print(f"  {name} of {model}: {what}{ratio}")
    return holds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="folder of tools that are not installed")
    parser.add_argument("--rounds", type=int, default=15, help="more on a noisy machine")
    every = [f"{size}-{kind}" for size in SIZES for kind in LOOPS]
    parser.add_argument("loops", nargs="*", metavar="loop", help=", ".join(every))
    options = parser.parse_args()
    folder, rounds = options.peers, options.rounds
    if folder:
        sys.path.append(folder)
    torch.set_num_threads(1)
    shell = InteractiveShell.instance()
    print(f"Python {sys.version.split()[0]}, medians of {rounds} paired ratios, one thread")
    print(f"{'loop':<11}{'traced':>8}{'A/A':>8}   noise")
    holds = [compare(shell, *loop.split("-"), rounds) for loop in options.loops or every]
    if not options.loops:
        holds.append(forwards(shell))
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())
