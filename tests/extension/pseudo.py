"""A language that no one speaks: English in wide letters, so that what was not translated shows."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from torchenstein import translation

CODE = "xx"
WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in string.ascii_letters}
# Words of torch, Python and JSON, which are the same in every language.
CODE_WORDS = "bool cpu float float32 float64 int int32 int64 meta nan NaN inf torch softmax sigmoid"
# result += x[i, j], for i in range(3):, padding=1, "ij,jk->ik"
CODE_PARTS = re.compile(r"result \+?=|\w+\[[^\]]*\]|for \S+ in range\(\d+\):|\w+=\S+|\"[^\" ]*\"")


class Pseudo:
    """A catalogue with every message."""

    def gettext(self, message: str) -> str:
        parts = re.split(r"(\{[^{}]*\})", message)
        return "".join(p if p.startswith("{") else p.translate(WIDE) for p in parts)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@contextmanager
def spoken() -> Iterator[None]:
    """Where the kernel speaks it, for who asks in the language CODE and for who does not ask."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translation, "_installed", {CODE: Pseudo()}.get)
        translation.speak(CODE)
        try:
            yield
        finally:
            translation.speak(translation.ENGLISH)


def english_in(text: str, *code: str) -> list[str]:
    """The words that were not translated, without those of the learner's code."""
    known = set(re.findall(r"\w+", " ".join((CODE_WORDS, *code))))
    words = re.findall(r"(?<![\w.])[A-Za-z]\w+", CODE_PARTS.sub(" ", text))
    return [word for word in words if word.isascii() and word not in known]
