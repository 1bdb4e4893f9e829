"""`torchgrade lint [--fix] PATH...`"""

import argparse
import sys
from pathlib import Path

from torchgrade.nbgrader.problems import PlainError
from torchgrade.verify.findings import errors
from torchgrade.verify.fix import fix
from torchgrade.verify.lesson import find_notebooks, name_of
from torchgrade.verify.limits import Limits
from torchgrade.verify.lint import lint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `torchgrade lint`."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="notebooks, or folders of them"
    )
    parser.add_argument("--fix", action="store_true", help="rewrite in the canonical form first")


def run(arguments: argparse.Namespace, limits: Limits | None = None) -> int:
    """Lint the lessons, after rewriting them with `--fix`; the exit codes of `run_verify`."""
    failed = False
    try:
        for path in find_notebooks(arguments.paths):
            lesson, findings = lint(path, limits or Limits())
            if arguments.fix and lesson is not None and fix(path):
                print(f"{name_of(path)}: rewritten in the canonical form")
                _, findings = lint(path, limits or Limits())
            for finding in findings:
                print(finding)
            failed = failed or bool(errors(findings))
    except PlainError as error:
        print(f"torchgrade lint: {error}", file=sys.stderr)
        return 2
    return 1 if failed else 0
