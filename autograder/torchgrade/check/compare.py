"""Compare what came with what was expected, and say where they first differ.

Structure and shape are looked at before dtype, and values last. Values are compared on the CPU.
"""

import math
from typing import Any

import torch

from torchgrade.check.plain import is_plain_tensor

# (relative, absolute): tight enough to tell two methods apart, loose enough for another order of
# the same sums in that dtype.
TOLERANCES: dict[torch.dtype, tuple[float, float]] = {
    torch.float16: (2e-3, 1e-4),
    torch.bfloat16: (2e-2, 1e-3),
    torch.float32: (1e-5, 1e-6),
    torch.float64: (1e-9, 1e-10),
    torch.complex64: (1e-5, 1e-6),
    torch.complex128: (1e-9, 1e-10),
}
# Accelerators sum in other orders and may use shorter mantissas inside a matmul.
ACCELERATOR_SLACK = 20.0


def difference(
    expected: Any,
    got: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    slack: float = 1.0,
    path: str = "",
) -> list[str]:
    """Lines that say how `got` differs from `expected`; none when they agree.

    Args:
        rtol, atol: override the tolerance of the expected dtype.
        slack: factor on the default tolerance.
        path: where in a larger structure we are.
    """
    at = f" at {path}" if path else ""
    if got is None and expected is not None:
        # Inside a structure something was returned; only its part is None.
        question = "" if path else " (is a return missing?)"
        return [f"expected {kind(expected)}{at}, got None{question}"]
    options: dict[str, Any] = {"rtol": rtol, "atol": atol, "slack": slack}
    if is_plain_tensor(expected) or is_plain_tensor(got):
        if not (is_plain_tensor(expected) and is_plain_tensor(got)):
            return [f"expected {kind(expected)}{at}, got {kind(got)}"]
        return _tensors(expected, got, at, **options)
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return [f"expected {kind(expected)}{at}, got {kind(got)}"]
        return _dicts(expected, got, path, options)
    if isinstance(expected, (list, tuple)):
        if not isinstance(got, (list, tuple)) or isinstance(got, list) != isinstance(
            expected, list
        ):
            return [f"expected {kind(expected)}{at}, got {kind(got)}"]
        if len(expected) != len(got):
            return [f"expected {len(expected)} items{at}, got {len(got)}: {shown(got)}"]
        for index, (one, other) in enumerate(zip(expected, got, strict=True)):
            lines = difference(one, other, path=f"{path}[{index}]", **options)
            if lines:
                return lines
        return []
    return [] if _atoms_agree(expected, got, options) else [
        f"expected {shown(expected)}{at}, got {shown(got)}"
    ]  # fmt: skip


def kind(value: Any) -> str:
    """What a value is, in words a learner knows."""
    if is_plain_tensor(value):
        return f"a tensor of shape {tuple(value.shape)}"
    if value is None:
        return "None"
    article = "an" if type(value).__name__[0] in "aeiou" else "a"
    return f"{article} {type(value).__name__}"


def shown(value: Any) -> str:
    """A value in at most 80 characters."""
    if is_plain_tensor(value):
        text = str(value.tolist()) if value.numel() <= 12 and not value.is_meta else kind(value)
    else:
        text = f"{value:.6g}" if type(value) is float else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _dicts(
    expected: dict[Any, Any], got: dict[Any, Any], path: str, options: dict[str, Any]
) -> list[str]:
    at = f" at {path}" if path else ""
    missing = [key for key in expected if key not in got]
    extra = [key for key in got if key not in expected]
    if missing:
        return [f"the key {missing[0]!r} is missing{at}"]
    if extra:
        return [f"there is a key {extra[0]!r} too many{at}"]
    for key in expected:
        lines = difference(expected[key], got[key], path=f"{path}[{key!r}]", **options)
        if lines:
            return lines
    return []


def _atoms_agree(expected: Any, got: Any, options: dict[str, Any]) -> bool:
    numbers = (int, float, complex)
    if isinstance(expected, bool) or isinstance(got, bool):
        return type(expected) is type(got) and bool(expected == got)
    if isinstance(expected, numbers) and isinstance(got, numbers):
        if isinstance(expected, int) and isinstance(got, int):
            return bool(expected == got)
        if isinstance(expected, complex) or isinstance(got, complex):
            return abs(expected - got) <= 1e-6 * max(1.0, abs(expected))
        if math.isnan(expected) or math.isnan(got):
            return math.isnan(expected) and math.isnan(got)
        rtol = options["rtol"] if options["rtol"] is not None else 1e-5 * options["slack"]
        atol = options["atol"] if options["atol"] is not None else 1e-6 * options["slack"]
        return math.isclose(expected, got, rel_tol=rtol, abs_tol=atol)
    return type(expected) is type(got) and bool(expected == got)


def _tensors(
    expected: torch.Tensor,
    got: torch.Tensor,
    at: str,
    *,
    rtol: float | None,
    atol: float | None,
    slack: float,
) -> list[str]:
    if expected.shape != got.shape:
        lines = [f"expected shape {tuple(expected.shape)}{at}, got {tuple(got.shape)}"]
        if expected.numel() == got.numel() and expected.numel():
            lines.append("the number of elements agrees; their arrangement does not")
        return lines
    if expected.dtype != got.dtype:
        return [f"expected dtype {_short(expected.dtype)}{at}, got {_short(got.dtype)}"]
    if got.layout is not torch.strided and expected.layout is torch.strided:
        return [f"expected a dense tensor{at}, got a sparse one"]
    if got.is_meta and not expected.is_meta:
        return [f"expected numbers{at}, got a tensor on the device meta, which has none"]
    if expected.is_meta or not expected.numel():
        return []
    wide = torch.complex128 if expected.is_complex() else torch.float64
    exact = not (expected.is_floating_point() or expected.is_complex())
    one, other = (expected, got) if exact else (expected.to(wide), got.to(wide))
    default = TOLERANCES.get(expected.dtype, (0.0, 0.0))
    relative = default[0] * slack if rtol is None else rtol
    absolute = default[1] * slack if atol is None else atol
    if exact:
        wrong = one != other
    else:
        wrong = ~torch.isclose(other, one, rtol=relative, atol=absolute, equal_nan=True)
    count = int(wrong.sum())
    if not count:
        return []
    where = [int(index) for index in wrong.nonzero()[0]]
    position = f" at {where}" if where else ""
    pair = _distinct(expected[tuple(where)].item(), got[tuple(where)].item())
    lines = [f"first difference{at}{position}: expected {pair[0]}, got {pair[1]}"]
    if expected.numel() > 1:
        lines.append(f"{count} of {expected.numel()} elements differ")
    return lines


def _distinct(expected: Any, got: Any) -> tuple[str, str]:
    """Both numbers with the fewest digits that still tell them apart."""
    if isinstance(expected, float) and isinstance(got, float):
        for digits in (4, 6, 9, 17):
            one, other = f"{expected:.{digits}g}", f"{got:.{digits}g}"
            if one != other:
                return one, other
    return str(expected), str(got)


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
