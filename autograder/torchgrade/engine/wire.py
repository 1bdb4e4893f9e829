"""The frames between the judge and the learner's process: JSON of plain types, and safetensors.

Nothing is ever unpickled. What arrives is read as if an enemy had written it: every length is
checked before memory is taken for it, and anything that is not exactly what is written here raises
`Malformed`.
"""

import base64
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from torchgrade.check.plain import NotPlain, is_plain_tensor
from torchgrade.engine.channel import HEADER, MOST_TENSORS, Malformed, Message

DEEPEST = 60
TAG = "~"
DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in vars(torch).values()
    if isinstance(dtype, torch.dtype)
}


def pack(message: Message, foreign: Callable[[Any], Any] | None = None) -> bytes:
    """A message as a frame.

    Args:
        foreign: is given what is no plain data and returns plain data in its place.

    Raises:
        NotPlain: naming the type that cannot be sent.
    """
    tensors: list[torch.Tensor] = []
    value = _lower(message, tensors, foreign, 0)
    try:
        text = json.dumps(value, separators=(",", ":")).encode()
    except ValueError as error:  # an integer of more than 4300 digits
        raise NotPlain("a number too large to send") from error
    blob = save({str(index): tensor for index, tensor in enumerate(tensors)}) if tensors else b""
    return HEADER.pack(len(text), len(blob)) + text + blob


def unpack(text: bytes, blob: bytes) -> Message:
    """The message of a frame whose two parts are given.

    Raises:
        Malformed: for anything that `pack` would not have written.
    """
    try:
        value = json.loads(text)
        tensors = load(blob) if blob else {}
        message = _raise(value, tensors)
    except Malformed:
        raise
    except (ValueError, RecursionError, SafetensorError, KeyError, TypeError, RuntimeError,
            OverflowError, AttributeError) as error:  # fmt: skip
        raise Malformed(f"{type(error).__name__}: {error}") from error
    if not isinstance(message, dict) or not all(isinstance(key, str) for key in message):
        raise Malformed("a message is a dictionary with names")
    return message


def unpack_frame(frame: bytes) -> Message:
    """The message of a whole frame.

    Raises:
        Malformed: as `unpack`.
    """
    start = HEADER.size
    if len(frame) < start or sum(HEADER.unpack_from(frame)) != len(frame) - start:
        raise Malformed("a frame of another length than it says")
    middle = start + HEADER.unpack_from(frame)[0]
    return unpack(frame[start:middle], frame[middle:])


class Handle:
    """Stands for an object that stays on the learner's side."""

    def __init__(self, number: int, kind: str, name: str) -> None:
        self.number, self.kind, self.name = number, kind, name


def _lower(
    value: Any, tensors: list[torch.Tensor], foreign: Callable[[Any], Any] | None, depth: int
) -> Any:
    if depth > DEEPEST:
        raise NotPlain(f"a value nested more than {DEEPEST} deep")

    def inner(item: Any) -> Any:
        return _lower(item, tensors, foreign, depth + 1)

    # Base types' own methods: a subclass may lie about itself, and only the base type is sent.
    if value is None or isinstance(value, bool):
        return value
    if is_plain_tensor(value):
        return _lower_tensor(value, tensors)
    if isinstance(value, int):
        return int.__pos__(value)
    if isinstance(value, float):
        return float.__pos__(value)
    if isinstance(value, str):
        return str.__getitem__(value, slice(None))
    if isinstance(value, torch.Size):
        return {TAG: "size", "of": [int(size) for size in tuple.__iter__(value)]}
    if isinstance(value, tuple):
        return {TAG: "tuple", "of": [inner(item) for item in tuple.__iter__(value)]}
    if isinstance(value, list):
        return [inner(item) for item in list.__iter__(value)]
    if isinstance(value, dict):
        items = list(dict.items(value))
        if all(type(key) is str and key != TAG for key, _ in items):
            return {key: inner(item) for key, item in items}
        return {TAG: "dict", "of": [[inner(key), inner(item)] for key, item in items]}
    if isinstance(value, complex):
        return {TAG: "complex", "of": [value.real, value.imag]}
    if isinstance(value, bytes):
        return {TAG: "bytes", "of": base64.b64encode(value).decode()}
    if isinstance(value, torch.dtype):
        return {TAG: "dtype", "of": str(value).removeprefix("torch.")}
    if isinstance(value, torch.device):
        return {TAG: "device", "of": str(value)}
    if isinstance(value, slice):
        return {TAG: "slice", "of": [inner(value.start), inner(value.stop), inner(value.step)]}
    if value is Ellipsis:
        return {TAG: "ellipsis"}
    if isinstance(value, Handle):
        return {TAG: "handle", "of": [value.number, value.kind, value.name]}
    if foreign is not None:
        return inner(foreign(value))
    raise NotPlain(f"a {type(value).__name__}")


def _raise(value: Any, tensors: Mapping[str, torch.Tensor]) -> Any:
    if isinstance(value, list):
        return [_raise(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    tag = value.get(TAG)
    if tag is None:
        return {key: _raise(item, tensors) for key, item in value.items()}
    if tag == "ellipsis":
        return Ellipsis
    if tag == "tensor":
        return _raise_tensor(value, tensors)
    of = value["of"]
    if tag in ("dtype", "device", "bytes"):
        if not isinstance(of, str):
            raise Malformed(f"a {tag} that is no text")
        kinds: dict[str, Callable[[str], Any]] = {
            "dtype": DTYPES.__getitem__,
            "device": torch.device,
            "bytes": lambda text: base64.b64decode(text, validate=True),
        }
        return kinds[tag](of)
    if not isinstance(of, list):
        raise Malformed(f"a {tag} that is no list")
    match tag:
        case "tuple":
            return tuple(_raise(item, tensors) for item in of)
        case "size":
            return torch.Size(of)
        case "dict":
            return {_raise(key, tensors): _raise(item, tensors) for key, item in of}
        case "complex":
            return complex(float(of[0]), float(of[1]))
        case "slice":
            start, stop, step = (_raise(item, tensors) for item in of)
            return slice(start, stop, step)
        case "handle":
            number, kind, name = of
            if not (type(number) is int and type(kind) is str and type(name) is str):
                raise Malformed("a handle that is none")
            return Handle(number, kind, name[:80])
    raise Malformed(f"an unknown kind of value, {tag!r}")


def _lower_tensor(value: torch.Tensor, tensors: list[torch.Tensor]) -> Message:
    """A tensor's numbers with their layout, its device's name and whether it wants a gradient."""
    data = value.detach()
    facts: Message = {
        TAG: "tensor",
        "dtype": str(data.dtype).removeprefix("torch."),
        "size": list(data.shape),
        "device": str(data.device),
        "grad": bool(value.requires_grad),
    }
    if data.is_meta:
        return facts | {"stride": list(data.stride())}
    if data.is_quantized or data.is_nested:
        raise NotPlain("a quantised or nested tensor")
    if data.layout is not torch.strided:
        data, facts["layout"] = data.to_dense(), "sparse"
    if data.numel() * data.element_size() > MOST_TENSORS:
        raise NotPlain(f"a tensor of {data.numel() * data.element_size():,} bytes, too large")
    data = data.resolve_conj().resolve_neg()
    flat, stride = _flat(data)
    facts["stride"] = stride
    if flat.is_complex():
        flat = torch.view_as_real(flat)
    facts["at"] = len(tensors)
    tensors.append(flat.cpu().contiguous().clone())
    return facts


def _flat(data: torch.Tensor) -> tuple[torch.Tensor, list[int]]:
    """The span of memory that a tensor covers, and its strides."""
    if data.is_contiguous() or not data.numel() or 0 in data.stride():
        data = data.contiguous()
        return data.reshape(-1), list(data.stride())
    span = 1 + sum((size - 1) * step for size, step in zip(data.shape, data.stride(), strict=True))
    if span * data.element_size() > MOST_TENSORS:
        raise NotPlain("a tensor spread over too much memory")
    return data.as_strided((span,), (1,), data.storage_offset()), list(data.stride())


def _raise_tensor(facts: Message, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    dtype = DTYPES[facts["dtype"]]
    size, stride = facts["size"], facts["stride"]
    for numbers in (size, stride):
        if not isinstance(numbers, list) or not all(type(n) is int and n >= 0 for n in numbers):
            raise Malformed("sizes and strides are whole numbers")
    if len(size) != len(stride) or len(size) > 64:
        raise Malformed("as many strides as sizes")
    if "at" not in facts:
        if facts["device"] != "meta":
            raise Malformed("a tensor without numbers")
        result = torch.empty_strided(size, stride, dtype=dtype, device="meta")
        return result.requires_grad_(bool(facts["grad"]))
    flat = tensors[str(facts["at"])]
    if dtype.is_complex:
        flat = torch.view_as_complex(flat)
    last = 1 + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if flat.dtype != dtype or flat.dim() != 1 or (math.prod(size) and last > flat.numel()):
        raise Malformed("a tensor that does not fit its own description")
    result = flat.as_strided(size, stride) if math.prod(size) else flat.new_empty(size)
    if facts.get("layout") == "sparse":
        result = result.to_sparse()
    wants = bool(facts["grad"]) and (dtype.is_floating_point or dtype.is_complex)
    return result.requires_grad_() if wants else result
