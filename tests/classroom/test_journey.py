"""A class with the real module 01_tensors: three students, stock commands, release to feedback."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbformat import NotebookNode
from torchgrade.nbgrader.build import build
from torchgrade.nbgrader.compare import differences

from tests.autograder.nbgrader.notebooks import ROOT, read
from tests.classroom.answers import Mistaken, answers, hand_in, mistaken, reference, secrets
from tests.classroom.classroom import Classroom, readable, real_course

pytestmark = pytest.mark.journey

MODULE = "01_tensors"
SOURCES = sorted((ROOT / "source" / MODULE).glob("*.ipynb"))
STUDENTS = ("ada", "bob", "cyd")  # the reference; nothing; a named mistake in every exercise


@dataclass
class Journey:
    room: Classroom
    lessons: dict[str, NotebookNode]
    mistakes: dict[str, list[Mistaken]]

    def expected(self, who: str) -> dict[str, float]:
        """What every test cell is worth to a student, by the exercises' own rule."""
        points: dict[str, float] = {}
        for lesson, nb in self.lessons.items():
            deserved = {mistake.answer: mistake.points for mistake in self.mistakes[lesson]}
            for cell in nb.cells:
                graded = cell.metadata.get("nbgrader", {})
                if graded.get("grade"):
                    answer = graded.grade_id.removeprefix("test_")
                    worth = {"ada": float(graded.points), "bob": 0.0, "cyd": deserved[answer]}
                    points[f"{lesson}/{graded.grade_id}"] = worth[who]
        return points


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """Everything from `generate_assignment` to `fetch_feedback`, once."""
    room = Classroom(tmp_path_factory.mktemp("class"), MODULE)
    real_course(room.course, MODULE)
    room.open()
    lessons = {path.stem: read(path) for path in SOURCES}
    mistakes = {name: mistaken(nb) for name, nb in lessons.items()}
    room.nbgrader("generate_assignment", MODULE)
    room.nbgrader("release_assignment", MODULE)
    for who in STUDENTS:
        room.student(who, "fetch_assignment", MODULE)
        for path in SOURCES:
            nb, fetched = lessons[path.stem], room.home(who) / MODULE / path.name
            if who == "ada":
                hand_in(fetched, path, {name: reference(nb, name) for name in answers(nb)})
            if who == "cyd":
                hand_in(fetched, path, {m.answer: m.source for m in mistakes[path.stem]})
        room.student(who, "submit", MODULE, f"--student={who}")
    room.nbgrader("list", "--inbound")
    room.nbgrader("collect", MODULE)
    room.nbgrader("autograde", MODULE)
    room.nbgrader("generate_feedback", MODULE)
    room.nbgrader("release_feedback", MODULE)
    for who in STUDENTS:
        room.student(who, "fetch_feedback", MODULE, f"--student={who}")
    return Journey(room, lessons, mistakes)


def test_every_submission_is_listed_and_collected(journey: Journey) -> None:
    listed = journey.room.log["instructor: list"]
    for who in STUDENTS:
        assert f"{who} {MODULE}" in listed
        assert (journey.room.course / "submitted" / who / MODULE / SOURCES[0].name).exists()


@pytest.mark.parametrize("who", STUDENTS)
def test_every_exercise_gets_exactly_what_it_deserves(who: str, journey: Journey) -> None:
    assert journey.room.scores(who) == journey.expected(who)
    assert journey.room.waiting(who) == set()


def test_mistakes_are_worth_less_than_the_reference_and_some_earn_a_part(journey: Journey) -> None:
    full, part = journey.expected("ada"), journey.expected("cyd")
    assert all(part[name] < full[name] for name in full)
    assert any(part.values())


@pytest.mark.parametrize("lesson", [path.stem for path in SOURCES])
def test_feedback_names_every_mistake(lesson: str, journey: Journey) -> None:
    report = journey.room.feedback("cyd", lesson)
    for mistake in journey.mistakes[lesson]:
        assert f"This is what you get when {mistake.sentence}." in report


@pytest.mark.parametrize("who", STUDENTS)
@pytest.mark.parametrize("lesson", [path.stem for path in SOURCES])
def test_feedback_holds_neither_solutions_nor_hidden_tests(
    lesson: str, who: str, journey: Journey
) -> None:
    submitted = journey.room.course / "submitted" / who / MODULE / f"{lesson}.ipynb"
    own = "\n".join(cell.source for cell in read(submitted).cells)
    report = journey.room.feedback(who, lesson)
    assert ("test.grade()" in report) == bool(answers(journey.lessons[lesson]))
    leaked = {line for line in secrets(journey.lessons[lesson]) if line in report}
    assert {line for line in leaked if line not in own} == set()


def test_the_untouched_copy_is_told_in_a_line_that_it_is_not_done_yet(journey: Journey) -> None:
    for lesson, nb in journey.lessons.items():
        report = journey.room.feedback("bob", lesson)
        assert report.count("not done yet") >= len(answers(nb))


@pytest.mark.parametrize("who", STUDENTS)
def test_feedback_comes_back_to_the_student(who: str, journey: Journey) -> None:
    (folder,) = (journey.room.home(who) / MODULE / "feedback").iterdir()
    assert {page.stem for page in folder.glob("*.html")} == set(journey.lessons)
    page = readable((folder / f"{SOURCES[0].stem}.html").read_text(encoding="utf-8"))
    assert page == journey.room.feedback(who, SOURCES[0].stem)


def test_the_build_makes_the_same_student_version_to_the_byte(
    journey: Journey, tmp_path: Path
) -> None:
    made = shutil.copytree(journey.room.course / "release", tmp_path / "release")
    assert build(journey.room.course, [MODULE], check=True) == 0
    assert differences(journey.room.course / "release", made) == []
