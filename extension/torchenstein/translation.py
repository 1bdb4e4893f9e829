"""The learner's sentences in the language of the page.

    _("The result is {shape}.", shape="(2, 3)")

finds the English sentence in the catalogue of the language and then puts the values in. Catalogues
are gettext's, `torchenstein.mo`, and come as JupyterLab's own do: in a language pack (entry point
`jupyterlab.languagepack`) or in a package that brings those of one extension along
(`jupyterlab.locale`). Nothing is looked for while the page is in English.

Code, names of operations and dimensions, and the words of the protocol are no sentences.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import Protocol

DOMAIN = "torchenstein"
ENGLISH = "en"

log = logging.getLogger(__name__)


class Catalogue(Protocol):
    """What gettext makes of a `.mo` file."""

    def gettext(self, message: str) -> str: ...

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str: ...


_catalogue: Catalogue | None = None


def speak(language: object) -> None:
    """Say what follows in `language`, a code such as de or pt-BR; English for any other value."""
    global _catalogue
    code = language.replace("-", "_") if type(language) is str else ENGLISH
    _catalogue = _installed(code) if code != ENGLISH else None


def language() -> object:
    """Stands for the language that is spoken now: another one is not equal to it."""
    return _catalogue


def _(message: str, /, **values: object) -> str:
    """The sentence, `values` put in for the names in its braces."""
    # Read once: the page may be answered on another thread, too.
    catalogue = _catalogue
    found = message if catalogue is None else catalogue.gettext(message)
    return _filled(found, message, values)


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """The sentence for `number` things, which it may call {number}."""
    values = {"number": number, **values}
    english, catalogue = one if number == 1 else many, _catalogue
    found = english if catalogue is None else catalogue.ngettext(one, many, number)
    return _filled(found, english, values)


def N_(message: str, /) -> str:
    """Marks a sentence that `_` will be asked for later."""
    return message


def _filled(found: str, english: str, values: dict[str, object]) -> str:
    if not values:
        return found
    try:
        return found.format_map(values)
    except Exception as problem:
        # A slip in a translation: a name that is not there, a brace too many.
        log.debug("translation of %r", english, exc_info=problem)
        return english.format_map(values)


@cache
def _installed(code: str) -> Catalogue | None:
    """The catalogues of a language, one behind the other; None where there are none."""
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:_[A-Za-z0-9]+)*", code):
        return None
    # Loaded here, for the few who need them.
    import gettext
    from importlib.metadata import entry_points
    from importlib.util import find_spec
    from pathlib import Path

    points = (
        *entry_points(group="jupyterlab.languagepack", name=code),
        *entry_points(group="jupyterlab.locale", name=DOMAIN),
    )
    found: gettext.NullTranslations | None = None
    for point in points:
        try:
            # Found, not imported: of the package only its folder is wanted.
            spec = find_spec(point.module)
            origin = spec.origin if spec is not None else None
            next_one = gettext.translation(DOMAIN, Path(origin or "").with_name("locale"), [code])
        except Exception as problem:
            log.debug("catalogue of %s", point.value, exc_info=problem)
            continue
        if found is None:
            found = next_one
        else:
            found.add_fallback(next_one)
    return found
