"""How a submission gets into `autograded/`: at every moment it is the older or the newer, whole."""

from pathlib import Path

import pytest
from torchgrade.grading.places import aside, put_in_place, recover


def make(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "a.ipynb").write_text(text)
    (folder / "a.ipynb").chmod(0o444)
    return folder


def test_a_new_submission_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    home = make(tmp_path / "autograded" / "ada" / "one", "older")
    (home / "left.txt").write_text("")
    put_in_place(make(tmp_path / "stage", "newer"), home)
    assert [path.name for path in home.parent.iterdir()] == ["one"]
    assert [(path.name, path.read_text()) for path in home.iterdir()] == [("a.ipynb", "newer")]


def test_a_first_submission_makes_its_folders(tmp_path: Path) -> None:
    home = tmp_path / "autograded" / "ada" / "one"
    put_in_place(make(tmp_path / "stage", "newer"), home)
    assert (home / "a.ipynb").read_text() == "newer"


def test_after_a_kill_between_the_two_renames_the_older_one_comes_back(tmp_path: Path) -> None:
    home = tmp_path / "ada" / "one"
    make(aside(home), "older")
    recover(home)
    assert (home / "a.ipynb").read_text() == "older"
    assert [path.name for path in home.parent.iterdir()] == ["one"]


def test_after_a_kill_behind_the_second_rename_the_newer_one_stays(tmp_path: Path) -> None:
    home = make(tmp_path / "ada" / "one", "newer")
    make(aside(home), "older")
    recover(home)
    assert (home / "a.ipynb").read_text() == "newer"
    assert [path.name for path in home.parent.iterdir()] == ["one"]


def test_when_the_new_one_cannot_come_the_older_one_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make(tmp_path / "ada" / "one", "older")
    stage = make(tmp_path / "stage", "newer")
    rename = Path.rename

    def broken(self: Path, target: Path) -> Path:
        if self == stage:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", broken)
    with pytest.raises(OSError, match="No space left"):
        put_in_place(stage, home)
    assert (home / "a.ipynb").read_text() == "older"
