"""The warden: outside the sandbox, it watches, passes interrupts on, and leaves nothing running."""

import contextlib
import json
import os
import resource
import select
import signal
import socket
import time
from pathlib import Path

from torchgrade.engine.sandbox import credentials, usage
from torchgrade.engine.sandbox.plan import Plan
from torchgrade.engine.sandbox.policy import Policy

INTERVAL = 0.05  # seconds between two looks, at most
FIRST = 0.004  # seconds until the first look, because a short notebook takes less than an interval
SHARE = 10  # a look at the disk takes at most one part in this many of the time
CHANGE = 1.02  # of resident memory, after which private memory is measured again


class Warden:
    """Watches one learner's process to its end.

    Args:
        learner: its process id.
        uid: its user, if that is another than the warden's.
        link: where it says why it could not enter the sandbox.
    """

    def __init__(
        self, policy: Policy, plan: Plan, learner: int, uid: int | None, link: socket.socket
    ) -> None:
        self.policy, self.plan, self.learner, self.uid, self.link = policy, plan, learner, uid, link
        self.peak_mib = 0.0
        self._measured_at = 0.0
        self._next_disk_look = 0.0

    def watch(self, lifeline: int) -> dict[str, object]:
        """Stay until nothing is left of the sandbox; what became of it as plain data."""
        why = self._until_end(lifeline)
        if why:
            os.kill(self.learner, signal.SIGKILL)
        _, status, used = os.wait4(self.learner, 0)
        self._end_the_rest()
        return {"ended": why or self._ended(status, used), "peak_mib": round(self.peak_mib, 1)}

    def _until_end(self, lifeline: int) -> str:
        """Wait until the process ends (""), or should be ended (why)."""
        ended = os.pidfd_open(self.learner)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(lifeline, select.POLLIN)
        interval = FIRST
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(interval * 1000)}
            interval = min(2 * interval, INTERVAL)
            if lifeline in ready:
                said = os.read(lifeline, 64)
                if not said:
                    return "was stopped by the grader"
                os.kill(self.learner, signal.SIGINT)
            if ended in ready:
                return ""
            excess = self._excess()
            if excess:
                return excess

    def _excess(self) -> str:
        """Which limit the sandbox exceeds; "" if none."""
        policy = self.policy
        # Whatever it started is its descendant, or the warden's since its parent has ended.
        pids = usage.descendants(os.getpid())
        self._measure_peak()
        if usage.memory_mib(pids, policy.memory_mib) > policy.memory_mib:
            return f"used more than {policy.memory_mib} MiB of memory"
        if usage.tasks(pids) > policy.processes:
            return f"ran more than {policy.processes} processes and threads"
        return self._disk_excess(pids)

    def _measure_peak(self) -> None:
        resident = usage.resident_mib(self.learner)
        if not self._measured_at / CHANGE < resident < self._measured_at * CHANGE:
            self.peak_mib = max(self.peak_mib, usage.private_mib(self.learner))
            self._measured_at = resident

    def _disk_excess(self, pids: list[int]) -> str:
        started = time.monotonic()
        if started < self._next_disk_look:
            return ""
        try:
            size = usage.disk_mib(str(self.policy.directory), pids)
        except usage.TooDeep:
            return "made folders too deep to look into"
        now = time.monotonic()
        self._next_disk_look = now + SHARE * (now - started)
        limit = self.policy.disk_mib
        return f"wrote more than {limit} MiB to its directory" if size > limit else ""

    def _ended(self, status: int, used: resource.struct_rusage) -> str:
        refusal = self.link.recv(4096)
        if refusal:
            return f"could not be started: {refusal.decode(errors='replace')}"
        code = os.waitstatus_to_exitcode(status)
        if code >= 0:
            return f"exited with {code}"
        # The kernel's two accounts of a process's time differ a little, on a busy machine by more;
        # it says itself that its limit was reached, unless somebody has caught that signal.
        seconds = used.ru_utime + used.ru_stime
        if code == -signal.SIGXCPU or seconds > self.policy.cpu_seconds - 0.1:
            return f"used more than {self.policy.cpu_seconds} s of processor time"
        return f"was killed ({signal.Signals(-code).name})"

    def _end_the_rest(self) -> None:
        """With a process namespace the kernel has done so already, before `wait4` returned."""
        while self._any_left():
            if self.uid is not None:
                credentials.kill_all_of(self.uid)
            else:
                for pid in usage.descendants(os.getpid()):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
        if self.uid is not None and self.plan.namespaces:
            for left in Path("/dev/shm").iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if left.lstat().st_uid == self.uid:
                        left.unlink()

    def _any_left(self) -> bool:
        # Orphans become the warden's own children, and are reaped here.
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        except ChildProcessError:
            return False
        return True


def report(status: int, became: dict[str, object]) -> None:
    """One line of JSON; nobody may be listening any more."""
    with contextlib.suppress(OSError):
        os.write(status, json.dumps(became).encode() + b"\n")
