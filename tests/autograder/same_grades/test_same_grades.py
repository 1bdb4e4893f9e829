"""Every lesson, every kind of submission: three graders, one verdict."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from torchgrade.engine.engine import FORKS, Engine
from torchgrade.engine.local import default_jobs
from torchgrade.nbgrader.rules import TEST_PREFIX
from torchgrade.verify.columns import plain_notebook
from torchgrade.verify.lesson import read_lesson

from tests.autograder.same_grades.graders import by_engine, by_nbgrader
from tests.autograder.same_grades.submissions import submissions

LESSONS = sorted(Path(__file__).parents[3].glob("source/*/*.ipynb"))
Tally = Counter[tuple[str, str]]  # verdicts by lesson and by kind of submission

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not FORKS, reason="the engine's own kernels are tested elsewhere"),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Counts verdicts, and shows them in a table at the end."""
    counted: Tally = Counter()
    yield counted
    kinds = list(dict.fromkeys(kind for _, kind in counted))
    lines = [f"{'verdicts that three graders agree on':<36}" + "".join(f"{k:>14}" for k in kinds)]
    for name in dict.fromkeys(lesson for lesson, _ in counted):
        lines.append(f"{name:<36}" + "".join(f"{counted[name, kind]:>14}" for kind in kinds))
    lines.append(f"{counted.total()} in all")
    plugins = request.config.pluginmanager
    with plugins.getplugin("capturemanager").global_and_fixture_disabled():
        plugins.getplugin("terminalreporter").write_line("\n" + "\n".join(lines))


@pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])
def test_three_graders_agree(path: Path, engine: Engine, tally: Tally, tmp_path: Path) -> None:
    handed_in = submissions(path)
    given = plain_notebook(read_lesson(path).notebook)
    with ThreadPoolExecutor(default_jobs([])) as pool:
        engines = [partial(by_engine, engine, given, judge=judge) for judge in (False, True)]
        running = [pool.map(grade, handed_in) for grade in engines]
        stock = by_nbgrader(handed_in, tmp_path)
    differ = []
    for submission, expected, together, judged in zip(handed_in, stock, *running, strict=True):
        for ours in (together, judged):
            assert [name for name, _ in ours] == [name for name, _ in expected]
        for (name, one), (_, two), (_, three) in zip(expected, together, judged, strict=True):
            tally[path.stem, submission.kind] += 1
            if not (one == two == three):
                answer = submission.answer(name.removeprefix(TEST_PREFIX))
                says = f"nbgrader: {one}\none process: {two}\njudge: {three}"
                differ.append(f"{submission.kind} of {name}:\n{answer}\n{says}")
    assert not differ, "\n\n".join(differ)
