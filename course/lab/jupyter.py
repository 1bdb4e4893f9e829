"""Starting JupyterLab on the workbench, saying where it is, and closing it with one Ctrl-C."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path

from course.lab.console import Problem, say
from course.lab.environment import Environment
from course.lab.logs import PROMPT, failure
from course.lab.workbench import OURS

CONFIG = Path(__file__).parent / "config"
FIRST_PORT = 8888
PORTS = 50
PATIENCE = 120.0
FAREWELL = 20.0
A_MOMENT = 3.0


def is_free(port: int) -> bool:
    """Tell whether nothing listens on `port` at any address that "localhost" means."""
    try:
        found = socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM)
    except socket.gaierror:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as probe:
            if os.name != "nt":
                # As the server does: a port whose last user has just gone is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError:
                return False
    return True


def choose_port(first: int) -> int:
    """Return the first free port from `first` on; say so if it is another. Raises Problem."""
    for port in range(first, min(first + PORTS, 65536)):
        if is_free(port):
            if port != first:
                say(f"Port {first} is in use; the lab takes {port}.")
            return port
    raise Problem(
        f"No port from {first} to {first + PORTS - 1} is free.",
        "Close another lab that is still open, or name a port:  python lab.py open --port 9000",
    )


def has_browser(variables: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a browser with a window can be opened from here."""
    if sys.platform.startswith("linux"):
        seen = any(variables.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
        if not seen:
            return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def serve(
    environment: Environment,
    workbench: Path,
    *,
    first_port: int = FIRST_PORT,
    open_browser: bool = True,
    extra: Sequence[str] = (),
) -> int:
    """Run JupyterLab on `workbench` until Ctrl-C; return the exit status.

    `extra` is passed to `jupyter lab` as it is. Raises Problem when it does not start.
    """
    port = choose_port(first_port)
    if open_browser and not has_browser():
        say("No browser can be opened from here: open the address below in one.")
        open_browser = False
    # The extension opens its start page in a new workbench; later, the tabs left open come back.
    page = "/lab"
    token = secrets.token_hex(24)
    command = lab_command(environment, workbench, port, page, open_browser, extra)
    with environment.log.open("a", encoding="utf-8") as log:
        log.write(f"{PROMPT}{' '.join(command)}\n")
        log.flush()
        variables = environment.variables(
            JUPYTER_TOKEN=token,
            JUPYTER_CONFIG_PATH=config_path(),
            # Where "Grade my notebook" finds the tests, wherever the workbench is.
            TORCHGRADE_SOURCE=str(environment.root / "source"),
        )
        process = subprocess.Popen(
            command,
            cwd=workbench,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            if not wait_until_ready(process, f"http://localhost:{port}/api"):
                raise failure(command, process.poll() or 1, environment.log)
            say(f"The lab is open at  http://localhost:{port}{page}?token={token}")
            say("Leave this window open; Ctrl-C here closes the lab.")
            status = process.wait()
        except KeyboardInterrupt:
            say("\nClosing the lab ...")
            status = close(process, asked=True)
        except BaseException:
            close(process, asked=False)
            raise
    say(f"The lab is closed. Your work is in {workbench}.")
    return status


def lab_command(
    environment: Environment,
    workbench: Path,
    port: int,
    page: str,
    open_browser: bool,
    extra: Sequence[str],
) -> list[str]:
    """Build the command line of JupyterLab."""
    command = [
        *(str(environment.python), "-m", "jupyter", "lab"),
        f"--ServerApp.root_dir={workbench}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.open_browser={open_browser}",
        "--ServerApp.answer_yes=True",
        f"--LabApp.default_url={page}",
        # The tabs that were open, kept apart from those of the person's other labs.
        f"--LabApp.workspaces_dir={workbench / OURS / 'workspaces'}",
    ]
    # Containers and JupyterHub images work as root; JupyterLab wants that said.
    if os.name == "posix" and os.geteuid() == 0:
        command.append("--allow-root")
    return [*command, *extra]


def config_path() -> str:
    """Return JUPYTER_CONFIG_PATH with our defaults on it: pages open rendered, nothing phones home.

    They are only defaults: what a person sets in the lab's settings wins.
    """
    theirs = os.environ.get("JUPYTER_CONFIG_PATH", "")
    return os.pathsep.join(path for path in (theirs, str(CONFIG)) if path)


def wait_until_ready(process: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until the server answers; return False if it ended or PATIENCE seconds went by."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with opener.open(address, timeout=5):
                return True
        except urllib.error.HTTPError:
            # It answers, if only to ask who we are.
            return True
        except OSError:
            time.sleep(0.2)
    return False


def close(process: subprocess.Popen[bytes], *, asked: bool) -> int:
    """See the server out, with force if need be; return its status, 0 when `asked` by Ctrl-C.

    A Ctrl-C in a terminal reaches the server too; one that was sent to this process alone does not.
    """
    for tell, patience in (
        (lambda: None, A_MOMENT if asked else 0.0),
        (process.terminate, FAREWELL),
        (process.kill, None),
    ):
        tell()
        try:
            process.wait(patience)
            break
        except subprocess.TimeoutExpired:
            continue
        except KeyboardInterrupt:
            say("It is closing; a moment ...")
    process.wait()
    return 0 if asked else process.returncode
