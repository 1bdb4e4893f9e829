"""Statistics and histogram of numbers that are already on the CPU."""

from __future__ import annotations

from typing import Any

from .plain import Json, real

BINS = 32
# Above this, squares and sums of float64 may overflow, so numbers are scaled down first.
LARGE = 1e150
LARGEST = 1.7976931348623157e308


def reals(torch: Any, numbers: Any) -> Any:
    """`numbers`, of any shape and dtype, as float64; a complex number becomes its magnitude."""
    if numbers.is_complex():
        numbers = numbers.to(torch.complex128).abs()
    return numbers.to(torch.float64)


def statistics(torch: Any, numbers: Any) -> Json:
    """A Statistics of `numbers`, one dimension of float64."""
    nan = torch.isnan(numbers)
    inf = torch.isinf(numbers)
    finite = numbers[~(nan | inf)]
    count = finite.numel()
    known: Json = {"mean": None, "std": None, "min": None, "max": None}
    if count:
        low, high = finite.min().item(), finite.max().item()
        size = max(abs(low), abs(high))
        scale = size if size > LARGE else 1.0
        scaled = finite / scale
        known |= {"mean": real(scaled.mean().item() * scale), "min": real(low), "max": real(high)}
        if count > 1:
            known["std"] = real(scaled.std().item() * scale)
    zeros = int((numbers == 0).sum().item())
    return {**known, "nan": int(nan.sum().item()), "inf": int(inf.sum().item()), "zeros": zeros}


def histogram(torch: Any, numbers: Any, whole: bool) -> Json | None:
    """A Histogram of the finite ones of `numbers`, 1-D of float64; None where there are none.

    `whole` numbers in a small range get a bin each, around the number.
    """
    finite = numbers[torch.isfinite(numbers)]
    if finite.numel() == 0:
        return None
    low, high = finite.min().item(), finite.max().item()
    if whole and high - low < BINS:
        bins, start, width = int(high - low) + 1, low - 0.5, 1.0
    else:
        # Divided first: the distance of the two may be too large for a float.
        bins, start, width = BINS, low, high / BINS - low / BINS
    if not low < low + width < high + width:
        return _one_bin(low, high, finite.numel())
    places = ((finite / width) - (start / width)).floor().clamp(0, bins - 1).to(torch.int64)
    counts = torch.bincount(places, minlength=bins).tolist()
    edges = [min(max(start + i * width, -LARGEST), LARGEST) for i in range(bins)]
    last = start + bins * width if whole and width == 1.0 else high
    return {"edges": [*edges, max(last, edges[-1])], "counts": counts}


def _one_bin(low: float, high: float, count: int) -> Json:
    """All numbers in one bin: they are equal, or too close for a float to lie between."""
    margin = max(0.5, abs(low) / 100)
    edges = [max(low - margin, -LARGEST), min(high + margin, LARGEST)]
    return {"edges": edges, "counts": [count]}
