"""The answer to the page's question for warnings: Cautions of the protocol."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from .. import lines
from ..inspector.plain import Json, class_name
from ..lines.cells import Cell
from . import install, uninstall, watcher
from .watch import Watch, failure

log = logging.getLogger(__name__)


def cautions(
    namespace: Mapping[str, Any], since: int, watch: bool | None, off: frozenset[str] | None
) -> Json:
    """The cells with news after revision `since`, and what there is to warn of in each.

    `watch` begins or ends the watching first; `off` names the kinds that are switched off.
    """
    if watch is not None:
        if watch:
            install()
        else:
            uninstall()
    notes, recorder = watcher(), lines.recorder()
    if notes is None or recorder is None:
        return {"kind": "cautions", "watching": False, "revision": 0, "problem": None, "cells": []}
    if off is not None:
        notes.off = off
    revision, problem = recorder.cells.revision, None
    every = recorder.cells.since(0)
    told = []
    for cell in recorder.cells.since(since):
        try:
            told.append(_content(notes, cell, namespace, every))
            problem = notes.problem(cell) or problem
        except Exception as failed:
            problem = failure(class_name(failed))
            log.debug("cautions", exc_info=failed)
    return {
        "kind": "cautions",
        "watching": True,
        "revision": revision,
        "problem": problem,
        "cells": told,
    }


def _content(notes: Watch, cell: Cell, namespace: Mapping[str, Any], every: list[Cell]) -> Json:
    return {
        "cell_id": cell.cell_id,
        "execution_count": cell.count,
        "cautions": [caution.json() for caution in notes.cautions(cell, namespace, every)],
    }
