"""Frames: what goes in comes out, and what an enemy writes is refused."""

import json
import math
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchgrade.check.plain import NotPlain, is_plain_tensor
from torchgrade.engine.channel import HEADER, MOST_JSON, Channel, Closed, Malformed, TooSlow
from torchgrade.engine.wire import pack, unpack

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.complex_numbers()
    | st.sampled_from([torch.float32, torch.int64, torch.device("cuda:1"), torch.Size([2, 0])])
)
PLAIN = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers() | st.tuples(st.integers()), inner)
    ),
    max_leaves=20,
)


def crossed(value: Any) -> Any:
    frame = pack({"value": value})
    text, blob = HEADER.unpack_from(frame)
    assert len(frame) == HEADER.size + text + blob
    return unpack(frame[HEADER.size : HEADER.size + text], frame[HEADER.size + text :])["value"]


def same(one: Any, other: Any) -> bool:
    """Equal in type and value, NaN included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one), list(other)) and same(list(one.values()), list(other.values()))
    if isinstance(one, complex):
        return same([one.real, one.imag], [other.real, other.imag])
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


@given(PLAIN)
def test_plain_values_come_through(value: Any) -> None:
    assert same(crossed(value), value)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.randn(3, 4),
        torch.randn(3, 4).T,
        torch.arange(24).reshape(2, 3, 4)[:, ::2, 1:],
        torch.ones(0, 3),
        torch.tensor(7),
        torch.tensor([True, False]),
        torch.randn(2, 2, dtype=torch.complex64).conj(),
        torch.randn(3, dtype=torch.float64).to(torch.bfloat16),
        torch.ones(3).to(torch.float8_e4m3fn),
        torch.ones(2, 3, requires_grad=True),
        torch.nn.Parameter(torch.ones(2)),
        torch.arange(6.0).as_strided((3, 2), (1, 1)),
    ],
)
def test_tensors_come_through_with_their_strides(tensor: torch.Tensor) -> None:
    got = crossed([tensor])[0]
    assert got.dtype == tensor.dtype
    assert got.stride() == tensor.stride() or not tensor.numel()
    assert got.requires_grad == tensor.requires_grad
    assert torch.equal(got.detach().to(torch.complex128), tensor.detach().to(torch.complex128))


def test_expanded_tensors_come_through_as_copies() -> None:
    got = crossed(torch.ones(1, 3).expand(1000, 3))
    assert got.shape == (1000, 3)
    assert got.is_contiguous()


def test_tensors_without_numbers_and_sparse_ones() -> None:
    assert crossed(torch.empty(3, 2, device="meta")).is_meta
    sparse = crossed(torch.eye(3).to_sparse())
    assert sparse.layout is torch.sparse_coo
    assert torch.equal(sparse.to_dense(), torch.eye(3))


def test_a_subclass_is_sent_as_its_base_type() -> None:
    class Liar(float):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = float.__hash__

        def __pos__(self) -> float:
            return 1.0

    got = crossed(Liar(3.0))
    assert type(got) is float
    assert got == 3.0


@pytest.mark.parametrize(
    "value",
    [{1, 2}, object(), [lambda: 0], torch.nn.Linear(1, 1), 10**5000],
    ids=["a set", "an object", "a function inside", "a module", "an endless number"],
)
def test_what_is_no_plain_data_is_refused_by_name(value: Any) -> None:
    with pytest.raises(NotPlain):
        pack({"value": value})


def test_endless_nesting_is_refused() -> None:
    nest: list[Any] = []
    nest.append(nest)
    with pytest.raises(NotPlain, match="nested"):
        pack({"value": nest})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["~", "of", "at", "size", "stride", "dtype", "device", "grad", "x"]),
            inner
            | st.sampled_from(
                ["tensor", "tuple", "size", "dict", "complex", "bytes", "dtype", "device",
                 "slice", "handle", "ellipsis", "float32", "meta", "0"]
            ),
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(JUNK, st.binary(max_size=64))
def test_junk_is_a_message_or_malformed(value: Any, blob: bytes) -> None:
    for text in (json.dumps({"value": value}).encode(), json.dumps(value).encode(), blob):
        try:
            message = unpack(text, blob if value is None else b"")
        except Malformed:
            continue
        assert isinstance(message, dict)


def lying_frame(**facts: Any) -> tuple[bytes, bytes]:
    frame = pack({"value": torch.arange(6.0)})
    text, _ = HEADER.unpack_from(frame)
    message = json.loads(frame[HEADER.size : HEADER.size + text])
    message["value"].update(facts)
    return json.dumps(message).encode(), frame[HEADER.size + text :]


@pytest.mark.parametrize(
    "facts",
    [
        {"size": [7]},
        {"size": [2**40]},
        {"size": [-1]},
        {"size": [2, 3]},
        {"stride": [2]},
        {"stride": [-1]},
        {"stride": ["1"]},
        {"dtype": "int64"},
        {"dtype": "nonsense"},
        {"at": 5},
        {"size": [2] * 100, "stride": [1] * 100},
    ],
)
def test_a_tensor_that_lies_about_itself_is_malformed(facts: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        unpack(*lying_frame(**facts))


Ends = tuple[Channel, Channel]


@pytest.fixture
def ends() -> Iterator[Ends]:
    one, other = socket.socketpair()
    with one, other:
        yield Channel(one, True, unpack), Channel(other, True, unpack)


def test_messages_keep_their_borders(ends: Ends) -> None:
    one, other = ends
    for number in range(3):
        one.send(pack({"number": number, "data": torch.zeros(100)}))
    assert [other.receive()["number"] for _ in range(3)] == [0, 1, 2]


def test_a_length_beyond_the_limit_takes_no_memory(ends: Ends) -> None:
    one, other = ends
    one.link.send(struct.pack(">IQ", MOST_JSON + 1, 2**60))
    with pytest.raises(Malformed, match="larger"):
        other.receive(time.monotonic() + 5)


def test_silence_and_an_end_are_told_apart(ends: Ends) -> None:
    one, other = ends
    with pytest.raises(TooSlow):
        other.receive(time.monotonic() + 0.01)
    one.link.send(b"half")
    with pytest.raises(TooSlow):
        other.receive(time.monotonic() + 0.01)
    one.link.close()
    with pytest.raises(Closed):
        other.receive(time.monotonic() + 5)


def test_who_does_not_read_cannot_block_for_ever(ends: Ends) -> None:
    one, _ = ends
    with pytest.raises(TooSlow):
        one.send(b"x" * 10**7, time.monotonic() + 0.05)


def test_only_tensors_of_torch_itself_arrive() -> None:
    assert is_plain_tensor(crossed(torch.nn.Parameter(torch.ones(1))))
