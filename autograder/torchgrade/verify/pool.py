"""The other end of the worker: sends jobs, hears answers, stops what never ends."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from typing import Any, Self

START_SECONDS = 180.0  # torch and IPython are imported then, on a slow disk too
FORKS = sys.platform.startswith("linux")


class WorkerLost(RuntimeError):
    """The worker process itself could not be started, or is gone."""


class Worker:
    """A running worker; a context manager that leaves no process behind."""

    def __init__(self, stop_seconds: float) -> None:
        self._stop_seconds = stop_seconds
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._home = tempfile.TemporaryDirectory(prefix="torchgrade-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker and whatever it is running."""
        self._end()
        self._home.cleanup()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            if os.name == "posix":
                # The worker leads a session of its own, so its children end with it.
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def do(self, job: dict[str, Any]) -> dict[str, Any]:
        """Do one job and return its result.

        A job that died or never ended has `died`: a phrase that says how, with `cell` and `doing`.

        Raises:
            WorkerLost: the worker could not start.
        """
        process = self._started()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
        except BrokenPipeError as error:
            raise WorkerLost(
                "the worker process ended unexpectedly; see its message above."
            ) from error
        result = self._heard()
        if not FORKS:
            self._end()
        return result

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            command = [sys.executable, "-m", "torchgrade.verify.worker"]
            self._process = subprocess.Popen(
                command if FORKS else [*command, "--once"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                env=_environment() | {"IPYTHONDIR": self._home.name},
                start_new_session=os.name == "posix",
            )
            self._lines = queue.Queue()
            threading.Thread(
                target=_listen, args=(self._process.stdout, self._lines), daemon=True
            ).start()
        return self._process

    def _heard(self) -> dict[str, Any]:
        result: dict[str, Any] = {}
        last: dict[str, Any] = {}
        pid: int | None = None
        stopped = False
        while True:
            try:
                limit = START_SECONDS if pid is None else self._stop_seconds
                line = self._lines.get(timeout=None if stopped else limit)
            except queue.Empty:
                stopped = True
                if FORKS and pid:
                    os.kill(pid, signal.SIGKILL)
                    continue
                self._end()
                line = None
            if line is None and FORKS and not stopped:
                raise WorkerLost("the worker process ended unexpectedly; see its message above.")
            event: dict[str, Any]
            event = json.loads(line) if line is not None else {"event": "ended", "code": 1}
            match event.pop("event"):
                case "started":
                    pid = event["pid"]
                case "step":
                    last = event
                case "result":
                    result = event
                    if not FORKS:
                        return result
                case "ended":
                    return result or _died(event, last, stopped, self._stop_seconds)


def _died(
    event: dict[str, Any], last: dict[str, Any], stopped: bool, seconds: float
) -> dict[str, Any]:
    code = event["code"]
    if stopped:
        how = f"it was stopped: nothing had happened for {seconds:g} s"
    elif code < 0:
        how = f"its process died ({signal.Signals(-code).name})"
    else:
        text = (event.get("stderr") or "").strip().splitlines()
        how = f"its process ended with {code}" + (f": {text[-1]}" if text else "")
    return {"died": how, "cell": last.get("cell", ""), "doing": last.get("doing", "starting"),
            "stderr": event.get("stderr", "")}  # fmt: skip


def _environment() -> dict[str, str]:
    quiet = {
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        # Asks for CUDA without starting it, so that children can be forked.
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    }
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TORCHGRADE_")}
    return kept | quiet


def _listen(pipe: Any, lines: "queue.Queue[str | None]") -> None:
    for line in pipe:
        lines.put(line)
    lines.put(None)
