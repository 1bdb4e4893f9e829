"""Receipts and waiting results: whole, or as if they had never been."""

import os
from pathlib import Path

import pytest
from torchgrade.engine import task
from torchgrade.grading.keys import Key
from torchgrade.grading.receipts import Entry, Receipt, Receipts, write_whole

KEY = Key("submitted", "tests", "environment")
TEST = task.TestResult("test_a", None, 1.0, 0.5)
GRADED = task.Graded("ada/one/a", {"cells": []}, (TEST,), {"a": 0.5})


@pytest.fixture
def receipts(tmp_path: Path) -> Receipts:
    return Receipts(tmp_path, "one")


def test_a_receipt_is_read_as_it_was_written(receipts: Receipts) -> None:
    receipt = Receipt("one", "ada", {"a": Entry(KEY, {"test_a": 1.0, "essay": None}, None)})
    receipts.write(receipt)
    assert receipts.read("ada") == receipt
    assert list(receipts) == [receipt]
    assert receipts.read("bob") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 99}', '{"version": 1}', "\x00"])
def test_a_damaged_receipt_is_none(receipts: Receipts, tmp_path: Path, text: str) -> None:
    receipts.write(Receipt("one", "ada"))
    (tmp_path / "receipts" / "one" / "ada.json").write_text(text)
    assert receipts.read("ada") is None
    assert list(receipts) == []


def test_a_result_waits_until_its_receipt_is_written(receipts: Receipts) -> None:
    receipts.keep("ada", "a", KEY, GRADED)
    assert receipts.waiting("ada", "a", KEY) == GRADED
    receipts.write(Receipt("one", "ada"))
    assert receipts.waiting("ada", "a", KEY) is None


def test_a_result_of_other_work_does_not_wait(receipts: Receipts) -> None:
    receipts.keep("ada", "a", KEY, GRADED)
    assert receipts.waiting("ada", "a", Key("resubmitted", "tests", "environment")) is None


def test_a_file_that_cannot_be_written_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, "older", sure=True)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "newer", sure=True)
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("file", "older")]
