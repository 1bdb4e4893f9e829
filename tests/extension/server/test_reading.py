"""What is read from the folder, and what is left alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from torchenstein.server import ProgressReader, files, progress
from torchenstein.server.lesson import Lesson, read_lesson

from tests.extension.server.notebooks import COURSE, answer, lesson, put

BROKEN = {
    "empty": b"",
    "half": b'{"cells": [',
    "a list": b"[]",
    "not text": b"\xff\xfe\x00{",
    "deep": b"[" * 100_000,
    "no metadata": b'{"cells": []}',
    "metadata that is a list": b'{"metadata": [], "cells": {}}',
    "cells that are none": b'{"metadata": {"torchenstein": {"slug": ""}}, "cells": [1, null]}',
}


def paths(root: Path) -> list[str]:
    return [found["path"] for found in ProgressReader(root).read()["lessons"]]


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_notebook_does_not_hide_the_others(workbench: Path, content: bytes) -> None:
    (workbench / "a.ipynb").write_bytes(content)
    put(workbench / "b.ipynb", lesson("b"))
    assert paths(workbench) == ["b.ipynb"]


@pytest.mark.parametrize("name", ["empty", "half", "a list", "not text", "deep"])
def test_a_broken_course_file_is_no_course(workbench: Path, name: str) -> None:
    (workbench / ".torchenstein" / "course.json").write_bytes(BROKEN[name])
    put(workbench / "a.ipynb", lesson("a"))
    assert ProgressReader(workbench).read() == {"course": None, "lessons": []}


def test_a_number_that_no_page_can_read_becomes_null(workbench: Path) -> None:
    (workbench / ".torchenstein" / "course.json").write_text('{"title": NaN}', encoding="utf-8")
    assert ProgressReader(workbench).read()["course"] == {"title": None}


def test_hidden_folders_and_files_are_left_alone(workbench: Path) -> None:
    put(workbench / ".ipynb_checkpoints" / "a-checkpoint.ipynb", lesson("a"))
    put(workbench / ".torchenstein" / "old.ipynb", lesson("b"))
    put(workbench / ".c.ipynb", lesson("c"))
    put(workbench / "01 tensors" / "d é.ipynb", lesson("d"))
    assert paths(workbench) == ["01 tensors/d é.ipynb"]


def test_nothing_outside_the_folder_is_read(workbench: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    put(outside / "secret.ipynb", lesson("secret"))
    (workbench / "file.ipynb").symlink_to(outside / "secret.ipynb")
    (workbench / "folder").symlink_to(outside, target_is_directory=True)
    put(workbench / "mine.ipynb", lesson("mine"))
    assert paths(workbench) == ["mine.ipynb"]


def test_a_course_file_outside_the_folder_is_no_course(workbench: Path, tmp_path: Path) -> None:
    course = workbench / ".torchenstein" / "course.json"
    course.unlink()
    course.symlink_to(put(tmp_path / "course.json", COURSE))
    assert ProgressReader(workbench).read()["course"] is None


def test_links_inside_the_folder_are_followed(workbench: Path, tmp_path: Path) -> None:
    put(workbench / "a.ipynb", lesson("a"))
    (workbench / "b.ipynb").symlink_to(workbench / "a.ipynb")
    link = tmp_path / "link"
    link.symlink_to(workbench, target_is_directory=True)
    assert paths(link) == ["a.ipynb", "b.ipynb"]


def test_links_that_lead_nowhere_or_in_circles_are_left_alone(workbench: Path) -> None:
    (workbench / "gone.ipynb").symlink_to(workbench / "nowhere.ipynb")
    (workbench / "circle.ipynb").symlink_to(workbench / "circle.ipynb")
    (workbench / "up").symlink_to(workbench, target_is_directory=True)
    assert paths(workbench) == []


def test_a_pipe_with_the_name_of_a_notebook_does_not_block(workbench: Path) -> None:
    os.mkfifo(workbench / "pipe.ipynb")
    assert paths(workbench) == []


def test_the_search_ends(workbench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        put(workbench / f"folder{number}" / "a.ipynb", lesson(f"{number}"))
    monkeypatch.setattr(files, "MOST_NOTEBOOKS", 4)
    assert len(paths(workbench)) == 4
    monkeypatch.setattr(files, "MOST_FOLDERS", 3)
    assert len(paths(workbench)) == 2


def test_a_huge_notebook_is_left_alone(workbench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(workbench / "a.ipynb", lesson("a", {"source": "x" * 5000}))
    put(workbench / "b.ipynb", lesson("b"))
    monkeypatch.setattr(progress, "NOTEBOOK_LIMIT", 4000)
    assert paths(workbench) == ["b.ipynb"]


def test_a_notebook_is_read_again_only_when_it_changed(
    workbench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = put(workbench / "a.ipynb", lesson("a", answer("x")))
    reader = ProgressReader(workbench)
    read = []

    def count(notebook: dict[str, Any]) -> Lesson | None:
        read.append(notebook)
        return read_lesson(notebook)

    monkeypatch.setattr(progress, "read_lesson", count)
    assert reader.read() == reader.read()
    assert len(read) == 1
    put(notebook, lesson("a", answer("x", passed=True)))
    assert reader.read()["lessons"][0]["passed"] == 1
    notebook.unlink()
    assert reader.read()["lessons"] == []


def test_an_exercise_counts_as_passed_or_attempted_by_its_metadata() -> None:
    cells = [
        answer("untouched"),
        answer("opened", opened=3),
        answer("tried", attempted=True),
        answer("failed", failed=True),
        answer("passed", passed=True),
        answer("no true", passed="yes", attempted=1),
    ]
    found = read_lesson(lesson("a", *cells))
    assert found == {"slug": "a", "title": "A lesson", "exercises": 6, "passed": 1, "attempted": 3}


def test_a_pasted_copy_of_an_answer_is_the_same_exercise() -> None:
    found = read_lesson(lesson("a", answer("x", passed=True), answer("x")))
    assert found is not None
    assert (found["exercises"], found["passed"]) == (1, 1)


def test_cells_that_are_no_exercises_do_not_count() -> None:
    ungraded = answer("x")
    del ungraded["metadata"]["nbgrader"]
    found = read_lesson(lesson("a", ungraded, None, "text", {"metadata": []}))
    assert found is not None
    assert found["exercises"] == 0


@pytest.mark.parametrize("title", [None, "", 7])
def test_a_lesson_without_a_title_is_called_by_its_slug(title: object) -> None:
    found = read_lesson(lesson("01_tensors/06_broadcasting", title=title))
    assert found is not None
    assert found["title"] == "06_broadcasting"
