"""The course as data: the list of lessons, voices with equal keys, licences that are whole."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from course.startpage import Lesson, load_course, load_voice

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course()
LESSONS = {lesson.slug: lesson for lesson in COURSE.lessons}
MODULES = [module.slug for module in COURSE.modules]
NOTEBOOKS = {
    path.relative_to(ROOT / "source").with_suffix("").as_posix(): path
    for path in sorted((ROOT / "source").glob("*/*.ipynb"))
}
VOICES = sorted(path.stem for path in (ROOT / "course" / "voices").glob("*.yml"))
MOMENTS = {
    "welcome",
    "passed",
    "partial",
    "failed",
    "unfinished",
    "locked_attempt",
    "locked_failed",
}


def lesson_metadata(slug: str) -> dict[str, Any]:
    notebook = json.loads(NOTEBOOKS[slug].read_text(encoding="utf-8"))
    metadata: dict[str, Any] = notebook["metadata"]["torchenstein"]
    return metadata


def test_the_syllabus_is_complete() -> None:
    sizes = [len(module.lessons) for module in COURSE.modules]
    assert sizes == [2, 15, 17, 13, 9, 10, 4, 5, 19, 7, 3, 4]
    assert sum(sizes) == len(LESSONS) == 108


def test_modules_are_numbered_in_order() -> None:
    assert [slug[:3] for slug in MODULES] == [f"{number:02d}_" for number in range(12)]
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+", slug) for slug in MODULES)


@pytest.mark.parametrize("module", COURSE.modules, ids=MODULES)
def test_lesson_slugs_are_paths_in_their_module_and_in_order(module: Any) -> None:
    names = [lesson.slug.removeprefix(f"{module.slug}/") for lesson in module.lessons]
    assert all(re.fullmatch(r"\d\d[ab]?_[a-z0-9_]+", name) for name in names)
    assert names == sorted(set(names))


@pytest.mark.parametrize("module", COURSE.modules, ids=MODULES)
def test_prerequisites_come_earlier_in_the_course(module: Any) -> None:
    # Every prerequisite stands before its module, so there can be no cycle.
    earlier = MODULES[: MODULES.index(module.slug)]
    assert set(module.prerequisites) <= set(earlier)
    assert bool(module.prerequisites) == bool(earlier)


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=list(LESSONS))
def test_every_lesson_says_what_it_is(lesson: Lesson) -> None:
    assert 0 < len(lesson.title) <= 60
    assert lesson.objective.endswith(".")
    assert len(lesson.objective) <= 120
    least = 5 if lesson.slug.endswith("/00_overview") else 30
    assert least <= lesson.minutes <= 120
    assert lesson.priority in {"P1", "P2", "P3"}
    assert lesson.status in {"released", "planned"}
    # Both go into Markdown tables and links.
    assert not set("|[]<>") & set(lesson.title + lesson.objective)


def test_titles_are_unique() -> None:
    titles = [lesson.title for lesson in COURSE.lessons]
    assert len(titles) == len(set(titles))


def test_released_lessons_are_exactly_the_source_notebooks() -> None:
    assert {lesson.slug for lesson in COURSE.lessons if lesson.released} == set(NOTEBOOKS)


@pytest.mark.parametrize("slug", NOTEBOOKS)
def test_a_notebook_and_the_course_list_tell_the_same(slug: str) -> None:
    metadata, lesson = lesson_metadata(slug), LESSONS[slug]
    assert metadata["slug"] == slug
    assert metadata["module"] == slug.partition("/")[0]
    assert (metadata["title"], metadata["minutes"]) == (lesson.title, lesson.minutes)


@pytest.mark.parametrize("slug", NOTEBOOKS)
def test_a_lesson_builds_on_lessons_that_come_before_it(slug: str) -> None:
    order = list(LESSONS)
    earlier = {*order[: order.index(slug)], *MODULES[: MODULES.index(slug.partition("/")[0])]}
    assert set(lesson_metadata(slug)["prerequisites"]) <= earlier


def test_there_is_a_professor_and_a_plain_voice() -> None:
    assert {"torchenstein", "plain"} <= set(VOICES)


@pytest.mark.parametrize("name", VOICES)
def test_voices_have_equal_keys_and_a_line_for_every_moment(name: str) -> None:
    voice = load_voice(name)
    assert list(voice) == ["id", "name", "short_name", "duck", "rival", "lines"]
    assert voice["id"] == name
    assert set(voice["lines"]) == MOMENTS
    assert all(voice["lines"].values())


@pytest.mark.parametrize("name", VOICES)
def test_lines_are_short_plain_text_and_never_repeat(name: str) -> None:
    lines = [line for moment in load_voice(name)["lines"].values() for line in moment]
    assert all(isinstance(line, str) and len(line) <= 140 for line in lines)
    assert not [line for line in lines if set("<>{}") & set(line)]
    assert len(lines) == len(set(lines))


def test_the_plain_voice_has_no_character() -> None:
    spoken = json.dumps(load_voice("plain"))
    assert not re.findall(r"Torchenstein|Professor|Backprop|Hammer|!", spoken)


def test_the_portrait_is_small_described_and_self_contained() -> None:
    text = (ROOT / "course" / "voices" / "professor.svg").read_text(encoding="utf-8")
    drawing = ElementTree.fromstring(text)
    name = "{http://www.w3.org/2000/svg}"
    assert drawing.attrib["role"] == "img"
    assert drawing.findtext(f"{name}title")
    assert not list(drawing.iter(f"{name}script"))
    assert re.findall(r'(?:href|src)="(?!#)', text) == []
    assert len(text) < 4096


@pytest.mark.parametrize(
    "page",
    ["LICENSE-COURSE.md", "course/AUTHORING.md", "course/voices/LICENSE.md"],
)
def test_links_between_files_resolve(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert local
    assert [link for link in local if not (path.parent / link).exists()] == []


def test_the_licences_are_whole_and_the_source_of_the_character_is_credited() -> None:
    code = (ROOT / "LICENSE").read_text(encoding="utf-8")
    content = (ROOT / "LICENSE-COURSE.md").read_text(encoding="utf-8")
    assert "Apache License" in code
    assert "END OF TERMS AND CONDITIONS" in code
    assert re.findall(r"^Section (\d) --", content, flags=re.MULTILINE) == list("12345678")
    for page in ("NOTICE", "course/voices/LICENSE.md"):
        text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
        assert "pytorchcourse.com" in text
        assert "Krzysztof Sopyla" in text
        assert "not affiliated" in text
