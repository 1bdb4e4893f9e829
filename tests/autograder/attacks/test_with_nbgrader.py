"""Attacks on what nbgrader itself reads and shows, with its own commands and our configuration."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.autograder.attacks import course as place
from tests.autograder.attacks.corpus import POINTS, load, names
from tests.autograder.attacks.evidence import live_markup, lost, stolen
from tests.autograder.attacks.submission import submission
from tests.autograder.attacks.world import MARK, Listeners, World, changed

ATTACKS = [name for name in names() if load(name).channel == "metadata"]
MARKUP = "output_markup"
# What nbgrader writes while it grades.
OWN = ("autograded/", "feedback/", "gradebook.db", ".nbgrader.log")


@pytest.fixture(scope="module")
def graded(world: World, listeners: Listeners, gradebook: Path) -> World:
    """A class of attackers, graded by one command and given feedback by another."""
    course = world.course
    for name in [*ATTACKS, MARKUP]:
        attack = load(name).placed(world.places(listeners))
        place.hand_in(course, name, submission(attack, place.released(course)))
    before = world.snapshot()
    nbgrader(world, "autograde", place.ASSIGNMENT)
    nbgrader(world, "generate_feedback", place.ASSIGNMENT)
    paths = [path.removeprefix(f"{course}/") for path in changed(before, world.snapshot())]
    assert [path for path in paths if not path.startswith((*OWN, str(world.home)))] == []
    return world


def nbgrader(world: World, *words: str) -> None:
    scripts = sysconfig.get_path("scripts")
    path = os.pathsep.join([scripts, os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=world.course,
        env={**os.environ, **world.environment, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("name", ATTACKS)
def test_metadata_changes_no_score(name: str, graded: World) -> None:
    scores = place.scores(graded.course, name)
    assert scores.keys() == {f"test_{exercise}" for exercise in POINTS}
    assert None not in scores.values()
    assert (stolen(load(name), scores), lost(load(name), scores)) == (0, 0)


def test_the_gradebook_knows_no_other_points_and_no_other_students(graded: World) -> None:
    with Gradebook(f"sqlite:///{graded.course / 'gradebook.db'}") as gradebook:
        assert gradebook.find_assignment(place.ASSIGNMENT).max_score == sum(POINTS.values())
        known = {student.id for student in gradebook.students}
    assert known == {*ATTACKS, MARKUP, place.NEIGHBOUR}


def test_no_script_of_a_submission_lives_in_a_feedback_page(graded: World) -> None:
    page = graded.course / "feedback" / MARKUP / place.ASSIGNMENT / f"{place.NOTEBOOK}.html"
    assert live_markup(page.read_text(encoding="utf-8")) == 0


def test_no_file_is_named_by_a_submission(graded: World) -> None:
    assert [path for path in graded.root.rglob(f"*{MARK}*") if path.is_file()] == []
