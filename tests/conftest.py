"""What all tests share."""

import pytest

# Without this an assertion in a helper module says only that it failed.
pytest.register_assert_rewrite(
    "tests.autograder", "tests.classroom", "tests.course", "tests.extension"
)
