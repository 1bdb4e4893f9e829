"""The pages made from course.yml: stable, fresh, with links that work and nobody's edit lost."""

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from course.startpage import (
    BEGIN,
    END,
    START_PAGE,
    CourseError,
    load_course,
    load_voice,
    main,
    readme_table,
    start_page,
    with_table,
)

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course()
PROFESSOR = load_voice("torchenstein")
HERE = frozenset({"00_getting_started/01_hello_lab", "01_tensors/06_broadcasting"})
MARKED = f"# Lab\n\n{BEGIN}\nold\n{END}\n\nmore\n"


def links(text: str) -> list[str]:
    return [unquote(link) for link in re.findall(r"\]\(([^)]+)\)", text)]


@pytest.fixture
def workbench(tmp_path: Path) -> Path:
    for slug in HERE:
        notebook = tmp_path / f"{slug}.ipynb"
        notebook.parent.mkdir()
        notebook.write_text("{}", encoding="utf-8")
    return tmp_path


def add_lesson(workbench: Path, slug: str) -> None:
    (workbench / f"{slug}.ipynb").write_text("{}", encoding="utf-8")


def test_the_start_page_begins_with_the_first_lesson_that_is_there() -> None:
    page = start_page(COURSE, PROFESSOR, HERE)
    first = page.split("## Where to begin")[1].split("##")[0]
    assert links(first) == ["00_getting_started/01_hello_lab.ipynb"]
    later = start_page(COURSE, PROFESSOR, frozenset({"01_tensors/06_broadcasting"}))
    assert "Begin with [Broadcasting" in later


def test_every_link_of_the_start_page_resolves(workbench: Path) -> None:
    assert main(["--workbench", str(workbench)]) == 0
    page = (workbench / START_PAGE).read_text(encoding="utf-8")
    found = links(page)
    assert {link.removesuffix(".ipynb") for link in found} == {*HERE, "images/professor.svg"}
    assert [link for link in found if not (workbench / link).is_file()] == []


def test_every_lesson_is_on_the_start_page_open_or_planned() -> None:
    page = start_page(COURSE, PROFESSOR, HERE)
    assert "{{" not in page
    planned = page.split("## Still to come")[1]
    assert links(planned) == []
    for lesson in COURSE.lessons:
        assert (f"*{lesson.title}*" in planned) != (lesson.slug in HERE)


def test_a_workbench_with_all_or_no_lessons_still_reads_well() -> None:
    everything = start_page(COURSE, PROFESSOR, frozenset(les.slug for les in COURSE.lessons))
    assert "every lesson is open" in everything
    assert "Run `python lab.py build`" in start_page(COURSE, PROFESSOR, frozenset())


@pytest.mark.parametrize("voice", ["torchenstein", "plain"])
def test_the_start_page_has_no_html_and_no_double_gaps(voice: str) -> None:
    page = start_page(COURSE, load_voice(voice), HERE)
    assert re.findall(r"<[a-zA-Z/!]", page) == []
    assert "\n\n\n" not in page


def test_the_plain_start_page_has_no_character_and_loses_no_information(workbench: Path) -> None:
    assert main(["--workbench", str(workbench), "--voice", "plain"]) == 0
    plain = (workbench / START_PAGE).read_text(encoding="utf-8")
    full = start_page(COURSE, PROFESSOR, HERE)
    assert "Professor" not in plain
    assert not (workbench / "images").exists()
    assert plain.split("## Where to begin")[1] == full.split("## Where to begin")[1]


def test_the_course_list_has_every_lesson_with_its_status(workbench: Path) -> None:
    main(["--workbench", str(workbench)])
    listed = json.loads((workbench / ".torchenstein/course.json").read_text(encoding="utf-8"))
    assert set(listed) == {"title", "modules"}
    lessons = [lesson for module in listed["modules"] for lesson in module["lessons"]]
    assert len(lessons) == 108
    assert all(
        set(lesson) == {"slug", "title", "objective", "minutes", "status"} for lesson in lessons
    )


def test_a_second_run_changes_nothing(workbench: Path) -> None:
    def files() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in workbench.rglob("*") if path.is_file()}

    main(["--workbench", str(workbench)])
    before = files()
    assert main(["--workbench", str(workbench)]) == 0
    assert files() == before


def test_a_new_lesson_appears_on_the_start_page(workbench: Path) -> None:
    main(["--workbench", str(workbench)])
    add_lesson(workbench, "01_tensors/02a_tensor_manipulation")
    main(["--workbench", str(workbench)])
    page = (workbench / START_PAGE).read_text(encoding="utf-8")
    assert "01_tensors/02a_tensor_manipulation.ipynb" in links(page)


def test_a_start_page_that_the_learner_changed_is_kept(
    workbench: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--workbench", str(workbench)])
    page = workbench / START_PAGE
    page.write_bytes(page.read_bytes() + b"my notes \xe9\n")
    mine = page.read_bytes()
    add_lesson(workbench, "01_tensors/02a_tensor_manipulation")
    assert main(["--workbench", str(workbench)]) == 0
    assert page.read_bytes() == mine
    assert "your own changes" in capsys.readouterr().out.lower()
    page.unlink()
    assert main(["--workbench", str(workbench)]) == 0
    assert "02a_tensor_manipulation" in page.read_text(encoding="utf-8")


def test_a_full_disk_leaves_the_old_page_and_says_so_in_one_line(
    workbench: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--workbench", str(workbench)])
    old = (workbench / START_PAGE).read_bytes()
    add_lesson(workbench, "01_tensors/02a_tensor_manipulation")
    real = os.replace

    def full(part: Path, path: Path) -> None:
        if path.name == START_PAGE:
            raise OSError(28, "No space left on device")
        real(part, path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert main(["--workbench", str(workbench)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert (workbench / START_PAGE).read_bytes() == old
    assert [path.name for path in workbench.rglob("*.part")] == []
    assert main(["--workbench", str(workbench)]) == 0
    assert (workbench / START_PAGE).read_bytes() != old


def test_the_readme_table_replaces_what_is_between_its_markers_only() -> None:
    new = with_table(MARKED, COURSE)
    assert new.startswith(f"# Lab\n\n{BEGIN}\n")
    assert new.endswith(f"\n{END}\n\nmore\n")
    assert "old" not in new
    assert with_table(new, COURSE) == new


def test_the_readme_table_has_a_row_a_module_and_links_to_what_is_open() -> None:
    table = readme_table(COURSE)
    assert table.count("\n|") == len(COURSE.modules) + 2
    released = {path.parent.name for path in ROOT.glob("source/*/*.ipynb")}
    assert links(table) == [f"release/{module}" for module in sorted(released)]
    lessons = len(list(ROOT.glob("source/*/*.ipynb")))
    assert f"12 modules, 108 lessons; {lessons} are open" in table


@pytest.mark.parametrize("text", ["# Lab\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n"])
def test_a_readme_without_both_markers_is_named(text: str) -> None:
    with pytest.raises(CourseError, match=r"^README\.md needs a line .*course:begin"):
        with_table(text, COURSE)


def test_check_fails_on_a_stale_table_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(MARKED, encoding="utf-8")
    assert main(["--readme", str(readme), "--check"]) == 1
    assert "--readme" in capsys.readouterr().err
    assert readme.read_text(encoding="utf-8") == MARKED
    assert main(["--readme", str(readme)]) == 0
    assert main(["--readme", str(readme), "--check"]) == 0


def test_the_table_in_the_readme_is_fresh_and_its_links_resolve() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(readme, COURSE) == readme
    assert [link for link in links(readme_table(COURSE)) if not (ROOT / link).is_dir()] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("modules: [", "cannot be read"),
        ("- 1", "does not hold a mapping"),
        ("title: T\nsummary: S\nmodules: [{slug: a}]", "missing or unknown"),
        ("title: T\nsummary: S\nmodules: 3", "missing or unknown"),
    ],
)
def test_a_broken_course_file_is_named_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "course.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=message) as caught:
        load_course(path)
    assert "course.yml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_voice_lists_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--workbench", str(tmp_path), "--voice", "pirate"]) == 1
    assert "plain, torchenstein" in capsys.readouterr().err


def test_voices_are_packs_with_text(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("id: mine\n", encoding="utf-8")
    pack: dict[str, Any] = load_voice("mine", tmp_path)
    assert pack == {"id": "mine"}
