"""Two things that nbgrader prepares anew for every step of every submission, prepared once.

It makes an engine of SQLAlchemy, which compiles every statement, each time it opens the gradebook,
and proves its own schema at every cell. That is half of its work in autograding.
"""

from functools import cache
from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from nbgrader import api
from nbgrader.nbgraderformat import common

_proven: list[Any] = []


@cache
def prepare_once() -> None:
    """Let nbgrader keep both, in this process. It closes its connections as before."""
    api.create_engine = cache(api.create_engine)
    common.jsonschema = _Validating


class _Validating:
    """Stands for the module jsonschema, of which nbgrader uses one function."""

    @staticmethod
    def validate(instance: Any, schema: Any) -> None:
        kind = validator_for(schema)
        if schema not in _proven:
            kind.check_schema(schema)
            _proven.append(schema)
        if error := best_match(kind(schema).iter_errors(instance)):
            raise error
