"""What a name says of the number behind it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

_GROUPS = tomllib.loads(files(__package__).joinpath("names.toml").read_text(encoding="utf-8"))


@cache
def group_of(name: str) -> str | None:
    """loss or score, None for a name that speaks of neither."""
    lower = name.lower()
    words = set(re.findall(r"[a-z]+\d?", lower))
    words |= {singular(word) for word in words}
    for group, names in _GROUPS.items():
        if words & set(names["words"]) or any(part in lower for part in names["parts"]):
            return str(group)
    return None


def singular(name: str) -> str:
    """`train_losses` becomes `train_loss`: how one of a list is likely to be called."""
    return re.sub(r"(?<=s)es$|(?<=[^s])s$", "", name)
