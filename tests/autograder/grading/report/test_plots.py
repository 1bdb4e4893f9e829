"""Where totals fall in the histogram."""

from torchgrade.grading.report.plots import bins


def test_full_marks_and_above_are_in_the_last_bin() -> None:
    rows = bins([10, 11, 9], 10)
    assert [count for *_, count in rows] == [0] * 9 + [3]
    assert rows[-1][:2] == (9, 10)


def test_a_bin_begins_with_its_first_number() -> None:
    counts = [count for *_, count in bins([0, 0.1, 0.1 + 0.2, 0.7], 1)]
    assert counts == [1, 1, 0, 1, 0, 0, 0, 1, 0, 0]


def test_an_assignment_without_points_has_all_in_one_bin() -> None:
    assert [count for *_, count in bins([0, 0], 0)] == [2] + [0] * 9
