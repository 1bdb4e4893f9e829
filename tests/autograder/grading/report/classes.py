"""Receipts and gradebooks of made-up classes."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ASSIGNMENT = "01_tensors"
MISTAKES = (
    "the size of a dimension is taken from the wrong end",
    "the mean is over the batch instead of over the features",
    "the result is a copy where a view was asked for",
)
LESSONS = {
    "01_introduction_to_tensors": ("make_grid", "count_elements", "to_tensor"),
    "02a_tensor_manipulation": ("pick_rows", "swap_axes", "stack_images", "cut_windows"),
    "06_broadcasting": ("outer_sum", "normalise", "pairwise_distance"),
}


def outcome(title: str, status: str = "passed", mistake: str | None = None) -> dict[str, Any]:
    """One check worth a point."""
    earned = float(status == "passed")
    return {"title": title, "status": status, "points": earned, "max_points": 1.0,
            "message": [], "mistake": mistake}  # fmt: skip


def exercise(name: str, status: str, *checks: dict[str, Any]) -> dict[str, Any]:
    """A test cell's result, with a report."""
    points = 0.0 if status == "unfinished" else sum(one["points"] for one in checks)
    report = {"version": 1, "exercise": name, "status": status, "points": points,
              "max_points": 2.0, "mistake": None, "summary": "",
              "checks": list(checks)}  # fmt: skip
    return {"grade_id": f"test_{name}", "report": report, "score": points, "seconds": 0.1,
            "ended": ""}  # fmt: skip


def plain_test(grade_id: str, score: float | None, ended: str = "") -> dict[str, Any]:
    """The result of a test cell that is no exercise of ours."""
    return {"grade_id": grade_id, "report": None, "score": score, "seconds": 0.1, "ended": ended}


def notebook(
    *tests: dict[str, Any],
    cells: Mapping[str, float] | None = None,
    stages: Mapping[str, float] | None = None,
    problems: Sequence[str] = (),
    layers: Sequence[tuple[str, bool, str]] = (),
    entered: bool = True,
) -> dict[str, Any]:
    """One notebook's entry in a receipt."""
    return {
        "key": {},
        "entered": entered,
        "result": {
            "name": "",
            "tests": list(tests),
            "cells": dict(cells or {}),
            "problems": list(problems),
            "layers": [
                {"name": name, "active": active, "detail": detail}
                for name, active, detail in layers
            ],
            "stages": dict(stages or {}),
            "memory_mib": {},
        },
    }


def write_receipt(course: Path, student: str, notebooks: Mapping[str, Any]) -> Path:
    """Write a receipt as the batch grader does."""
    path = course / ".torchgrade" / "receipts" / ASSIGNMENT / f"{student}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = {"version": 1, "student": student, "assignment": ASSIGNMENT, "notebooks": notebooks}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def write_class(course: Path, students: int, seed: int = 0) -> None:
    """Receipts of a class of three lessons, with the troubles that a real class has."""
    chance = random.Random(seed)
    for number in range(students):
        skill = chance.betavariate(4, 2)
        notebooks = {
            lesson: _lesson(chance, names, skill)
            for lesson, names in LESSONS.items()
            if chance.random() < 0.97
        }
        write_receipt(course, f"student_{number:04}", notebooks)


def _lesson(chance: random.Random, names: Sequence[str], skill: float) -> dict[str, Any]:
    tests = [_attempt(chance, name, skill - 0.06 * place) for place, name in enumerate(names)]
    cells = {f"{name}-{part}": chance.lognormvariate(-4, 0.6) for name in names for part in "abcd"}
    problems = []
    if chance.random() < 0.02:
        problems = [f"test_{names[0]}: the process ended (memory limit of 4096 MiB)"]
        cells[f"{names[0]}-a"] = 30.0
    elif chance.random() < 0.02:
        problems = ["cell 7: output was cut after 512 KiB"]
    stages = {"start": 0.03, "cells": sum(cells.values()), "tests": 0.09 + 0.05 * chance.random()}
    layers = [
        ("namespaces", True, ""),
        ("Landlock", chance.random() < 0.9, "the kernel of one worker is older than 5.13"),
        ("seccomp", True, ""),
        ("limits", True, ""),
    ]
    return notebook(*tests, cells=cells, stages=stages, problems=problems, layers=layers)


def _attempt(chance: random.Random, name: str, skill: float) -> dict[str, Any]:
    if chance.random() < 0.05:
        return exercise(name, "unfinished", outcome("shape of a batch", "unfinished"))
    first = chance.random() < skill + 0.25
    second = chance.random() < (0.05 if name == "cut_windows" else skill)
    mistake = chance.choice([*MISTAKES, MISTAKES[0], None])
    status = {0: "failed", 1: "partial", 2: "passed"}[first + second]
    return exercise(
        name,
        status,
        {**outcome("an open example"), "points": 0.0, "max_points": 0.0},
        outcome("shape of a batch", "passed" if first else "failed", None if first else mistake),
        outcome("values on odd sizes", "passed" if second else "failed",
                None if second else mistake),
    )  # fmt: skip
