"""The learner's progress, read from the notebooks below one folder."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, TypedDict

from torchenstein.server.files import find_notebooks, read_object
from torchenstein.server.lesson import Lesson, read_lesson

COURSE_FILE = Path(".torchenstein", "course.json")
COURSE_LIMIT = 2 * 2**20
NOTEBOOK_LIMIT = 32 * 2**20

Stamp = tuple[int, int]


class FoundLesson(Lesson):
    """A lesson and its path below the root, with slashes on every system."""

    path: str


class Progress(TypedDict):
    """`course` is what the lab put into its file, null where there is no course."""

    course: dict[str, Any] | None
    lessons: list[FoundLesson]


class ProgressReader:
    """Reads the progress; a notebook that has not changed is read only once.

    It blocks, and may be called from several threads.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, tuple[Stamp, Lesson | None]] = {}
        self._lock = threading.Lock()

    def read(self) -> Progress:
        """Return the course and its lessons in the order of their paths.

        Where there is no course, nobody's notebooks are opened. What cannot be read is left out.
        """
        with self._lock:
            course = read_object(self._root, self._root / COURSE_FILE, limit=COURSE_LIMIT)
            if course is None:
                return {"course": None, "lessons": []}
            self._known = {
                path.relative_to(self._root).as_posix(): self._look(path)
                for path in find_notebooks(self._root)
            }
            lessons: list[FoundLesson] = [
                {"path": path, **lesson}
                for path, (_, lesson) in sorted(self._known.items())
                if lesson is not None
            ]
            return {"course": course, "lessons": lessons}

    def _look(self, path: Path) -> tuple[Stamp, Lesson | None]:
        try:
            status = path.stat()
        except OSError:
            return (0, 0), None
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._known.get(path.relative_to(self._root).as_posix())
        if known is not None and known[0] == stamp:
            return known
        notebook = read_object(self._root, path, limit=NOTEBOOK_LIMIT)
        return stamp, read_lesson(notebook) if notebook is not None else None
