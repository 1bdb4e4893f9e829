"""The kinds of warnings, from kinds.toml: a name, a title and a sentence about it each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is what settings and messages call it; the others are for the reader."""

    name: str
    title: str
    about: str


KINDS: dict[str, Kind] = {
    name: Kind(name, **texts)
    for name, texts in tomllib.loads(
        files(__package__).joinpath("kinds.toml").read_text(encoding="utf-8")
    ).items()
}
