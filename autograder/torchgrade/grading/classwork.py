"""Grades a class from a parsed command line."""

import argparse

from torchgrade.engine.fork_server import spawn_ahead


def grade_class(arguments: argparse.Namespace) -> int:
    """Grade; 0: all are graded, 1: some are not, 2: wrong use, 130: Ctrl-C."""
    if not arguments.cluster:
        spawn_ahead()  # it imports torch while we import nbgrader
    from torchgrade.grading.classwork import grade_class

    return grade_class(arguments)
