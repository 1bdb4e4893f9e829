"""`torchgrade autograde`: grades the submissions of an assignment, the whole class at once."""

import argparse
from pathlib import Path

from torchgrade.engine.fork_server import spawn_ahead


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line of `torchgrade autograde`."""
    parser.add_argument("assignment", help="a folder below source/, such as 01_tensors")
    parser.add_argument(
        "--student", nargs="+", default=[], metavar="ID", help="only these students"
    )
    parser.add_argument(
        "--notebook", nargs="+", default=["*"], metavar="NAME", help="only these notebooks"
    )
    parser.add_argument(
        "--jobs", type=int, help="notebooks at once (default: one a core, or one an accelerator)"
    )
    parser.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler, tcp://host:8786")
    parser.add_argument(
        "--device", help="cpu, cuda, cuda:1, mps, xpu or auto (default: c.Execute's)"
    )
    parser.add_argument(
        "--regrade", action="store_true", help="also what was graded with other tests or means"
    )
    parser.add_argument(
        "--unprotected", action="store_true", help="run submissions although there is no sandbox"
    )
    parser.add_argument(
        "--no-judge",
        action="store_true",
        help="run tests in the learner's process, as nbgrader does",
    )
    parser.add_argument(
        "--course",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the course's root (default: here)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run `torchgrade autograde`; 0: all are graded, 1: some are not, 2: wrong use, 130: Ctrl-C."""
    if not arguments.cluster:
        spawn_ahead()  # it imports torch while we import nbgrader
    from torchgrade.grading.classwork import grade_class

    return grade_class(arguments)
