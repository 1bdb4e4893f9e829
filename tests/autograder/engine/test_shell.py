"""What our shell does beyond giving what Jupyter gives: limits, interrupts, forks."""

import ast
import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython import get_ipython
from torchgrade.engine.shell import NotebookShell, Ran, prepare

KIB = 8


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[NotebookShell]:
    for name in ("TERM", "CLICOLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PAGER", "GIT_PAGER"):
        monkeypatch.setenv(name, "")  # a kernel sets them; given back after the test
    shell = NotebookShell(output_kib=KIB)
    yield shell
    shell.close()


def text(ran: Ran) -> str:
    return "".join(output.get("text", "") for output in ran.outputs)


def size(ran: Ran) -> int:
    return len(json.dumps(ran.outputs, ensure_ascii=False).encode())


def test_the_exception_itself_is_handed_to_callers_in_this_process(shell: NotebookShell) -> None:
    ran = shell.run("x = 1\nraise LookupError('here')", "c")
    assert isinstance(ran.error, LookupError)
    assert ran.outputs[-1]["ename"] == "LookupError"
    assert shell.run("x", "d").error is None
    assert shell.namespace["x"] == 1


def test_an_empty_cell_has_no_number(shell: NotebookShell) -> None:
    ran = shell.run("  \n", "c")
    assert (ran.outputs, ran.execution_count) == ([], None)
    assert shell.run("1", "d").execution_count == 1


@pytest.mark.parametrize("source", ["exit()", "quit()", "import sys; sys.exit(2)"])
def test_a_notebook_goes_on_after_exit(shell: NotebookShell, source: str) -> None:
    shell.run(source, "c")
    assert shell.run("1", "d").outputs[0]["data"] == {"text/plain": "1"}


def test_system_exit_in_a_background_task_is_an_error_and_not_the_end(shell: NotebookShell) -> None:
    source = "import asyncio\nasync def f():\n    raise SystemExit(3)\nt = asyncio.create_task(f())"
    ran = shell.run(source, "c")
    assert ran.outputs[0]["ename"] == "SystemExit"
    # Whoever reads it keeps asyncio from writing of it, at any moment, when the task is collected.
    assert shell.run("t.exception().code", "d").outputs[0]["data"] == {"text/plain": "3"}


def test_too_much_text_is_cut_with_a_note(shell: NotebookShell) -> None:
    ran = shell.run("for i in range(100_000):\n    print(i)\n1 / 0", "c")
    assert ran.truncated
    assert "cut here" in text(ran)
    assert text(ran).startswith("0\n1\n2\n")
    assert ran.outputs[-1]["ename"] == "ZeroDivisionError"
    assert size(ran) < (KIB + 4) * 1024
    assert not shell.run("print(1)", "d").truncated


@pytest.mark.parametrize(
    "source",
    [
        "for i in range(3000): display(i)",
        "from IPython.display import HTML\ndisplay(HTML('x' * 10**6))",
        "'x' * 10**6",
        "raise ValueError('x' * 10**6)",
        "def f(n):\n    raise ValueError(n * 'y')\nfor i in range(9):\n"
        "    try:\n        f(10**5)\n    except ValueError:\n        get_ipython().showtraceback()",
        "h = display(1, display_id=True)\nfor i in range(20): h.update('z' * i * 1000)",
        "import os\nos.write(1, b'w' * 10**5)",
    ],
)
def test_whatever_is_too_big_is_cut(shell: NotebookShell, source: str) -> None:
    shell.run("import os\nos.write(1, b'')", "first")
    ran = shell.run(source, "c")
    assert size(ran) < (KIB + 4) * 1024
    if "os.write" not in source:
        assert ran.truncated


def test_what_was_cleared_does_not_count(shell: NotebookShell) -> None:
    source = (
        "from IPython.display import clear_output\nfor i in range(100):\n"
        "    clear_output(wait=True)\n    print('x' * 1000)"
    )
    ran = shell.run(source, "c")
    assert not ran.truncated
    assert text(ran) == "x" * 1000 + "\n"


def test_endless_printing_takes_no_memory(shell: NotebookShell) -> None:
    shell.run("for i in range(10_000): print('some text')", "warm")
    tracemalloc.start()
    try:
        ran = shell.run("for i in range(1_000_000): print('some text')", "c")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ran.truncated
    assert peak < 4 * 2**20


def test_half_characters_do_not_break_the_notebook(shell: NotebookShell) -> None:
    ran = shell.run("print('\\ud800')\nfrom IPython.display import HTML\nHTML('\\ud800')", "c")
    json.dumps(ran.outputs, ensure_ascii=False).encode()
    assert text(ran) == "\\ud800\n"
    json.dumps(shell.run("raise ValueError('\\udcff')", "d").outputs, ensure_ascii=False).encode()


def later(seconds: float, action: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(seconds, action)
    timer.start()
    return timer


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("while True: pass", "KeyboardInterrupt"),
        ("import time; time.sleep(20)", "KeyboardInterrupt"),
        ("import asyncio; await asyncio.sleep(20)", "CancelledError"),
    ],
)
def test_an_interrupt_is_an_ordinary_error(shell: NotebookShell, source: str, name: str) -> None:
    handler = signal.getsignal(signal.SIGINT)
    timer = later(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    ran = shell.run(source, "c")
    timer.join()
    assert ran.outputs[-1]["ename"] == name
    assert ran.seconds < 10
    assert signal.getsignal(signal.SIGINT) is handler
    assert shell.run("1", "d").outputs[0]["data"] == {"text/plain": "1"}


def test_a_child_that_a_cell_forks_does_not_become_the_notebook(shell: NotebookShell) -> None:
    process = os.getpid()
    ran = shell.run("import os\nchild = os.fork()\nif child: os.waitpid(child, 0)", "c")
    assert os.getpid() == process
    assert ran.error is None


def test_closed_streams_are_opened_again_for_the_next_cell(shell: NotebookShell) -> None:
    shell.run("import sys\nsys.stdout.close()", "c")
    assert text(shell.run("print(1)", "d")) == "1\n"
    shell.run("sys.stdout.detach()", "e")
    assert text(shell.run("print(2)", "f")) == "2\n"


def test_a_cell_that_raises_is_found_by_its_own_line(shell: NotebookShell) -> None:
    from torchgrade.check.observe import Call, Watch, observe

    shell.run("def f(x):\n    return x.missing", "c")
    seen = observe(shell.namespace["f"], Call("f", (1.0,)), Watch())
    assert seen.error is not None
    assert seen.error.line == "return x.missing"


def test_cells_run_in_the_namespace_they_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    class Names(dict[str, Any]):
        def __missing__(self, name: str) -> Any:
            if name == "given":
                return 42
            raise KeyError(name)

    names = Names()
    shell = NotebookShell(namespace=names)
    try:
        assert shell.namespace is names
        ran = shell.run("def f():\n    return given\nx = f() + given\nprint(x, len('abc'))", "c")
        assert text(ran) == "84 3\n"
        assert names["x"] == 84
    finally:
        shell.close()


def test_no_file_is_written_and_no_thread_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", "/proc/nowhere")
    monkeypatch.chdir(tmp_path)
    threads = threading.active_count()
    shell = NotebookShell()
    try:
        assert shell.run("%cd .\n%history\n1", "c").error is None
        assert threading.active_count() == threads
        assert list(tmp_path.iterdir()) == []
    finally:
        shell.close()


def test_closing_gives_everything_back() -> None:
    main, streams = sys.modules["__main__"], (sys.stdout, sys.stderr)
    shell = NotebookShell()
    shell.run("print(1)", "c")
    shell.close()
    assert sys.modules["__main__"] is main
    assert (sys.stdout, sys.stderr) == streams
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


FORKED = """
import os, sys, threading
for fd in (1, 2):
    os.dup2(os.memfd_create("output"), fd)
from torchgrade.engine.shell import NotebookShell, prepare
prepare()
assert threading.active_count() == 1
child = os.fork()
if not child:
    shell = NotebookShell()
    cells = sys.argv[2:]
    result = [[o.get("text") for o in shell.run(cell, "c").outputs] for cell in cells]
    open(sys.argv[1], "w").write(repr(result))
    os._exit(0)
os.waitpid(child, 0)
"""

POOL = """
import multiprocessing
def speak(x):
    print("child", x)
with multiprocessing.get_context("fork").Pool(1) as pool:
    print("parent")
    pool.map(speak, [1])
    pool.close()
    pool.join()
"""
C_LEVEL = "import ctypes\nctypes.CDLL(None).puts(b'from C')\nNone"
CHILD_PROCESS = "import os\nos.system('echo to one; echo to two >&2')\nNone"


def test_what_goes_past_python_is_found_in_files(tmp_path: Path) -> None:
    result = tmp_path / "result"
    command = [sys.executable, "-c", FORKED, str(result), C_LEVEL, CHILD_PROCESS, POOL, "print(1)"]
    subprocess.run(command, check=True, timeout=60)
    assert ast.literal_eval(result.read_text()) == [
        ["from C\n"],
        ["to one\n", "to two\n"],
        ["parent\nchild 1\n"],
        ["1\n"],
    ]


def test_preparing_leaves_no_trace() -> None:
    main = sys.modules["__main__"]
    prepare()
    assert sys.modules["__main__"] is main
    assert get_ipython() is None


def test_a_command_runs_where_there_is_no_terminal(
    shell: NotebookShell, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def none_left() -> tuple[int, int]:
        raise OSError("out of pty devices")

    monkeypatch.setattr(os, "openpty", none_left)
    ran = shell.run("!echo words\n_exit_code", "c")
    assert ran.outputs[0]["data"] == {"text/plain": "0"}
    assert "words" in text(ran) + capfd.readouterr().out
