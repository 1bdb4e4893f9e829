"""What a worker does with a lesson: run the source and prove it, or run the student version."""

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from torchgrade.check.report import Score
from torchgrade.verify.limits import Limits
from torchgrade.verify.outcomes import run_mistakes
from torchgrade.verify.proof import Proof, TestCell
from torchgrade.verify.session import Network, Ran, Session, peak_memory_mib

Send = Callable[[dict[str, Any]], None]


class Job:
    """One run of one notebook. `facts` is the result that is sent when it is over."""

    def __init__(self, job: dict[str, Any], send: Send) -> None:
        self.cells: list[dict[str, Any]] = job["cells"]
        self.limits = Limits(**job["limits"])
        self.facts: dict[str, Any] = {
            "event": "result",
            "findings": [],
            "exercises": [],
            "reports": {},
        }
        self._send = send
        os.environ["TORCHGRADE_DEVICE"] = job["device"]
        os.chdir(job["folder"])
        sys.path.insert(0, "")
        self._base = peak_memory_mib()
        self.network = Network()
        self.session = Session()

    def fault(
        self, cell: dict[str, Any] | None, rule: str, what: str, mend: str, severity: str = "error"
    ) -> None:
        """Note a finding."""
        place = cell["label"] if cell else ""
        self.facts["findings"].append(
            {"cell": place, "rule": rule, "what": what, "mend": mend, "severity": severity}
        )

    def step(self, cell: dict[str, Any], doing: str) -> None:
        """Tell the other side what comes next, so that it can say what never ended."""
        self._send({"event": "step", "cell": cell["label"], "doing": doing})

    def code(self) -> list[dict[str, Any]]:
        return [cell for cell in self.cells if cell["kind"] in ("code", "answer", "test")]

    def run(self, cell: dict[str, Any]) -> Ran:
        """Run a cell the first time, held to the time limits and to the network's absence."""
        self.step(cell, "running it")
        ran = self.session.run(cell["source"])
        self.facts["seconds"] = self.facts.get("seconds", 0.0) + ran.seconds
        if ran.seconds > self.limits.cell_seconds:
            what = f"it took {ran.seconds:.1f} s, not at most {self.limits.cell_seconds:g} s"
            self.fault(cell, "seconds", what, "Make the example smaller")
        if ran.stderr.strip():
            what = f"it writes to stderr: {ran.stderr.strip().splitlines()[0]}"
            self.fault(
                cell, "stderr", what, "Mend the cause; a learner reads it as a fault", "warning"
            )
        self.offline(cell)
        return ran

    def offline(self, cell: dict[str, Any]) -> None:
        """Note what tried to reach the network since the last time."""
        if self.network.attempts:
            what = f"it reaches for the network ({self.network.attempts[0]})"
            self.fault(cell, "network", what, "A lesson works offline")
            self.network.attempts.clear()

    def finish(self, most_seconds: float) -> None:
        """Judge the whole run and send the result."""
        if self.facts.get("seconds", 0.0) > most_seconds:
            what = f"it runs for {self.facts['seconds']:.1f} s, not at most {most_seconds:g} s"
            self.fault(None, "seconds", what, "Make its examples smaller")
        peak = peak_memory_mib()
        if peak is not None and self._base is not None:
            self.facts["memory_mib"] = round(peak - self._base)
            if peak - self._base > self.limits.memory_mib:
                what = f"it takes {peak - self._base:.0f} MiB, not at most {self.limits.memory_mib}"
                self.fault(None, "memory", what, "Make its tensors smaller")
        self._send(self.facts)


def run_job(job: dict[str, Any], send: Send) -> None:
    """Do a job and send `{"event": "result", ...}` at its end."""
    {
        "source": _source,
        "student": _student,
        "accelerator": _accelerator,
        "device": _device,
        "mistakes": run_mistakes,
    }[job["mode"]](job, send)


def _source(job: dict[str, Any], send: Send) -> None:
    """The source runs; then runs again, and each exercise is proved where it stands."""
    work = Job(job, send)
    broken = set()
    for cell in work.code():
        ran = work.run(cell)
        if ran.error is not None and not cell["may_raise"]:
            broken.add(cell["label"])
            work.fault(cell, "runs", f"it raised {ran.error_line}", "Mend the cell")
    for cell in work.code():
        work.step(cell, "running it a second time")
        if cell["kind"] != "test":
            ran = work.session.run(cell["source"])
            if ran.error is not None and not cell["may_raise"] and cell["label"] not in broken:
                what = f"run a second time, it raised {ran.error_line}"
                work.fault(cell, "runs-twice", what, "Make what it needs in the cell itself")
        elif cell["variable"] and cell["label"] not in broken:
            work.step(cell, "proving its exercise")
            test = TestCell(
                cell["source"],
                cell["variable"],
                cell["points"],
                cell["stub"],
                tuple(cell["answer_names"]),
            )
            fault, step = partial(work.fault, cell), partial(work.step, cell)
            proof = Proof(work.session, test, work.limits, fault, step)
            work.facts["exercises"].append(proof.run().json())
            work.facts["reports"][cell["label"]] = proof.reports
            work.offline(cell)
    work.finish(work.limits.source_seconds)


def _student(job: dict[str, Any], send: Send) -> None:
    """The untouched student version runs: nothing raises, nothing scores."""
    work = Job(job, send)
    for cell in work.code():
        ran = work.run(cell)
        if ran.error is not None:
            untouched = isinstance(ran.error, NotImplementedError) and cell["kind"] == "answer"
            if not untouched and not cell["may_raise"]:
                what = f"in the untouched student version it raises {ran.error_line}"
                work.fault(cell, "untouched", what, "Guard what needs the learner's answer")
        elif cell["kind"] == "test":
            score = ran.value if isinstance(ran.value, Score) else None
            shown = ran.reports[-1]["status"] if ran.reports else "not reported"
            status = score.report.status if score is not None else shown
            if score is None or float(score) != 0 or status != "unfinished":
                scored = "full marks" if score is None else repr(score)
                what = f"untouched, it is {status} and scores {scored}"
                work.fault(
                    cell, "untouched", what, "The stub must raise NotImplementedError when used"
                )
    work.finish(work.limits.student_seconds)


def _accelerator(job: dict[str, Any], send: Send) -> None:
    """The source runs on the accelerator, and every test cell gives full marks there."""
    work = Job(job, send)
    for cell in work.code():
        ran = work.run(cell)
        on = f"on {job['device']}"
        if ran.error is not None and not cell["may_raise"]:
            work.fault(cell, "accelerator", f"{on} it raised {ran.error_line}", "Use device()")
        elif isinstance(ran.value, Score) and not ran.value.report.passed:
            what = f"{on} the reference solution does not pass: {ran.value.report.summary}"
            work.fault(cell, "accelerator", what, "Use device(), or widen the tolerance")
    work.finish(work.limits.source_seconds)


def _device(job: dict[str, Any], send: Send) -> None:
    """Say which accelerator is there. Asked in a child: an accelerator does not survive a fork."""
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    send({"event": "result", "device": found.type if found is not None else None})
