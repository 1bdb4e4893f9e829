"""Notebooks as the hint panel leaves them, for these tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Cell = dict[str, Any]
COURSE = {
    "title": "A course",
    "modules": [{"slug": "01_tensors", "title": "Tensors", "summary": "", "lessons": []}],
}


def put(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def answer(name: str, **progress: Any) -> Cell:
    metadata: dict[str, Any] = {
        "nbgrader": {"grade_id": name, "solution": True},
        "torchenstein": {"exercise": {"title": name}},
    }
    if progress:
        metadata["torchenstein"]["progress"] = progress
    return {"cell_type": "code", "source": "", "metadata": metadata}


def lesson(slug: str, *cells: object, title: object = "A lesson") -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"torchenstein": {"slug": slug, "title": title}},
        "cells": [{"cell_type": "markdown", "source": "# Text", "metadata": {}}, *cells],
    }
