"""What a notebook's metadata says of a lesson and of the progress in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

KEY = "torchenstein"


class Lesson(TypedDict):
    """A lesson: numbers of its exercises, of those passed, and of those at least attempted."""

    slug: str
    title: str
    exercises: int
    passed: int
    attempted: int


def read_lesson(notebook: dict[str, Any]) -> Lesson | None:
    """Return the lesson in a notebook's JSON; None for a notebook that is not of the course."""
    about = _object(_object(notebook, "metadata"), KEY)
    slug = about.get("slug")
    if not isinstance(slug, str) or not slug:
        return None
    title = about.get("title")
    exercises = list(_progress(notebook))
    passed = [each for each in exercises if each.get("passed") is True]
    attempted = [
        each
        for each in exercises
        if any(each.get(key) is True for key in ("attempted", "failed", "passed"))
    ]
    return {
        "slug": slug,
        "title": title if isinstance(title, str) and title else slug.rpartition("/")[2],
        "exercises": len(exercises),
        "passed": len(passed),
        "attempted": len(attempted),
    }


def _progress(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what is stored for each exercise: for each answer cell that nbgrader knows."""
    cells = notebook.get("cells")
    seen = set()
    for cell in cells if isinstance(cells, list) else []:
        metadata = _object(cell, "metadata")
        name = _object(metadata, "nbgrader").get("grade_id")
        about = _object(metadata, KEY)
        # A cell that was copied and pasted is still one exercise.
        if isinstance(name, str) and name not in seen and _object(about, "exercise"):
            seen.add(name)
            yield _object(about, "progress")


def _object(holder: object, key: str) -> dict[str, Any]:
    """Return the object under a key; an empty one where there is none: files may be broken."""
    value = holder.get(key) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}
