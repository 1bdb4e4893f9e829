"""Who owns which memory, and how much there is of it.

A tensor's place is the stretch of addresses of its storage. Stretches that overlap are one block,
so two storages over one numpy array count once, as do any number of views. Addresses are read,
memory is not.

Ten thousand tensors may pass through here. What is kept of each is a place and numbers: every
further object brings the garbage collector nearer, and its round takes longer than all of this.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """Where a storage lies: device, first address, size in bytes.

    `storage` tells those without memory apart. `rest` are the others of a tensor that has several.
    """

    device: str
    address: int
    bytes: int
    storage: int
    rest: tuple[Place, ...] = ()

    def bytes_of_all(self) -> int:
        """Bytes of the storages of the tensor, one that serves twice counted once."""
        if not self.rest:
            return self.bytes
        return sum({part.address: part.bytes for part in (self, *self.rest)}.values())


class Blocks:
    """The blocks that `places` make up; None stands for a place that cannot be seen."""

    def __init__(self, places: Sequence[Place | None]) -> None:
        ends: dict[str, dict[int, int]] = {}
        for place in places:
            if place is not None:
                _add(ends, place)
                for part in place.rest:
                    _add(ends, part)
        merged = {device: _merge(stretches) for device, stretches in ends.items()}
        self._starts = {device: starts for device, (starts, _) in merged.items()}
        self.bytes = {device: total for device, (_, total) in merged.items() if total}
        """Bytes of each device, every address counted once."""

    def block(self, place: Place) -> tuple[str, int]:
        """Equal for two places that share memory; without memory, for those of one storage."""
        if not (place.address and place.bytes):
            return ("", place.storage)
        starts = self._starts[place.device]
        return (place.device, starts[bisect_right(starts, place.address) - 1])


def _add(ends: dict[str, dict[int, int]], place: Place) -> None:
    of_device = ends.get(place.device)
    if of_device is None:
        of_device = ends[place.device] = {}
    end = place.address + place.bytes
    if of_device.get(place.address, 0) < end:
        of_device[place.address] = end


def _merge(ends: dict[int, int]) -> tuple[list[int], int]:
    """The first addresses of the blocks, ascending, and the bytes of all together."""
    starts: list[int] = []
    total = reached = 0
    for start in sorted(ends):
        end = ends[start]
        if end == start or not start:
            continue
        if start >= reached:
            starts.append(start)
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return starts, total


class Ties:
    """How tensors relate, by their positions. The first that is no view owns its block.

    `identities` are equal for two names of one object; `views` says which ones torch made as views.
    """

    def __init__(
        self,
        names: Sequence[str],
        identities: Sequence[int],
        views: Sequence[bool],
        places: Sequence[Place | None],
        blocks: Blocks,
    ) -> None:
        self._names, self._identities = names, identities
        self._views, self._places, self._blocks = views, places, blocks
        self._named: dict[int, int] = {}
        self._owners: dict[tuple[str, int], int] = {}
        for position, identity in enumerate(identities):
            self._named.setdefault(identity, position)
            place = places[position]
            if place is None:
                continue
            block = blocks.block(place)
            owner = self._owners.setdefault(block, position)
            if views[owner] and not views[position]:
                self._owners[block] = position

    def tie(self, position: int) -> tuple[str, str | None]:
        """`relation` and `view_of` of a TensorSummary."""
        named = self._named[self._identities[position]]
        if named != position:
            return "same object", self._names[named]
        place = self._places[position]
        if place is None:
            return "unknown", None
        owner = self._owners[self._blocks.block(place)]
        if owner != position:
            return "view", self._names[owner]
        # A view that stands for its block is one of a tensor that has no name any more.
        return ("view" if self._views[position] else "owns"), None
