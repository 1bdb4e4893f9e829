"""A course with the target, secrets around it, and one engine for all attacks."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from torchgrade.engine.engine import Engine
from torchgrade.nbgrader.build import StudentVersion, convert, load_config

from tests.autograder.attacks.course import NEIGHBOUR, copy_source, hand_in, neighbours, released
from tests.autograder.attacks.processes import adopt_orphans
from tests.autograder.attacks.world import Listeners, World
from tests.autograder.nbgrader.notebooks import make_course


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The folder of all gradings: a course with this checkout's configuration, and secrets."""
    world = World(tmp_path_factory.mktemp("world"))
    world.furnish()
    course = make_course(world.course, {})
    copy_source(course)
    source = course / "source" / "hostile"
    assert convert(StudentVersion, course, source, load_config(course), course) == []
    hand_in(course, NEIGHBOUR, neighbours(released(course)))
    return world


@pytest.fixture(scope="module")
def listeners(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listeners]:
    """Sockets that nobody may reach."""
    with Listeners(tmp_path_factory.mktemp("listen") / "socket") as listeners:
        yield listeners


@pytest.fixture(scope="module")
def engine(world: World) -> Iterator[Engine]:
    """One warm engine in the grader's environment; what it leaves behind becomes our child."""
    with pytest.MonkeyPatch.context() as patch, adopt_orphans():
        for name, value in world.environment.items():
            patch.setenv(name, value)
        patch.chdir(world.course)
        with Engine() as engine:
            engine.start()
            yield engine


@pytest.fixture(scope="module")
def gradebook(world: World) -> Path:
    """The gradebook that knows the target."""
    path = world.course / "gradebook.db"
    assert path.exists(), os.listdir(world.course)
    return path
