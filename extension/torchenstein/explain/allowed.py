"""What may be computed on the meta device: pure operations of torch, by name, from allowed.toml."""

from __future__ import annotations

import tomllib
from importlib.resources import files

_LISTS = tomllib.loads(files(__package__).joinpath("allowed.toml").read_text(encoding="utf-8"))
_NAMES = {kind: frozenset(names.split()) for kind, names in _LISTS.items()}

METHODS = _NAMES["methods"]
FUNCTIONS = _NAMES["functions"]
FUNCTIONAL = _NAMES["functional"]
FACTORIES = _NAMES["factories"]
ATTRIBUTES = _NAMES["attributes"]
KEEP_NAMES = _NAMES["keep_names"]
ELEMENTWISE = _NAMES["elementwise"]
LAYERS = _NAMES["layers"]
BUILTINS = _NAMES["builtins"]
