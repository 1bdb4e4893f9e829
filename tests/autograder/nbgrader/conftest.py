"""Courses for the tests of the nbgrader side."""

import os
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from tests.autograder.nbgrader.notebooks import make_course

CourseMaker = Callable[[dict[str, NotebookNode]], Path]


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook without entries, to copy."""
    os.environ["PATH"] = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}"):
        return path


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one module with two small lessons, nothing made from it yet."""
    return make_course(tmp_path / "course")


@pytest.fixture
def course_of(tmp_path: Path) -> CourseMaker:
    """Makes a course of one module from the given lessons."""
    return lambda lessons: make_course(tmp_path / "course", lessons)
