"""Every lesson, every kind of submission: three graders, one verdict."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from torchgrade.engine.engine import FORKS, Engine
from torchgrade.nbgrader.rules import TEST_PREFIX
from torchgrade.verify.columns import plain_notebook
from torchgrade.verify.lesson import read_lesson

from tests.autograder.same_grades.conftest import AGREED
from tests.autograder.same_grades.graders import by_engine, by_nbgrader
from tests.autograder.same_grades.submissions import submissions

# The largest first: none is left for one process alone while the other has nothing to do.
LESSONS = sorted(
    Path(__file__).parents[3].glob("source/*/*.ipynb"), key=lambda path: -path.stat().st_size
)

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not FORKS, reason="the engine's own kernels are tested elsewhere"),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: f"{path.parent.name[:2]}-{path.stem}")
def test_three_graders_agree(
    path: Path, engine: Engine, record_property: Callable[[str, object], None], tmp_path: Path
) -> None:
    handed_in = submissions(path)
    given = plain_notebook(read_lesson(path).notebook)
    tally = Counter[str]()  # verdicts by kind of submission
    with ThreadPoolExecutor(1) as pool:
        engines = [partial(by_engine, engine, given, judge=judge) for judge in (False, True)]
        running = [pool.map(grade, handed_in) for grade in engines]
        stock = by_nbgrader(handed_in, tmp_path)
    differ = []
    for submission, expected, together, judged in zip(handed_in, stock, *running, strict=True):
        for ours in (together, judged):
            assert [name for name, _ in ours] == [name for name, _ in expected]
        for (name, one), (_, two), (_, three) in zip(expected, together, judged, strict=True):
            tally[submission.kind] += 1
            if not (one == two == three):
                answer = submission.answer(name.removeprefix(TEST_PREFIX))
                says = f"nbgrader: {one}\none process: {two}\njudge: {three}"
                differ.append(f"{submission.kind} of {name}:\n{answer}\n{says}")
    record_property(AGREED, (f"{path.parent.name[:2]}/{path.stem}", dict(tally)))
    assert not differ, "\n\n".join(differ)
