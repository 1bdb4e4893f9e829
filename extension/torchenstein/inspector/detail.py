"""One tensor opened, a TensorDetail of the protocol. Reads elements, leaves all as it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..translation import _
from .elements import Elements, Unreadable
from .figures import histogram, reals, statistics
from .heatmap import heatmap
from .metadata import Metadata, quiet, undispatched
from .plain import Json, class_name
from .survey import Namespace, Survey, loaded_torch

FIRST = 8


def detail(namespace: Namespace, name: str, max_cells: int, index: Sequence[int]) -> Json | None:
    """The tensor a snapshot calls `name`, leading dimensions at `index`; None if it is gone."""
    torch = loaded_torch()
    if torch is None:
        return None
    survey = Survey(namespace, torch)
    positions = (at for at, found in enumerate(survey.found) if found.name == name)
    position = next(positions, None)
    if position is None:
        return None
    # No grad and no modes: nothing is recorded, and no mode of the learner sees our operations.
    with quiet(torch), torch.no_grad(), undispatched():
        content = _read(torch, survey.found[position].tensor, max_cells, index)
        return {"kind": "detail", "summary": survey.summary(position), **content}


def _read(torch: Any, tensor: Any, max_cells: int, index: Sequence[int]) -> Json:
    content: Json = {"read": 0, "sampled": False, "statistics": None, "histogram": None}
    content |= {"heatmap": None, "values": [], "values_complete": False, "notes": []}
    try:
        elements = Elements(torch, Metadata(torch), tensor)
        content["notes"] += elements.notes
        if elements.count == 0:
            content["values_complete"] = True
            raise Unreadable(_("It has no elements."))
        return content | _figures(torch, elements, max_cells, index)
    except Unreadable as reason:
        content["notes"].append(str(reason))
    except Exception as problem:
        # An exotic dtype or device may lack an operation; its metadata is still worth showing.
        error = class_name(problem)
        content["notes"].append(_("Its elements cannot be read ({error}).", error=error))
    return content


def _figures(torch: Any, elements: Elements, max_cells: int, index: Sequence[int]) -> Json:
    sample = elements.sample()
    numbers = reals(torch, sample)
    read = numbers.numel()
    notes = list(elements.notes)
    if read < elements.count:
        notes.append(
            _(
                "Statistics and histogram are of {read:,} of {count:,} elements.",
                read=read,
                count=elements.count,
            )
        )
    if sample.is_complex():
        notes.append(_("Complex numbers are shown by their magnitude."))
    whole = not (sample.is_complex() or sample.is_floating_point())
    values = [_text(value) for value in elements.first(FIRST)]
    return {
        "read": read,
        "sampled": read < elements.count,
        "statistics": statistics(torch, numbers),
        "histogram": histogram(torch, numbers, whole),
        "heatmap": heatmap(torch, elements, max_cells, index) if elements.whole else None,
        "values": values,
        "values_complete": elements.whole and len(values) == elements.count,
        "notes": notes,
    }


def _text(value: bool | int | float | complex) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4g}"
