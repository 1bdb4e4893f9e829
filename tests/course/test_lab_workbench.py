"""The workbench: a learner's file is never overwritten, whatever the release does."""

import json
import os
from pathlib import Path

import pytest

from course.lab import copying
from course.lab.workbench import Changes, released, update
from tests.course.lab_fakes import write

LESSON = "01_tensors/06_broadcasting.ipynb"
BESIDE = "01_tensors/06_broadcasting (new).ipynb"


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    return tmp_path / "workbench"


def offer(tmp_path: Path, bench: Path, **files: str) -> Changes:
    """Release exactly `files` (LESSON for the key `lesson`) and bring the workbench up to date."""
    release = tmp_path / "release"
    for path in released(release).values():
        path.unlink()
    write(release, {LESSON if name == "lesson" else name: text for name, text in files.items()})
    return update(bench, released(release))


def texts(bench: Path) -> dict[str, str]:
    """Return what the learner sees: every file but those in our own folder."""
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in released(bench).items()
        if not name.startswith(".torchenstein/")
    }


def test_the_first_visit_lays_every_released_file(tmp_path: Path, bench: Path) -> None:
    changes = offer(tmp_path, bench, lesson="one", notes="n")
    assert changes.added == [LESSON, "notes"]
    assert texts(bench) == {LESSON: "one", "notes": "n"}


def test_a_second_visit_changes_nothing(tmp_path: Path, bench: Path) -> None:
    offer(tmp_path, bench, lesson="one")
    before = {path: path.stat().st_mtime_ns for path in bench.rglob("*") if path.is_file()}
    assert offer(tmp_path, bench, lesson="one") == Changes()
    assert {path: path.stat().st_mtime_ns for path in bench.rglob("*") if path.is_file()} == before


def test_work_survives_a_second_visit(tmp_path: Path, bench: Path) -> None:
    offer(tmp_path, bench, lesson="one")
    write(bench, {LESSON: "my answer"})
    assert offer(tmp_path, bench, lesson="one") == Changes()
    assert texts(bench) == {LESSON: "my answer"}


def test_work_survives_a_new_release_which_is_put_beside_it(tmp_path: Path, bench: Path) -> None:
    offer(tmp_path, bench, lesson="one")
    write(bench, {LESSON: "my answer"})
    assert offer(tmp_path, bench, lesson="two").beside == {LESSON: BESIDE}
    assert texts(bench) == {LESSON: "my answer", BESIDE: "two"}
    assert offer(tmp_path, bench, lesson="two") == Changes()


def test_an_untouched_copy_is_renewed(tmp_path: Path, bench: Path) -> None:
    offer(tmp_path, bench, lesson="one")
    assert offer(tmp_path, bench, lesson="two").renewed == [LESSON]
    assert texts(bench) == {LESSON: "two"}


def test_an_untouched_new_version_beside_gives_way_to_the_next(tmp_path: Path, bench: Path) -> None:
    offer(tmp_path, bench, lesson="one")
    write(bench, {LESSON: "my answer"})
    offer(tmp_path, bench, lesson="two")
    offer(tmp_path, bench, lesson="three")
    assert texts(bench) == {LESSON: "my answer", BESIDE: "three"}


def test_a_new_version_that_was_worked_in_stays_too(tmp_path: Path, bench: Path) -> None:
    offer(tmp_path, bench, lesson="one")
    write(bench, {LESSON: "my answer"})
    offer(tmp_path, bench, lesson="two")
    write(bench, {BESIDE: "my second answer"})
    changes = offer(tmp_path, bench, lesson="three")
    third = changes.beside[LESSON]
    assert texts(bench) == {LESSON: "my answer", BESIDE: "my second answer", third: "three"}


def test_a_new_module_is_added_beside_work(tmp_path: Path, bench: Path) -> None:
    offer(tmp_path, bench, lesson="one")
    write(bench, {LESSON: "my answer"})
    changes = offer(tmp_path, bench, lesson="one", **{"02_autograd/01.ipynb": "new"})
    assert changes == Changes(added=["02_autograd/01.ipynb"])
    assert texts(bench) == {LESSON: "my answer", "02_autograd/01.ipynb": "new"}


def test_a_lesson_that_is_no_longer_released_stays(tmp_path: Path, bench: Path) -> None:
    offer(tmp_path, bench, lesson="one", notes="n")
    assert offer(tmp_path, bench, notes="n") == Changes()
    assert texts(bench) == {LESSON: "one", "notes": "n"}


def test_a_lesson_the_learner_deleted_comes_back(tmp_path: Path, bench: Path) -> None:
    offer(tmp_path, bench, lesson="one")
    (bench / LESSON).unlink()
    assert offer(tmp_path, bench, lesson="one").added == [LESSON]


def test_a_file_that_was_there_before_us_is_the_learners(tmp_path: Path, bench: Path) -> None:
    write(bench, {LESSON: "mine, from last year"})
    assert offer(tmp_path, bench, lesson="one") == Changes()
    assert offer(tmp_path, bench, lesson="two").beside == {LESSON: BESIDE}
    assert texts(bench) == {LESSON: "mine, from last year", BESIDE: "two"}


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"files": 3}', '{"files": null}', "\udce9"])
def test_work_survives_a_broken_manifest(tmp_path: Path, bench: Path, damage: str) -> None:
    offer(tmp_path, bench, lesson="one")
    write(bench, {LESSON: "my answer"})
    manifest = bench / ".torchenstein/manifest.json"
    manifest.write_bytes(damage.encode(errors="surrogateescape"))
    offer(tmp_path, bench, lesson="two")
    assert texts(bench)[LESSON] == "my answer"
    assert set(json.loads(manifest.read_text(encoding="utf-8"))["files"]) >= {LESSON}


def test_two_visits_at_once_lay_each_file_once(
    tmp_path: Path, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other visit puts a file, and the learner works in it, just before ours gets its name."""
    drafted = copying._draft

    def slow(content: bytes, scratch: Path) -> Path:
        draft = drafted(content, scratch)
        write(bench, {LESSON: "quick work"})
        return draft

    monkeypatch.setattr(copying, "_draft", slow)
    offer(tmp_path, bench, lesson="one")
    assert texts(bench) == {LESSON: "quick work"}


def test_a_lesson_is_as_writable_as_any_new_file(tmp_path: Path, bench: Path) -> None:
    offer(tmp_path, bench, lesson="one")
    plain = write(tmp_path, {"plain": ""}) / "plain"
    assert os.stat(bench / LESSON).st_mode == plain.stat().st_mode
