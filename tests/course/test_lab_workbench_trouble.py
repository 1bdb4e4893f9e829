"""The workbench in trouble: one clear message, nothing lost, and the next visit goes on."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.lab.console import Problem
from course.lab.workbench import Changes, released, update
from tests.course.lab_fakes import write

ROOT = Path(__file__).resolve().parents[2]
LESSONS = {f"01_tensors/{number:02}.ipynb": f"{number} " * 20_000 for number in range(30)}


@pytest.fixture
def offered(tmp_path: Path) -> dict[str, Path]:
    return released(write(tmp_path / "release", LESSONS))


def assert_every_lesson_is_whole(bench: Path) -> None:
    """Each lesson that is there is complete, and nothing else lies about."""
    for name, path in released(bench).items():
        if not name.startswith(".torchenstein/"):
            assert path.read_text(encoding="utf-8") == LESSONS[name]
    assert list(bench.rglob("draft-*")) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A disk of 1 MiB, or None where we may not mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    mounted = bool(mount) and not subprocess.call(
        [str(mount), "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
        stderr=subprocess.DEVNULL,
    )
    yield folder if mounted else None
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_ends_in_one_message_and_the_next_visit_goes_on(
    small_disk: Path | None,
    tmp_path: Path,
    offered: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = (small_disk or tmp_path) / "workbench"
    mine = write(bench, {"mine.txt": "my notes"}) / "mine.txt"
    with monkeypatch.context() as patch:
        if small_disk is None:
            fill(patch, after=5)
        with pytest.raises(Problem) as caught:
            update(bench, offered)
    assert "is full" in caught.value.message
    assert "Free some space" in caught.value.mend
    assert mine.read_text(encoding="utf-8") == "my notes"
    mine.unlink()
    assert 0 < len(released(bench / "01_tensors")) < len(LESSONS)
    assert_every_lesson_is_whole(bench)
    if small_disk is not None:
        remount = ["mount", "-o", "remount,size=16m", str(small_disk)]
        subprocess.run(remount, check=True)
    update(bench, offered)
    assert len(released(bench / "01_tensors")) == len(LESSONS)
    assert_every_lesson_is_whole(bench)


def fill(patch: pytest.MonkeyPatch, after: int) -> None:
    """Let the disk be full from the file number `after` on."""
    synced = os.fsync
    left = iter(range(after))

    def full(handle: int) -> None:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        synced(handle)

    patch.setattr(os, "fsync", full)


def test_a_disk_that_fills_up_is_told_wherever_it_happens(
    tmp_path: Path, offered: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = tmp_path / "workbench"
    with monkeypatch.context() as patch:
        fill(patch, after=3)
        with pytest.raises(Problem, match="is full"):
            update(bench, offered)
    assert_every_lesson_is_whole(bench)
    assert len(update(bench, offered).added) == len(LESSONS) - 3


def test_a_visit_that_is_killed_leaves_whole_files_and_the_next_one_goes_on(
    tmp_path: Path, offered: dict[str, Path]
) -> None:
    bench = tmp_path / "workbench"
    program = (
        "import sys; from pathlib import Path; from course.lab.workbench import *;"
        "update(Path(sys.argv[1]), released(Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", program, str(bench), str(tmp_path / "release")]
    with subprocess.Popen(command, cwd=ROOT) as process:
        deadline = time.monotonic() + 20
        while not (bench / "01_tensors/03.ipynb").exists() and time.monotonic() < deadline:
            time.sleep(0.0005)
        process.kill()
    for draft in bench.rglob("draft-*"):
        # As if an hour had gone by: a young draft may belong to a visit at work.
        os.utime(draft, (0, 0))
    update(bench, offered)
    assert len(released(bench / "01_tensors")) == len(LESSONS)
    assert_every_lesson_is_whole(bench)
    assert update(bench, offered) == Changes()


def test_the_draft_of_a_visit_at_work_is_left_alone(tmp_path: Path) -> None:
    bench = write(tmp_path / "workbench", {".torchenstein/drafts/draft-young": "half"})
    update(bench, {})
    assert (bench / ".torchenstein/drafts/draft-young").exists()


def test_a_file_where_the_workbench_should_be_is_named_and_kept(
    tmp_path: Path, offered: dict[str, Path]
) -> None:
    bench = write(tmp_path, {"workbench": "shopping list"}) / "workbench"
    with pytest.raises(Problem, match=r"workbench is there, but it is a file"):
        update(bench, offered)
    assert bench.read_text(encoding="utf-8") == "shopping list"


def test_a_file_where_a_module_should_be_is_named_and_kept(
    tmp_path: Path, offered: dict[str, Path]
) -> None:
    bench = write(tmp_path / "workbench", {"01_tensors": "my file"})
    with pytest.raises(Problem, match=r"01_tensors.* is in the way"):
        update(bench, offered)
    assert (bench / "01_tensors").read_text(encoding="utf-8") == "my file"


def test_a_folder_where_a_lesson_should_be_is_kept(
    tmp_path: Path, offered: dict[str, Path]
) -> None:
    bench = write(tmp_path / "workbench", {"01_tensors/03.ipynb/mine": "my file"})
    update(bench, offered)
    assert (bench / "01_tensors/03.ipynb/mine").read_text(encoding="utf-8") == "my file"


def test_a_folder_that_may_not_be_written_is_named(
    tmp_path: Path, offered: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> tuple[int, str]:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "workbench"))

    monkeypatch.setattr(tempfile, "mkstemp", forbidden)
    with pytest.raises(Problem, match=r"workbench cannot be written: permission denied"):
        update(tmp_path / "workbench", offered)


def test_a_disk_without_hard_links_works_too(
    tmp_path: Path, offered: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", unsupported)
    bench = write(tmp_path / "workbench", {"01_tensors/00.ipynb": "my answer"})
    assert len(update(bench, offered).added) == len(LESSONS) - 1
    assert (bench / "01_tensors/00.ipynb").read_text(encoding="utf-8") == "my answer"
