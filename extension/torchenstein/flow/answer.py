"""The answer to the page's question for the flow: Flow of the protocol."""

from __future__ import annotations

from ..inspector.plain import Json
from . import tracer


def flow(since: int, trace: str | None) -> Json:
    """The flow of the cell traced last, its graph only where it is newer than revision `since`.

    `trace` is the id of the cell whose next run shall be traced, "" for none any more; None changes
    nothing.
    """
    found = tracer()
    if trace is not None:
        found.wait_for(trace or None)
    return {
        "kind": "flow",
        "state": found.state,
        "revision": found.revision,
        "cell_id": found.cell_id,
        "problem": found.problem,
        "graph": found.graph if found.revision > since else None,
    }
