"""What a learner opens: hints moved, names filled in, policy and points written down."""

import shutil
from pathlib import Path

import pytest
from torchenstein.hints import split_tiers
from torchenstein.hints.voice import VoiceError, read_pack, speak
from torchgrade.nbgrader.build import StudentVersion, convert, load_config

from tests.autograder.nbgrader.notebooks import (
    HINTS,
    MODULE,
    find,
    hints,
    make_course,
    read,
    softmax_lesson,
    write,
)

NAME = "01_softmax"


@pytest.fixture(autouse=True)
def gradebook_at_hand(empty_gradebook: Path, tmp_path: Path) -> None:
    """Spares each test the seconds that nbgrader takes to make a gradebook."""
    for folder in (tmp_path / "made", tmp_path / "a" / "made", tmp_path / "b" / "made"):
        folder.mkdir(parents=True)
        shutil.copy(empty_gradebook, folder / "gradebook.db")


def student_version(course: Path) -> list[str]:
    """Make the student version beside the course; return what failed."""
    folder = course.parent / "made"
    return convert(StudentVersion, course, course / "source" / MODULE, load_config(course), folder)


def made(course: Path, name: str = NAME) -> Path:
    return course.parent / "made" / "release" / MODULE / f"{name}.ipynb"


def configure(course: Path, line: str) -> None:
    path = course / "nbgrader_config.py"
    path.write_text(path.read_text() + f"\n{line}\n")


def test_hints_move_from_their_cell_into_the_answer(course: Path) -> None:
    assert student_version(course) == []
    nb = read(made(course))
    tiers = find(nb, "softmax").metadata.torchenstein.hints
    assert tiers[1] == "Sum over `C`, keep the dimension."
    assert "#### not a heading" in tiers[2]
    assert "hints" not in find(nb, "double").metadata.torchenstein
    assert not any("Nudge" in cell.source for cell in nb.cells)


def test_points_of_the_test_are_told_to_the_answer(course: Path) -> None:
    student_version(course)
    nb = read(made(course))
    assert find(nb, "softmax").metadata.torchenstein.exercise.points == 3
    assert find(nb, "double").metadata.torchenstein.exercise.points == 2


def test_neither_solution_nor_hidden_tests_are_in_the_student_version(course: Path) -> None:
    student_version(course)
    text = made(course).read_text()
    for secret in ("amax", "over_the_batch", "BEGIN", "mistakes"):
        assert secret not in text
    assert "raise NotImplementedError()" in text


def test_the_default_policy_asks_for_an_attempt_and_a_failed_check(course: Path) -> None:
    student_version(course)
    assert read(made(course)).metadata.torchenstein.unlock == {"2": "attempt", "3": "failed check"}


def test_an_instructor_can_change_the_policy(course: Path) -> None:
    configure(course, 'c.UnlockPolicy.tier_3 = "never"')
    student_version(course)
    assert read(made(course)).metadata.torchenstein.unlock == {"2": "attempt", "3": "never"}


def test_an_unknown_policy_is_refused(course: Path) -> None:
    configure(course, 'c.UnlockPolicy.tier_3 = "sometimes"')
    with pytest.raises(Exception, match="tier_3"):
        student_version(course)


def test_names_come_from_the_voice_pack(course: Path) -> None:
    student_version(course)
    nb = read(made(course))
    assert "says Professor Torchenstein" in nb.cells[0].source
    assert "asks Backprop" in find(nb, "softmax").metadata.torchenstein.hints[0]
    assert "{{" not in made(course).read_text()
    assert nb.metadata.torchenstein.voice.id == "torchenstein"


def test_the_plain_pack_takes_the_character_out_and_loses_nothing_else(course: Path) -> None:
    configure(course, 'c.ApplyVoice.pack = "course/voices/plain.yml"')
    student_version(course)
    nb = read(made(course))
    assert nb.cells[0].source == "# Softmax\n\nWeights that sum to 1."
    (nudge, *_) = find(nb, "softmax").metadata.torchenstein.hints
    assert nudge == "Rows are independent of each other."
    assert "torchenstein-voice" not in made(course).read_text()
    assert nb.metadata.torchenstein.voice.id == "plain"


def test_a_cell_that_held_only_the_character_goes_with_him(course: Path) -> None:
    pack = read_pack(course / "course" / "voices" / "plain.yml")
    block = '<blockquote class="torchenstein-voice">\n\nSparks!\n\n</blockquote>'
    assert speak(block, pack) == ""
    assert speak(f"a\n\n{block}\n\nb", pack) == "a\n\nb"
    assert speak(f'text = """\n{block}\n"""', pack, blocks=False) == f'text = """\n{block}\n"""'


def test_an_incomplete_voice_pack_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "half.yml"
    path.write_text("id: half\nname: N\nshort_name: N\nduck: D\nrival: R\nlines: {passed: [x]}\n")
    with pytest.raises(VoiceError, match=r"half\.yml lacks: lines\.failed"):
        read_pack(path)
    with pytest.raises(VoiceError, match="cannot be read"):
        read_pack(tmp_path / "none.yml")


def test_two_builds_are_the_same_to_the_byte(tmp_path: Path) -> None:
    one, other = make_course(tmp_path / "a" / "course"), make_course(tmp_path / "b" / "course")
    student_version(one)
    student_version(other)
    assert made(one).read_bytes() == made(other).read_bytes()


def test_a_student_version_is_the_same_when_the_gradebook_knows_it_already(course: Path) -> None:
    student_version(course)
    first = made(course).read_bytes()
    student_version(course)
    assert made(course).read_bytes() == first


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (HINTS.replace("#### Strategy", "#### Plan"), "found: Nudge, Plan, Outline"),
        (
            HINTS.replace("Sum over `C`, keep the dimension.", ""),
            'nothing stands under "#### Strategy"',
        ),
        ("First.\n" + HINTS, "text stands before the heading"),
        ("no headings", "text stands before the heading"),
    ],
)
def test_hints_that_are_not_three_tiers_are_refused_with_their_cell(
    source: str, fault: str, course: Path
) -> None:
    nb = softmax_lesson()
    nb.cells[4] = hints("softmax", source)
    write(nb, course / "source" / MODULE / f"{NAME}.ipynb")
    (failure,) = student_version(course)
    assert f'{NAME}, cell 5 (hints for "softmax")' in failure
    assert fault in failure


def test_tiers_are_split_at_their_headings() -> None:
    assert split_tiers("#### Nudge\na\n#### Strategy\nb\n\nc\n#### Outline\nd\n") == [
        "a",
        "b\n\nc",
        "d",
    ]
