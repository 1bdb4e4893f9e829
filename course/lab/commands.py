"""The command line: `open`, `build`, `test`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from course.lab import environment as environments
from course.lab import jupyter, stages, workbench
from course.lab.console import Problem, say
from course.lab.copying import FULL
from course.lab.environment import Environment
from course.lab.logs import AGAIN, MEND_FULL
from course.lab.setup import prepare

ROOT = Path(__file__).resolve().parent.parent.parent
INTERRUPTED = 130


def run(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Run the command that `arguments` name for the checkout at `root`; return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A console that lacks a character shows a question mark instead of a traceback.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    ours, extra = split(arguments)
    options = parser().parse_args(ours)
    signal.signal(signal.SIGTERM, _stop)
    try:
        return int(options.run(root, options, extra))
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        if error.errno not in FULL:
            raise
        print("\nlab: The disk is full.", MEND_FULL, sep="\n     ", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        say(f"\nStopped. {AGAIN}")
        return INTERRUPTED


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split the command line at the first `--`: ours, and what is for the program we start."""
    given = list(arguments)
    if "--" not in given:
        return given, []
    at = given.index("--")
    return given[:at], given[at + 1 :]


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    main = argparse.ArgumentParser(prog="python lab.py", description="The way into Torchenstein.")
    commands = main.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--here", action="store_true", help="use the active environment instead of making .venv"
    )
    shared.add_argument(
        "--cpu",
        action="store_true",
        help="install PyTorch's CPU build (on Linux 2 GB less)",
    )

    text = "set everything up and open the lab; options after -- go to `jupyter lab`"
    opening = commands.add_parser("open", parents=[shared], help=text, description=text)
    opening.add_argument("--no-browser", action="store_true", help="only print the address")
    opening.add_argument(
        "--port",
        type=int,
        default=jupyter.FIRST_PORT,
        help="first port to try (default %(default)s)",
    )
    opening.add_argument(
        "--workbench", type=Path, help="folder of your copy of the course (default: workbench)"
    )
    opening.set_defaults(run=open_lab)

    text = "make the student and solution versions from source/"
    building = commands.add_parser("build", parents=[shared], help=text, description=text)
    building.add_argument("--check", action="store_true", help="only compare with what is there")
    building.add_argument("module", nargs="*", help="modules to build (default: all)")
    building.set_defaults(run=build)

    text = "run the tests, stage by stage"
    testing = commands.add_parser("test", parents=[shared], help=text, description=text)
    testing.add_argument("--fast", action="store_true", help="leave out the long stages")
    testing.add_argument(
        "stage", nargs="*", choices=[[], *stages.NAMES], help=f"any of: {', '.join(stages.NAMES)}"
    )
    testing.set_defaults(run=test)
    return main


def choose(root: Path, options: argparse.Namespace) -> Environment:
    """Return the environment that the options ask for. Raises Problem."""
    if options.here or environments.in_our_conda():
        return environments.current(root)
    return environments.own(root)


def open_lab(root: Path, options: argparse.Namespace, extra: list[str]) -> int:
    """`lab.py open`. Raises Problem."""
    environment = choose(root, options)
    prepare(environment, cpu=options.cpu)
    bench = (options.workbench or root / "workbench").resolve()
    offered = workbench.released(root / "release")
    if not any(name.endswith(".ipynb") for name in offered):
        say("release/ holds no lessons yet; `python lab.py build` makes them from source/.")
    tell(workbench.update(bench, offered))
    environment.run(str(root / "course" / "startpage.py"), "--workbench", str(bench))
    return jupyter.serve(
        environment,
        bench,
        first_port=options.port,
        open_browser=not options.no_browser,
        extra=extra,
    )


def tell(changes: workbench.Changes) -> None:
    """Say what is new in the workbench."""
    lessons = [name for name in changes.added if name.endswith(".ipynb")]
    if lessons:
        say(f"New in your workbench: {counted(len(lessons), 'lesson')}.")
    if changes.renewed:
        say(f"Renewed, because you had not changed them: {', '.join(changes.renewed)}.")
    for name, beside in changes.beside.items():
        say(f"There is a newer {name}. Yours is as you left it; the new one is {beside}.")


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: "1 lesson", "6 lessons"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def build(root: Path, options: argparse.Namespace, extra: list[str]) -> int:
    """`lab.py build`: hand over to `torchgrade build`. Raises Problem."""
    environment = choose(root, options)
    prepare(environment, cpu=options.cpu)
    check = ["--check"] if options.check else []
    return environment.call(["-m", "torchgrade.cli", "build", *check, *options.module, *extra])


def test(root: Path, options: argparse.Namespace, extra: list[str]) -> int:
    """`lab.py test`. Raises Problem."""
    # A job in the background of a script has Ctrl-C ignored, and everything that it starts has too:
    # tests that interrupt a program would wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    environment = choose(root, options)
    prepare(environment, tests=True, cpu=options.cpu)
    return stages.run(environment, stages.select(options.stage, fast=options.fast), extra)


def _stop(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)
