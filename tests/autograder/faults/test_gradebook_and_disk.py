"""A full disk, a gradebook that cannot be written or is locked: one message, and nothing lost."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from torchgrade.grading import book, converter, receipts

from tests.autograder.faults.class_of_six import STUDENTS, State, nothing_invented, same
from tests.autograder.faults.conftest import Record
from tests.autograder.grading.class_of import Class

pytestmark = [
    pytest.mark.journey,
    pytest.mark.filterwarnings("ignore:Object of type <Submitted.* not in session"),
]
PAGE = os.sysconf("SC_PAGE_SIZE")
ROOM = 50 << 20
DATABASE = "kept"  # a folder of its own for the gradebook


class Disk:
    """A small file system in memory in the place of a folder, with what was in it."""

    def __init__(self, place: Path, room: int, limit: str) -> None:
        self.place = place
        kept = place.with_name(f"{place.name}.before")
        place.mkdir(exist_ok=True)
        shutil.copytree(place, kept)
        mount("-t", "tmpfs", "-o", f"{limit}={room + content(kept)}", "tmpfs", str(place))
        shutil.copytree(kept, place, dirs_exist_ok=True)
        shutil.rmtree(kept)

    def make_room(self) -> None:
        mount("-o", f"remount,size={ROOM}", str(self.place))

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.place)], check=False)


def mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine allows no file system to be mounted: {done.stderr.strip()}")


def content(folder: Path) -> int:
    """What the files take, in whole pages."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return sum(-(-size // PAGE) * PAGE for size in sizes)


@pytest.fixture
def small(class_of_six: Class) -> Iterator[Callable[..., Disk]]:
    """Makes a small disk of a folder of the course: of so many bytes, or of what `limit` names."""
    made: list[Disk] = []

    def make(name: str, room: int, limit: str = "size") -> Disk:
        made.append(Disk(class_of_six.root / name, room, limit))
        return made[-1]

    if sys.platform != "linux" or os.geteuid():
        pytest.skip("only root on Linux may mount a file system")
    yield make
    for disk in made:
        disk.close()


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, as one line; no traceback is in it."""
    text = " ".join("".join(capsys.readouterr()).split())
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize("folder", [".torchgrade", "autograded"])
def test_a_full_disk(
    folder: str,
    class_of_six: Class,
    undisturbed: State,
    small: Callable[..., Disk],
    record: Record,
    capsys: pytest.CaptureFixture[str],
) -> None:
    disk = small(folder, 12 * PAGE)
    assert class_of_six.autograde() == 1
    text = said(capsys)
    assert text.count("The disk is full") == 1
    assert folder in text.replace(" ", "")  # a long path is wrapped
    assert "Make room, then run the same command again; what was computed is kept." in text
    nothing_invented(class_of_six, undisturbed)
    disk.make_room()
    assert class_of_six.autograde() == 0
    same(class_of_six, undisturbed)
    record(f"full disk below {folder}/", 1, "status 1, one message; then as undisturbed")


def test_a_full_disk_below_the_gradebook(
    class_of_six: Class,
    undisturbed: State,
    small: Callable[..., Disk],
    record: Record,
    capsys: pytest.CaptureFixture[str],
) -> None:
    course = class_of_six
    (course.root / DATABASE).mkdir()
    (course.root / "gradebook.db").rename(course.root / DATABASE / "gradebook.db")
    (course.root / "gradebook.db").symlink_to(course.root / DATABASE / "gradebook.db")
    disk = small(DATABASE, 4 * PAGE)
    assert course.autograde() == 1
    text = said(capsys)
    assert text.count("The gradebook's disk is full. Make room, then run") == 1
    nothing_invented(course, undisturbed)
    disk.make_room()
    assert course.autograde() == 0
    same(course, undisturbed)
    record("full disk below the gradebook", 1, "status 1, one message; then as undisturbed")


@pytest.mark.parametrize(
    ("place", "name", "nth"),
    [(receipts, "write_whole", 2), (receipts, "write_whole", 8), (converter, "put_in_place", 3)],
)
def test_no_room_for_one_file(
    place: Any,
    name: str,
    nth: int,
    class_of_six: Class,
    undisturbed: State,
    record: Record,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stock, calls = getattr(place, name), [0]

    def full(*words: Any, **named: Any) -> None:
        calls[0] += 1
        if calls[0] >= nth:
            raise OSError(errno.ENOSPC, "No space left on device", str(words[0]))
        stock(*words, **named)

    with monkeypatch.context() as broken:
        broken.setattr(place, name, full)
        assert class_of_six.autograde() == 1
    assert said(capsys).count("The disk is full") == 1
    nothing_invented(class_of_six, undisturbed)
    assert class_of_six.autograde() == 0
    same(class_of_six, undisturbed)
    record(f"no space left, {name} call {nth}", 1, "status 1, one message; then as undisturbed")


def test_no_room_for_the_engines_own_files(
    class_of_six: Class,
    undisturbed: State,
    small: Callable[..., Disk],
    record: Record,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody may wait for an engine that did not start."""
    full = small("temporary", 1, "nr_inodes")
    with monkeypatch.context() as broken:
        broken.setattr("tempfile.tempdir", str(full.place))
        assert class_of_six.autograde("--jobs", "1") == 1
    text = said(capsys)
    assert f"Nospaceleftondevice:'{full.place}" in text.replace(" ", "")
    assert "Mend that, then run the same command again." in text
    nothing_invented(class_of_six, undisturbed)
    assert class_of_six.autograde() == 0
    same(class_of_six, undisturbed)
    record("full disk below /tmp", 1, "status 1, the reason is told; then as undisturbed")


def test_a_gradebook_that_may_only_be_read(
    class_of_six: Class,
    undisturbed: State,
    record: Record,
    capsys: pytest.CaptureFixture[str],
) -> None:
    course = class_of_six
    config = course.root / "nbgrader_config.py"
    before = config.read_text()
    url = f"sqlite:///file:{course.root / 'gradebook.db'}?mode=ro&uri=true"
    config.write_text(f"{before}\nc.CourseDirectory.db_url = {url!r}\n")
    assert course.autograde() == 1
    text = said(capsys)
    assert text.count("The gradebook may not be written. Mend its rights and its folder's") == 1
    assert course.rows() == []
    config.write_text(before)
    assert course.autograde() == 0
    same(course, undisturbed)
    record("read-only gradebook", 1, "status 1, one message; then as undisturbed")


@contextmanager
def locked(path: Path, seconds: float | None = None) -> Iterator[None]:
    """Hold a gradebook as another program would; for ever without `seconds`."""
    lock = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(seconds or 0, lock.rollback)
    if seconds:
        timer.start()
    try:
        yield
    finally:
        if seconds:
            timer.join()
        lock.close()


def test_a_gradebook_that_is_locked_for_a_while(
    class_of_six: Class,
    undisturbed: State,
    record: Record,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with locked(class_of_six.root / "gradebook.db", seconds=8):  # SQLite itself waits for five
        assert class_of_six.autograde() == 0
    waits = "Another program has locked the gradebook; waiting for it."
    assert said(capsys).count(waits) == 1
    same(class_of_six, undisturbed)
    record("gradebook locked for 8 s", 1, "waits and says so; status 0, as undisturbed")


def test_a_gradebook_that_stays_locked(
    class_of_six: Class,
    undisturbed: State,
    record: Record,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as short:
        short.setattr(book, "PATIENCE_SECONDS", 1.0)
        with locked(class_of_six.root / "gradebook.db"):
            assert class_of_six.autograde() == 1
    text = said(capsys)
    assert text.count("kept the gradebook locked for 1 s. End it, then run the same command") == 1
    assert class_of_six.rows() == []
    assert class_of_six.autograde() == 0
    same(class_of_six, undisturbed)
    assert {row[0] for row in class_of_six.rows()} == set(STUDENTS)
    record("gradebook locked for ever", 1, "status 1, one message; then as undisturbed")
