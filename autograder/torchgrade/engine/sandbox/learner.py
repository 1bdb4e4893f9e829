"""The learner's process: enters the sandbox, step by step, and then does what it was made for."""

import contextlib
import fcntl
import gc
import itertools
import os
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from torchgrade.engine.sandbox import (
    credentials,
    environment,
    kernel,
    landlock,
    limits,
    namespaces,
    root,
    seccomp,
    sharing,
)
from torchgrade.engine.sandbox.plan import Plan
from torchgrade.engine.sandbox.policy import Policy
from torchgrade.engine.task import Layer

PRINTED = 2**20  # bytes kept of what is written to descriptors 1 and 2
F_ADD_SEALS, F_SEAL_SHRINK, F_SEAL_GROW = 1033, 2, 4


def run(
    policy: Policy,
    plan: Plan,
    uid: int | None,
    main: Callable[[list[Layer]], None],
    keep: Sequence[int],
    link: socket.socket,
) -> NoReturn:
    """Enter the sandbox, call `main`, end. Says over `link` why it could not enter."""
    try:
        _enter(policy, plan, uid, keep, link)
    except BaseException as error:
        with contextlib.suppress(OSError):
            link.send(f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    link.close()
    code = 1
    try:
        main(plan.layers())
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(code)


def _enter(
    policy: Policy, plan: Plan, uid: int | None, keep: Sequence[int], link: socket.socket
) -> None:
    os.setsid()
    _descriptors((*keep, link.fileno()))
    environment.default_signals()
    environment.reduce(policy)
    # If the machine runs out of memory after all, let it be the learner's process that goes.
    Path("/proc/self/oom_score_adj").write_text("1000")
    if not plan.limits:
        limits.apply(policy, limits.tasks_of(os.geteuid()) if plan.foreign else 0)
    if not plan.namespaces:
        namespaces.enter()
        root.build(policy, plan.view)
    os.chdir(policy.directory)
    credentials.drop(uid, plan.reads_everything)
    # Changing user has undone both of these.
    kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    _end_if_alone(link)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if not plan.landlock:
        _landlock(policy, plan)
    sharing.by_value()
    if not plan.seccomp:
        signals_from = None if plan.signals_scoped else os.getpid()
        seccomp.install(foreign=plan.foreign, signals_from=signals_from)
    gc.enable()


def _descriptors(keep: Sequence[int]) -> None:
    nothing = os.open("/dev/null", os.O_RDONLY)
    printed = os.memfd_create("printed", os.MFD_ALLOW_SEALING)
    os.ftruncate(printed, PRINTED)
    fcntl.fcntl(printed, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK)
    for source, target in ((nothing, 0), (printed, 1), (printed, 2)):
        os.dup2(source, target)
    edges = [2, *sorted(keep), os.sysconf("SC_OPEN_MAX")]
    for before, after in itertools.pairwise(edges):
        os.closerange(before + 1, after)


def _end_if_alone(link: socket.socket) -> None:
    """The warden may have died before it was arranged that we die with it."""
    with contextlib.suppress(BlockingIOError):
        link.recv(1, socket.MSG_DONTWAIT)
        os._exit(1)


def _landlock(policy: Policy, plan: Plan) -> None:
    writable = [policy.directory, *plan.view.devices]
    if not plan.namespaces:
        landlock.restrict([Path("/")], [*writable, Path("/dev/shm")], [])
        return
    # multiprocessing keeps its locks there, under names that cannot be guessed.
    landlock.restrict([*plan.view.readable, *root.PROC], writable, [Path("/dev/shm")])
