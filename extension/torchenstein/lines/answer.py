"""The answer to the page's question for the lines: Lines of the protocol."""

from __future__ import annotations

from ..inspector.plain import Json
from . import install, recorder, uninstall


def lines(since: int, watch: bool | None) -> Json:
    """The cells with news after revision `since`; `watch` begins or ends the watching first."""
    if watch is not None:
        if watch:
            install()
        else:
            uninstall("lines")
    watching = recorder("lines")
    if watching is None:
        return {"kind": "lines", "watching": False, "revision": 0, "problem": None, "cells": []}
    cells = watching.cells
    # Read before the cells: what comes in between is told again rather than never.
    revision = cells.revision
    return {
        "kind": "lines",
        "watching": True,
        "revision": revision,
        "problem": cells.problem,
        "cells": [cell.content() for cell in cells.since(since)],
    }
