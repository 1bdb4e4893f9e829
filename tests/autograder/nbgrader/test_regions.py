import pytest
from torchgrade.nbgrader.regions import (
    HIDDEN_TESTS,
    SOLUTION,
    faults,
    has_region,
    inside_region,
    without_markers,
    without_region,
)

CELL = "a\n    ### BEGIN SOLUTION\n    b\n    ### END SOLUTION\nc"


def test_a_region_is_taken_out_with_its_markers() -> None:
    assert without_region(CELL, SOLUTION) == "a\nc"


def test_a_note_stands_where_the_region_was() -> None:
    assert without_region(CELL, SOLUTION, note="# gone") == "a\n# gone\nc"


def test_what_is_inside_a_region_is_read_without_its_markers() -> None:
    assert inside_region(CELL, SOLUTION) == "    b"


def test_markers_go_and_the_code_between_them_stays() -> None:
    assert without_markers(CELL, SOLUTION) == "a\n    b\nc"


def test_one_kind_of_region_leaves_the_other_alone() -> None:
    assert not has_region(CELL, HIDDEN_TESTS)
    assert without_region(CELL, HIDDEN_TESTS) == CELL


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("### BEGIN SOLUTION\nx", "BEGIN SOLUTION in line 1 is never closed"),
        ("x\n### END SOLUTION", "END SOLUTION in line 2 closes nothing"),
        (
            "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
            "BEGIN SOLUTION in line 2 is inside another region",
        ),
        ("### BEGIN SOLUTION\n### END HIDDEN TESTS", "END HIDDEN TESTS in line 2 closes nothing"),
    ],
)
def test_unpaired_delimiters_are_named_with_their_line(source: str, fault: str) -> None:
    assert fault in faults(source)


def test_paired_delimiters_are_no_fault() -> None:
    assert faults(CELL) == []
