"""The surroundings of the grader's own processes: environment variables, temporary folders."""

import os
import shutil
import subprocess
import time
from pathlib import Path

# All that they take over: what they start could find the rest in their memory, keys included.
PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_HOME",
             "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ZE_AFFINITY_MASK")  # fmt: skip
# Without these an interpreter on Windows finds neither its libraries nor a folder for its files.
ON_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMFILES", "TEMP",
              "TMP", "USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA")  # fmt: skip
QUIET = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "NBGRADER_EXECUTION": "autograde",
    # Asks for CUDA without starting it, so that children can be forked.
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
}
# Seconds: a process that is just ending may still put something into a folder that is removed.
PAUSES = (0.0, 0.01, 0.1, 0.5)


def remove(folder: str | Path) -> None:
    """Remove a folder with all that is in it, however deep a learner has made it."""
    for pause in PAUSES:
        try:
            shutil.rmtree(folder, ignore_errors=True)
        except RecursionError:
            subprocess.run(["rm", "-rf", "--", str(folder)], check=False, stderr=subprocess.DEVNULL)
        if not os.path.lexists(folder):
            return
        time.sleep(pause)


def environment() -> dict[str, str]:
    """What of this process's environment they get, and how they should compute."""
    names = PASSED_ON + ON_WINDOWS
    return {name: os.environ[name] for name in names if name in os.environ} | QUIET
