"""Everything that a driver imports, and the grader's processes without fork, do without Unix."""

import os
import subprocess
import sys

DRIVER = (
    "torchgrade.engine.engine",
    "torchgrade.engine.local",
    "torchgrade.engine.cluster",
    "torchgrade.nbgrader.execute",
    "torchgrade.grading.run",
)
PROCESSES = ("torchgrade.engine.alone", "torchgrade.engine.in_kernel")
# Libraries have their own ways of telling systems apart, so they are imported first; then what
# Windows does not have is gone for torchgrade.
WITHOUT_UNIX = """
import builtins, importlib, os, select, signal, socket, sys
import torch, safetensors.torch, nbgrader.apps, psutil, rich.live, distributed
import ipykernel.zmqshell, ipykernel.compiler
from jupyter_client.manager import KernelManager

sys.platform = "win32"
ABSENT = {"fcntl", "posix", "pty", "pwd", "resource", "termios"}
for name in ("fork", "register_at_fork", "memfd_create", "pidfd_open", "openpty", "pread",
             "killpg", "getuid", "geteuid", "setsid", "sched_getaffinity"):
    delattr(os, name)
for module, name in ((socket, "send_fds"), (select, "poll"),
                     (signal, "SIGKILL"), (signal, "SIGCHLD"), (signal, "pidfd_send_signal")):
    delattr(module, name)
plain_import = builtins.__import__

def import_without(name, globals=None, *rest, **named):
    importer = (globals or {}).get("__name__", "")
    if importer.startswith("torchgrade") and name in ABSENT:
        raise ModuleNotFoundError(f"no {name} for {importer}")
    return plain_import(name, globals, *rest, **named)

builtins.__import__ = import_without
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
RUNS_A_CELL = """
from torchgrade.engine.shell import NotebookShell, prepare
prepare()
shell = NotebookShell()
ran = shell.run("import os\\nprint('printed')\\nawait __import__('asyncio').sleep(0)", "c")
assert ran.error is None, ran.error
print(ran.outputs[0]["text"])
"""


def test_nothing_of_unix_is_needed_to_import_the_driver_and_to_run_cells() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_UNIX + RUNS_A_CELL, *DRIVER, *PROCESSES],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "printed\n\n"
