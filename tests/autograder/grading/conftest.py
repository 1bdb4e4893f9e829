"""A small course, made once and copied for each test."""

import os
import shutil
import sysconfig
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from torchgrade.nbgrader.build import StudentVersion, convert, load_config

from tests.autograder.grading.class_of import Class
from tests.autograder.nbgrader.notebooks import MODULE, make_course


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose assignment is made and in the gradebook."""
    os.environ["PATH"] = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    root = make_course(tmp_path_factory.mktemp("released") / "course")
    source = root / "source" / MODULE
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "torchenstein"):
        pass
    assert convert(StudentVersion, root, source, load_config(root), root) == []
    return root


@pytest.fixture
def course(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    """A course with nobody in it."""
    root = tmp_path / "course"
    shutil.copytree(released, root)
    return Class(root, monkeypatch)
