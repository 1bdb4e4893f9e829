"""Pages made from course.yml: the workbench's start page and course list, the README's table.

Usage:
    python course/startpage.py --workbench DIR [--voice plain]
    python course/startpage.py --readme README.md [--check]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
START_PAGE = "START HERE.md"
PORTRAIT = "images/professor.svg"
BEGIN, END = "<!-- course:begin -->", "<!-- course:end -->"
LISTED = ("slug", "title", "objective", "minutes", "status")


class CourseError(Exception):
    """A file the course is made from is not as it should be; the one-line message names it."""


@dataclass(frozen=True)
class Lesson:
    """One notebook. `slug` is its path without the suffix; `minutes` is a learner's time."""

    slug: str
    title: str
    objective: str
    minutes: int
    priority: str
    status: str

    @property
    def released(self) -> bool:
        return self.status == "released"

    @property
    def link(self) -> str:
        return f"[{self.title}]({self.slug}.ipynb)"


@dataclass(frozen=True)
class Module:
    """One nbgrader assignment; `prerequisites` are slugs of other modules."""

    slug: str
    title: str
    summary: str
    prerequisites: tuple[str, ...]
    lessons: tuple[Lesson, ...]

    @property
    def label(self) -> str:
        return f"{self.slug[:2]} {self.title}"


@dataclass(frozen=True)
class Course:
    title: str
    summary: str
    modules: tuple[Module, ...]

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        return tuple(lesson for module in self.modules for lesson in module.lessons)


def load_course(path: Path = HERE / "course.yml") -> Course:
    """The course that `path` describes.

    Raises:
        CourseError: the file cannot be read, or a key is missing or unknown.
    """
    raw = _read_yaml(path)
    try:
        modules = [
            entry
            | {
                "prerequisites": tuple(entry["prerequisites"]),
                "lessons": tuple(Lesson(**lesson) for lesson in entry["lessons"]),
            }
            for entry in raw["modules"]
        ]
        return Course(raw["title"], raw["summary"], tuple(Module(**entry) for entry in modules))
    except (KeyError, TypeError) as error:
        raise CourseError(f"{path.name}: a key is missing or unknown: {error}") from error


def load_voice(name: str, folder: Path = HERE / "voices") -> dict[str, Any]:
    """The voice pack `name`, say "torchenstein" or "plain".

    Raises:
        CourseError: there is no such pack; the message lists those there are.
    """
    path = folder / f"{name}.yml"
    if not path.is_file():
        known = ", ".join(sorted(pack.stem for pack in folder.glob("*.yml")))
        raise CourseError(f"there is no voice called {name!r}; the voices are: {known}")
    return _read_yaml(path)


def course_json(course: Course) -> str:
    """What the lab's panels read: titles, objectives, minutes and status of every lesson."""
    modules = [
        {
            "slug": module.slug,
            "title": module.title,
            "summary": module.summary,
            "lessons": [{key: getattr(lesson, key) for key in LISTED} for lesson in module.lessons],
        }
        for module in course.modules
    ]
    listed = {"title": course.title, "modules": modules}
    return json.dumps(listed, indent=1, ensure_ascii=False) + "\n"


def start_page(course: Course, voice: dict[str, Any], present: frozenset[str]) -> str:
    """The start page in Markdown. `present` holds the slugs whose notebooks are there."""
    page = (HERE / "start_page.md").read_text(encoding="utf-8")
    parts = {
        "title": course.title,
        "greeting": _greeting(voice),
        "summary": course.summary,
        "begin": _where_to_begin(course, present),
        "open": _open_lessons(course, present),
        "planned": _planned_lessons(course, present),
    }
    for name, text in parts.items():
        page = page.replace(f"{{{{{name}}}}}", text)
    # A part may be empty, as the greeting is in the plain voice.
    return re.sub(r"\n{3,}", "\n\n", page)


def _greeting(voice: dict[str, Any]) -> str:
    if voice["id"] == "plain":
        return ""
    name, line = voice["name"], voice["lines"]["welcome"][0]
    return f"![{name}]({PORTRAIT})\n\n> {line}\n>\n> *{name}*"


def _where_to_begin(course: Course, present: frozenset[str]) -> str:
    path = [lesson for lesson in course.lessons if lesson.slug in present]
    if not path:
        return "No lesson is here yet. Run `python lab.py build`, then open the lab again."
    hours = max(1, round(sum(lesson.minutes for lesson in path) / 60))
    return (
        f"**Begin with {path[0].link}**, {path[0].minutes} minutes. {path[0].objective}\n\n"
        f"Then take the lessons below from top to bottom: {len(path)} open now,"
        f" about {hours} h in all."
    )


def _open_lessons(course: Course, present: frozenset[str]) -> str:
    blocks = []
    for module in course.modules:
        rows = [
            f"| {lesson.link} | {lesson.objective} | {lesson.minutes} |"
            for lesson in module.lessons
            if lesson.slug in present
        ]
        if rows:
            head = ["| Lesson | What you will do | Minutes |", "|:--|:--|--:|"]
            blocks += [f"### {module.label}", "", module.summary, "", *head, *rows, ""]
    return "\n".join(blocks).rstrip() or "Nothing yet."


def _planned_lessons(course: Course, present: frozenset[str]) -> str:
    rows = []
    for module in course.modules:
        planned = [f"*{lesson.title}*" for lesson in module.lessons if lesson.slug not in present]
        if planned:
            rows.append(f"- **{module.label}**: " + " · ".join(planned))
    return "\n".join(rows) or "Nothing: every lesson is open."


def readme_table(course: Course) -> str:
    """The README's table of modules, without the markers around it."""
    rows = []
    for module in course.modules:
        ready = sum(lesson.released for lesson in module.lessons)
        label = f"[{module.label}](release/{module.slug})" if ready else module.label
        rows.append(f"| {label} | {module.summary} | {ready or '–'} | {len(module.lessons)} |")
    size = f"{len(course.modules)} modules, {len(course.lessons)} lessons"
    released = sum(lesson.released for lesson in course.lessons)
    head = ["| Module | What it teaches | Open | Lessons |", "|:--|:--|--:|--:|"]
    return "\n".join([f"{size}; {released} are open, the rest planned.", "", *head, *rows])


def with_table(text: str, course: Course, name: str = "README.md") -> str:
    """`text` with the table between its two markers made afresh.

    Raises:
        CourseError: a marker is missing.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise CourseError(f"{name} needs a line {BEGIN} and, after it, a line {END}")
    return f"{before}{BEGIN}\n{readme_table(course)}\n{END}{after}"


def write_workbench(workbench: Path, course: Course, voice: dict[str, Any]) -> bool:
    """Put the start page, the portrait and the course list into `workbench`.

    Returns:
        False if the learner has changed the start page, which is then kept as it is.
    """
    present = frozenset(
        lesson.slug for lesson in course.lessons if (workbench / f"{lesson.slug}.ipynb").is_file()
    )
    _replace(workbench / ".torchenstein" / "course.json", course_json(course))
    if voice["id"] != "plain":
        drawing = (HERE / "voices" / "professor.svg").read_text(encoding="utf-8")
        _replace(workbench / PORTRAIT, drawing)
    page, seal = workbench / START_PAGE, workbench / ".torchenstein" / "start_page.sha256"
    text = start_page(course, voice, present)
    old = _digest(page.read_bytes()) if page.exists() else ""
    ours = seal.read_text(encoding="utf-8").split() if seal.is_file() else []
    if old and old not in ours:
        return False
    if old == _digest(text.encode()):
        return True
    # The seal comes first and knows both pages: stopped in between, the old one is still ours.
    _replace(seal, f"{_digest(text.encode())}\n{old}\n")
    _replace(page, text)
    return True


def _digest(page: bytes) -> str:
    return hashlib.sha256(page).hexdigest()


def _replace(path: Path, text: str) -> None:
    """Write all of `text` or nothing: a full disk leaves the old file as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise CourseError(f"{path.name} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise CourseError(f"{path.name} does not hold a mapping")
    return content


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status, 1 with one line on stderr on trouble."""
    parser = argparse.ArgumentParser(description="Make the pages that follow from course.yml.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--workbench", type=Path, help="write start page and course list there")
    where.add_argument("--readme", type=Path, help="renew the table of modules in this file")
    parser.add_argument("--check", action="store_true", help="with --readme: only fail if stale")
    parser.add_argument("--voice", default="torchenstein", help="voice pack of the start page")
    options = parser.parse_args(arguments)
    try:
        course = load_course()
        if options.workbench:
            if not write_workbench(options.workbench, course, load_voice(options.voice)):
                print(f"Your own changes to {START_PAGE} were kept; delete it to renew it.")
            return 0
        return _renew_readme(options.readme, course, options.check)
    except (CourseError, OSError) as error:
        print(f"startpage: {error}", file=sys.stderr)
        return 1


def _renew_readme(readme: Path, course: Course, check: bool) -> int:
    old = readme.read_text(encoding="utf-8")
    new = with_table(old, course, readme.name)
    if check and new != old:
        renew = f"python course/startpage.py --readme {readme}"
        raise CourseError(f"the table in {readme} is stale; renew it with: {renew}")
    if new != old:
        _replace(readme, new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
