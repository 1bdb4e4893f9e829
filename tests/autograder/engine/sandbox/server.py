"""A small fork server for the tests: one request a line, one answer a line. Run as a program."""

import contextlib
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torchgrade.engine.sandbox import Policy
from torchgrade.engine.sandbox.start import spawn_without

from tests.autograder.engine.sandbox import attacks

PATIENCE = 25.0  # seconds until a test's sandbox is ended


def main() -> None:
    torch.set_num_threads(1)
    signal.signal(signal.SIGUSR1, _signalled)
    print(json.dumps({"pid": os.getpid()}), flush=True)
    for line in sys.stdin:
        try:
            answer = serve(json.loads(line))
        except (RuntimeError, ValueError) as error:
            answer = {"refused": type(error).__name__, "message": str(error)}
        print(json.dumps(answer), flush=True)


signals: list[int] = []


def _signalled(number: int, _: object) -> None:
    signals.append(number)


def serve(request: Mapping[str, Any]) -> dict[str, Any]:
    """Spawn, perhaps do something to it, and tell what was seen.

    The learner's process and all that come from it hold the writing end of `said`. So that end's
    closing, seen when the warden has reported, shows that nothing is left.
    """
    lifeline_read, lifeline = os.pipe()
    status, status_write = os.pipe()
    said, said_write = os.pipe()
    attack = getattr(attacks, request["attack"])

    def learn(layers: list[Any]) -> None:
        told = [[layer.name, layer.active, layer.detail] for layer in layers]
        os.write(said_write, json.dumps(told).encode() + b"\n")
        try:
            value = attack(**request.get("arguments", {}))
        except Exception:
            value = traceback.format_exc()
        os.write(said_write, json.dumps(value).encode() + b"\n")

    policy = request["policy"]
    policy = Policy(
        **{
            **policy,
            "directory": Path(policy["directory"]),
            "hidden": tuple(map(Path, policy.get("hidden", ()))),
        }
    )
    signals.clear()
    ends = (lifeline_read, status_write, said_write)
    try:
        started = time.perf_counter()
        warden = spawn_without(
            request.get("without", ()), policy, learn, [said_write], lifeline_read, status_write
        )
    finally:
        for end in ends:
            os.close(end)
    heard = b""
    if _ready(said):
        heard = os.read(said, 65536)
    at_work = time.perf_counter() - started
    then = request.get("then")
    if then:
        time.sleep(0.3)
    if then == "interrupt":
        with contextlib.suppress(BrokenPipeError):  # it ended by itself: the test will say how
            os.write(lifeline, b"i")
    elif then == "hang up":
        os.close(lifeline)
    elif then == "kill the warden":
        os.kill(warden, signal.SIGKILL)
    in_time = _ready(status)
    if not in_time:
        os.close(lifeline)
    report = b"".join(iter(lambda: os.read(status, 65536), b""))
    # A killed warden reports nothing; then it takes the kernel a moment.
    gone = False
    deadline = time.monotonic() + (5 if then == "kill the warden" else 0.0)
    while not gone and select.select([said], [], [], max(0.0, deadline - time.monotonic()))[0]:
        more = os.read(said, 65536)
        heard, gone = heard + more, not more
    os.waitpid(warden, 0)
    for end in (status, said, *(() if then == "hang up" or not in_time else (lifeline,))):
        os.close(end)
    layers, *value = heard.decode().splitlines() or ["[]"]
    return {
        "layers": json.loads(layers),
        "value": json.loads(value[0]) if value else None,
        "status": json.loads(report) if report else None,
        "gone": gone,
        "in_time": in_time,
        "signals": len(signals),
        "milliseconds": 1000 * at_work,
    }


def _ready(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], PATIENCE)[0])


if __name__ == "__main__":
    main()
