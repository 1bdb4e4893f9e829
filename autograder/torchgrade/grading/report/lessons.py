"""What a class can do and what it cannot: figures for each exercise."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from torchgrade.grading.report.scores import STANDINGS, Exercise, Standing

ENOUGH = 5
"""A test that judged fewer submissions says nothing about the test."""
NEARLY_ALL = 0.9
"""A test that fails this share of the submissions it judged is too hard, or wrong."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A named mistake, and who made it; `share` is of those whose exercise was judged."""

    sentence: str
    students: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class CheckUse:
    """One check of an exercise: how many submissions it judged, and how many it failed.

    An open example may fail nobody: it is there to be run until it passes.
    """

    notebook: str
    exercise: str
    title: str
    open: bool
    judged: int
    failed: int

    @property
    def share(self) -> float:
        """The share that failed, of those judged."""
        return self.failed / self.judged if self.judged else 0.0

    @property
    def never_failed(self) -> bool:
        return self.judged >= ENOUGH and not self.failed and not self.open

    @property
    def nearly_always_failed(self) -> bool:
        return self.judged >= ENOUGH and self.share >= NEARLY_ALL


@dataclass(frozen=True, slots=True)
class ExerciseFigures:
    """One exercise over the class.

    Attributes:
        counts: how many students by standing, in the order of `STANDINGS`.
        mean_share: mean of points by maximum over those not waiting; None where there is none.
        lost: points that the class did not get, those who wait for a person left out.
    """

    notebook: str
    name: str
    max_points: float
    counts: dict[Standing, int]
    mean_share: float | None
    lost: float
    mistakes: tuple[Mistake, ...]
    checks: tuple[CheckUse, ...]

    @property
    def students(self) -> int:
        return sum(self.counts.values())


def exercise_figures(exercise: Exercise) -> ExerciseFigures:
    """Count one exercise."""
    standings = Counter(score.standing for score in exercise.scores)
    settled = [score.points for score in exercise.scores if score.standing != "waiting"]
    worth = exercise.max_points
    return ExerciseFigures(
        exercise.notebook,
        exercise.name,
        worth,
        {standing: standings[standing] for standing in STANDINGS},
        sum(settled) / len(settled) / worth if settled and worth else None,
        sum(max(0.0, worth - points) for points in settled),
        _mistakes(exercise),
        _checks(exercise),
    )


def teach_next(figures: Sequence[ExerciseFigures], most: int = 5) -> list[ExerciseFigures]:
    """The exercises at which the class lost most points."""
    losing = [one for one in figures if one.lost > 0]
    return sorted(losing, key=lambda one: -one.lost)[:most]


def _mistakes(exercise: Exercise) -> tuple[Mistake, ...]:
    made: dict[str, list[str]] = {}
    judged = 0
    for score in exercise.scores:
        if score.test is None or not score.test.exercise:
            continue
        judged += 1
        for sentence in {one.mistake for one in score.test.checks if one.mistake}:
            made.setdefault(sentence, []).append(score.student)
    mistakes = [Mistake(text, tuple(who), len(who) / judged) for text, who in made.items()]
    return tuple(sorted(mistakes, key=lambda one: (-len(one.students), one.sentence)))


def _checks(exercise: Exercise) -> tuple[CheckUse, ...]:
    judged: Counter[tuple[str, bool]] = Counter()
    failed: Counter[tuple[str, bool]] = Counter()
    for score in exercise.scores:
        for check in score.test.checks if score.test else ():
            if check.status not in ("unfinished", "skipped"):
                judged[check.title, check.open] += 1
                failed[check.title, check.open] += check.status != "passed"
    return tuple(
        CheckUse(exercise.notebook, exercise.name, *check, judged[check], failed[check])
        for check in judged
    )
