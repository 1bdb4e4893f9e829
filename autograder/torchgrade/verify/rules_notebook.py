"""Rules on the file as a whole: metadata, the course list, clean and canonical form, data."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from torchgrade.verify.fix import canonical, is_clean
from torchgrade.verify.lesson import OVERVIEW, Lesson
from torchgrade.verify.limits import Limits
from torchgrade.verify.registry import WARNING, Found, rule

FIX = "Run `torchgrade lint --fix` on it"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "slug": (_is_text, 'text such as "01_tensors/06_broadcasting"'),
    "title": (_is_text, "text"),
    "module": (_is_text, 'text such as "01_tensors"'),
    "prerequisites": (_is_texts, "a list of slugs"),
    "objectives": (_is_texts, "a list of sentences"),
    "minutes": (_is_count, "a whole number"),
    "points": (_is_count, "a whole number"),
}


@rule
def metadata(lesson: Lesson, limits: Limits) -> Found:
    """The lesson's own metadata is there and well formed."""
    found = lesson.metadata
    if not found:
        yield None, "it has no metadata.torchenstein", f"Add it, with {', '.join(FIELDS)}"
        return
    for field, (fits, form) in FIELDS.items():
        if field not in found or not fits(found[field]):
            what = f"metadata.torchenstein.{field} is {found.get(field)!r}"
            yield None, what, f"Make it {form}"
            return
    least, most = limits.objectives
    if not least <= len(found["objectives"]) <= most:
        what = f"it has {len(found['objectives'])} objectives"
        yield None, what, f"State {least} to {most}: a verb and something observable"
    least, most = limits.lesson_minutes
    if not least <= found["minutes"] <= most:
        what = f"it takes {found['minutes']} minutes"
        yield None, what, f"A lesson takes {least} to {most} minutes; split or widen it"


@rule
def slug(lesson: Lesson, limits: Limits) -> Found:
    """The slug is the lesson's path, the module its folder."""
    path = lesson.path.resolve()
    wanted = f"{path.parent.name}/{path.stem}"
    if lesson.metadata.get("slug") not in (None, wanted):
        yield None, f"its slug is {lesson.metadata['slug']!r}", f'The path makes it "{wanted}"'
    if lesson.metadata.get("module") not in (None, path.parent.name):
        what = f"its module is {lesson.metadata['module']!r}"
        yield None, what, f'The folder makes it "{path.parent.name}"'


@rule
def course_list(lesson: Lesson, limits: Limits) -> Found:
    """Title, minutes and prerequisites agree with course/course.yml, where there is one above."""
    listed = _course(lesson.path.resolve())
    slug = lesson.metadata.get("slug")
    if listed is None or slug is None:
        return
    if slug not in listed:
        yield None, f"course.yml lists no lesson {slug!r}", "Add it there"
        return
    for field in ("title", "minutes"):
        mine, theirs = lesson.metadata.get(field), listed[slug].get(field)
        if mine != theirs:
            what = f"its {field} is {mine!r}; course.yml says {theirs!r}"
            yield None, what, "Make the two agree"
    for before in lesson.metadata.get("prerequisites", []):
        if before not in listed:
            yield None, f"course.yml lists no prerequisite {before!r}", "Use a slug that it lists"


@rule
def module_map(lesson: Lesson, limits: Limits) -> Found:
    """An overview links to every lesson that course.yml lists for its module, in that order."""
    listed = _course(lesson.path.resolve())
    if listed is None or not lesson.is_overview:
        return
    module = lesson.path.resolve().parent.name
    wanted = [
        f"[{found['title']}]({slug.removeprefix(f'{module}/')}.ipynb)"
        for slug, found in listed.items()
        if slug.startswith(f"{module}/") and slug != f"{module}/{OVERVIEW}"
    ]
    rest = "\n".join(cell.source for cell in lesson.of_kind("markdown"))
    for link in wanted:
        _, found, rest = rest.partition(link)
        if not found:
            what = f"{link} is not in its place on the map"
            yield None, what, "Link to each lesson as course.yml lists it"
            return


def _course(path: Path) -> dict[str, dict[str, Any]] | None:
    for folder in path.parents:
        file = folder / "course" / "course.yml"
        if file.is_file():
            return _listed(file, file.stat().st_mtime_ns)
    return None


@lru_cache(maxsize=4)
def _listed(file: Path, changed: int) -> dict[str, dict[str, Any]]:
    course = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {one["slug"]: one for module in course["modules"] for one in module["lessons"]}


@rule
def clean(lesson: Lesson, limits: Limits) -> Found:
    """No outputs, no execution counts."""
    for cell in lesson.code:
        if not is_clean(cell.node):
            yield cell, "it holds outputs or an execution count", FIX


@rule
def formatting(lesson: Lesson, limits: Limits) -> Found:
    """The bytes are the canonical form of the same notebook."""
    if all(is_clean(cell.node) for cell in lesson.code) and canonical(lesson.text) != lesson.text:
        yield None, "it is not written in the canonical form", FIX


@rule
def title(lesson: Lesson, limits: Limits) -> Found:
    """The first heading is the title of the metadata."""
    from torchgrade.verify.markdown import headings

    for cell in lesson.of_kind("markdown"):
        for _, text in headings(cell.source):
            if text != lesson.metadata.get("title", text):
                what = f"the first heading is {text!r}, the title {lesson.metadata['title']!r}"
                yield cell, WARNING + what, "Make the two agree"
            return


@rule
def data(lesson: Lesson, limits: Limits) -> Found:
    """The files beside the lesson that it names stay small."""
    total = 0
    for file in sorted(lesson.path.resolve().parent.rglob("*")):
        if file.is_file() and file.suffix != ".ipynb" and file.name in lesson.text:
            total += file.stat().st_size
    if total > limits.data_bytes:
        what = f"the files it uses hold {total / 1000:.0f} KB"
        yield None, what, f"Keep them to {limits.data_bytes // 1000} KB, or make the data in a cell"
