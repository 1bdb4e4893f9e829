"""Every number a lesson is held to, in one table."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Limits:
    """The bar; a test or a course may make another with `dataclasses.replace`.

    Pairs are (least, most). Times are in seconds, minutes are a learner's.
    """

    objectives: tuple[int, int] = (3, 5)
    lesson_minutes: tuple[int, int] = (60, 90)
    exercises: tuple[int, int] = (3, 6)
    exercise_minutes: int = 25
    easy: int = 2
    hard: int = 4
    prose_words: tuple[int, int] = (1200, 2500)
    hook_words: int = 120
    voice_share: float = 0.15
    hint_words: tuple[int, int] = (80, 160)
    outline_words: tuple[int, int] = (40, 200)
    code_cells: tuple[int, int] = (12, 30)
    cell_lines: int = 25
    test_lines: int = 40  # of a test cell, those that a learner sees
    line_width: int = 140
    predictions: int = 3
    asserts: int = 2
    data_bytes: int = 200_000

    open_examples: tuple[int, int] = (1, 3)
    checks: int = 6
    mistakes: int = 3
    alternatives: int = 1

    cell_seconds: float = 5.0
    source_seconds: float = 20.0
    student_seconds: float = 10.0
    stop_seconds: float = 60.0
    memory_mib: int = 1024

    seeds: tuple[int, ...] = (0, 1, 2)
    threads: tuple[int, ...] = (1, 2)
    dtypes: tuple[str, ...] = ("float32", "float64")

    def for_overview(self) -> "Limits":
        """What holds for a module's overview, which is read in minutes and grades nothing."""
        return replace(
            self,
            lesson_minutes=(5, 30),
            exercises=(0, 0),
            prose_words=(250, 1200),
            code_cells=(1, 12),
            predictions=0,
            asserts=0,
        )
