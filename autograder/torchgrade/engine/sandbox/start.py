"""From the fork server to a learner's process in its sandbox: two forks."""

import sys
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import replace

from torchgrade.engine.sandbox.policy import NoProcessBoundary, Policy
from torchgrade.engine.task import Layer

if sys.platform == "linux":
    import gc
    import itertools
    import os
    import signal
    import socket

    from torchgrade.engine.sandbox import credentials, kernel, learner, namespaces, plan, warden

_wardens: set[int] = set()


def spawn(
    policy: Policy,
    main: Callable[[list[Layer]], None],
    keep: Sequence[int],
    lifeline: int,
    status: int,
) -> int:
    """Fork the learner's process from this single-threaded process; return the warden's pid.

    Args:
        main: what the learner's process does, given the layers around it. It exits with 0 when
            this returns, with 1 if it raises. Its descriptors 1 and 2 are one file in memory of
            1 MiB; its end is where the next write goes.
        keep: descriptors that stay open in the learner's process, besides 0, 1 and 2.
        lifeline: the warden reads it: b"i" interrupts the learner's process, end of file ends it.
        status: where the warden writes one line of JSON when nothing is left of the sandbox:
            `ended`, in words, and `peak_mib`, the learner's process's peak of unshared memory.

    Raises:
        NoProcessBoundary: nothing would keep the learner's process from the grader's.
        HiddenPlaceExposed: something that must stay hidden would be readable.
    """
    return spawn_without((), policy, main, keep, lifeline, status)


def spawn_without(
    without: Container[str],
    policy: Policy,
    main: Callable[[list[Layer]], None],
    keep: Sequence[int],
    lifeline: int,
    status: int,
) -> int:
    """`spawn`, leaving out layers by name."""
    if sys.platform != "linux":
        raise NoProcessBoundary(
            "Learners' code can be kept away from the grader's process only on Linux. Grade there, "
            "or pass --unprotected to run plain kernels if you trust every submission."
        )
    policy = replace(policy, directory=policy.directory.resolve(strict=True))
    planned = plan.make(policy, without)
    _reap()
    pid = os.fork()
    if pid == 0:
        try:
            _guard(policy, planned, main, keep, lifeline, status)
        finally:
            os._exit(1)
    _wardens.add(pid)
    return pid


def _guard(
    policy: Policy,
    planned: plan.Plan,
    main: Callable[[list[Layer]], None],
    keep: Sequence[int],
    lifeline: int,
    status: int,
) -> None:
    """The warden's life."""
    gc.disable()  # a collection would copy the server's memory, page by page
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    became: dict[str, object]
    try:
        uid, _lock = (None, None) if planned.credentials else credentials.reserve()
        if uid is not None:
            credentials.give(policy.directory, uid)
        if not planned.namespaces:
            namespaces.open_for_child(user=os.geteuid() != 0)
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            learner.run(policy, planned, uid, main, keep, theirs)
        theirs.close()
        _close_all_but(lifeline, status, ours.fileno(), *((_lock.fileno(),) if _lock else ()))
        if uid is not None:
            credentials.look_like(uid)
        became = warden.Warden(policy, planned, pid, uid, ours).watch(lifeline)
    except Exception as error:  # whatever it is, the judge must hear of it
        became = {"ended": f"could not be started: {error}", "peak_mib": 0.0}
    warden.report(status, became)
    os._exit(0)


def _close_all_but(*kept: int) -> None:
    """Whoever holds an end of the judge's channel would keep it open after the learner's death."""
    for before, after in itertools.pairwise([-1, *sorted(kept), os.sysconf("SC_OPEN_MAX")]):
        os.closerange(before + 1, after)


def _reap() -> None:
    """Let go of wardens that have ended, as the subprocess module does of its processes.

    So at most the last few are zombies, and the server's handling of SIGCHLD is left as it is.
    """
    for pid in tuple(_wardens):
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG) == (0, 0):
                continue
        _wardens.discard(pid)
