"""The list of live tensors: a Snapshot of the protocol, made of metadata alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ..translation import _
from .metadata import quiet
from .plain import Json, encodable
from .survey import Namespace, Survey, loaded_torch
from .walk import Walk

# Of one module or container, so that a single one does not push the others off the list.
MOST_OF_MODULE = 500
MOST_OF_CONTAINER = 100


def snapshot(namespace: Namespace, limit: int) -> Json:
    """The first `limit` tensors of `namespace`, and the memory of all of them in bytes."""
    torch = loaded_torch()
    if torch is None:
        return _content(None, _("This kernel has not imported torch yet."))
    survey = Survey(namespace, torch)
    listed = islice(_listed(survey.walk), limit)
    with quiet(torch):
        tensors = [survey.summary(position) for position in listed]
    omitted = len(survey.found) - len(tensors)
    message = None
    if not survey.found:
        message = _("No tensors yet.")
    elif omitted:
        message = _(
            "{omitted:,} of {found:,} tensors are not listed.",
            omitted=omitted,
            found=len(survey.found),
        )
    return _content(
        encodable(str(torch.__version__)),
        message,
        tensors=tensors,
        groups=_groups(survey.walk, tensors),
        found=len(survey.found),
        omitted=omitted,
        complete=survey.complete,
        storage_bytes=sum(survey.blocks.bytes.values()),
        devices=[{"device": device, "bytes": size} for device, size in survey.blocks.bytes.items()],
    )


def _content(torch: str | None, message: str | None, **known: object) -> Json:
    nothing: Json = {"tensors": [], "groups": [], "found": 0, "omitted": 0}
    nothing |= {"complete": True, "storage_bytes": 0, "devices": []}
    return {"kind": "snapshot", "torch": torch, "message": message, **nothing, **known}


def _listed(walk: Walk) -> Iterator[int]:
    """Positions in the survey's list, without what exceeds the share of its group."""
    yield from range(len(walk.plain))
    start = len(walk.plain)
    for group in walk.groups:
        share = MOST_OF_MODULE if group.type == "module" else MOST_OF_CONTAINER
        yield from range(start, start + min(share, len(group.members)))
        start += len(group.members)


def _groups(walk: Walk, tensors: list[Json]) -> list[Json]:
    listed: dict[str, int] = {}
    for tensor in tensors:
        if tensor["group"] is not None:
            listed[tensor["group"]] = listed.get(tensor["group"], 0) + 1
    return [
        {
            "name": group.name,
            "type": group.type,
            "found": len(group.members),
            "omitted": len(group.members) - listed.get(group.name, 0),
        }
        for group in walk.groups
    ]
