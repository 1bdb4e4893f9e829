"""What named mistakes come to on the open examples, without the mistakes: the student version's.

A hidden test knows its named mistakes by their code. A student version is to name them, too, and
to give away neither that code nor what else can go wrong. So when it is made, each mistake is run
on the open examples, and of what it came to a salted hash is kept, with the mistake's sentence,
sealed by what was hashed: who makes the mistake can read its sentence, and no other one.
"""

import sys
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import shake_256
from typing import Any, Self

from torchgrade.check.fingerprint import firm, forms
from torchgrade.check.observe import Observation

KEY = "torchgrade"
ENTRY = "known"
VERSION = 1
LABEL = 8  # bytes of a hash


@dataclass
class Known:
    """Sentences by what came of the open examples; kept in the metadata of a test cell.

    Attributes:
        salt: makes the same result another hash in another exercise.
        outcomes: base64 of sealed sentences by the hash of check, call and what was seen. A line
            is `number sentence`; the numbers are the order in which the mistakes were declared.
    """

    salt: str
    outcomes: dict[str, str] = field(default_factory=dict)

    def learn(self, check: int, call: int, seen: Observation, number: int, sentence: str) -> bool:
        """Keep what a mistake comes to on a call; False where that has no fingerprint."""
        found = firm(seen)
        for form in found:
            mine = {**self._opened(check, call, form.text), number: sentence}
            lines = "\n".join(f"{one} {mine[one]}" for one in sorted(mine)).encode()
            label, pad = self._key(check, call, form.text, len(lines))
            self.outcomes[label] = b64encode(_xor(lines, pad)).decode()
        return bool(found)

    def named(self, check: int, failing: Mapping[int, Observation]) -> str | None:
        """The first declared mistake that looks like each of these failing calls, if one does."""
        found = [self._of(check, call, seen) for call, seen in failing.items()]
        shared = set(found[0]).intersection(*found[1:]) if found else set()
        return found[0][min(shared)] if shared else None

    def _of(self, check: int, call: int, seen: Observation) -> dict[int, str]:
        sentences: dict[int, str] = {}
        for form in forms(seen):
            sentences |= self._opened(check, call, form.text)
        return sentences

    def _opened(self, check: int, call: int, text: bytes) -> dict[int, str]:
        sealed = self.outcomes.get(self._key(check, call, text)[0], "")
        try:
            data = b64decode(sealed)
            lines = _xor(data, self._key(check, call, text, len(data))[1]).decode().splitlines()
            parts = [line.partition(" ") for line in lines]
            return {int(number): said for number, _, said in parts}
        except (TypeError, ValueError):  # metadata may be edited by anyone
            return {}

    def _key(self, check: int, call: int, text: bytes, size: int = 0) -> tuple[str, bytes]:
        """The label of an outcome, and `size` bytes that only who saw it can make."""
        stream = shake_256(f"{self.salt}\n{check} {call}\n".encode() + text).digest(LABEL + size)
        return stream[:LABEL].hex(), stream[LABEL:]

    def metadata(self) -> dict[str, Any]:
        """As it stands in a cell's metadata."""
        outcomes = dict(sorted(self.outcomes.items()))
        return {KEY: {ENTRY: {"version": VERSION, "salt": self.salt, "outcomes": outcomes}}}

    @classmethod
    def read(cls, metadata: Any) -> Self | None:
        """Read a cell's metadata; None where there is nothing that we understand."""
        entry = _inside(_inside(metadata, KEY), ENTRY)
        outcomes = _inside(entry, "outcomes")
        if _inside(entry, "version") != VERSION or not isinstance(outcomes, Mapping):
            return None
        return cls(str(_inside(entry, "salt")), dict(outcomes))


def carried() -> Known | None:
    """What the cell that is running carries, where the front end sends its metadata along.

    JupyterLab and Notebook do, with each request to run a cell.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    request: Any = getattr(shell, "get_parent", dict)()
    return Known.read(_inside(request, "metadata"))


def _inside(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None


def _xor(data: bytes, pad: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(data, pad, strict=True))
