"""`torchgrade report`: the class at a glance, in the terminal or as a page."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from torchgrade.grading.report.figures import class_report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line of `torchgrade report`."""
    parser.add_argument("assignment", help="a graded assignment, such as 01_tensors")
    parser.add_argument(
        "--course", type=Path, default=Path(), help="the course's root (default: here)"
    )
    parser.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="also write the report with plots and students' names as one page",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run `torchgrade report` from its parsed command line; 1 if there is nothing to report."""
    report = class_report(arguments.course, arguments.assignment)
    known = report.totals or report.damaged or report.ungraded or report.exercises
    if not known:
        print(
            f"Nothing of {arguments.assignment} has been handed in or graded in "
            f"{arguments.course.resolve()}. Grade it with: torchgrade autograde "
            f"{arguments.assignment}, or name the course's root with --course.",
            file=sys.stderr,
        )
        return 1
    report.terminal(Console())
    if arguments.html:
        try:
            arguments.html.write_text(report.html(), encoding="utf-8")
        except OSError as error:
            print(f"The page was not written: {error}.", file=sys.stderr)
            return 1
        print(f"The page is in {arguments.html}; open it in a browser.")
    return 0
