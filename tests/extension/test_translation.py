"""Sentences in another language: where catalogues are found, and what a bad one can do: nothing."""

from __future__ import annotations

import ast
import string
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from hypothesis import given
from hypothesis import strategies as st
from torchenstein import inspector, translation
from torchenstein.translation import N_, _, ngettext, speak

from tests.extension.pseudo import CODE, english_in, spoken

KERNEL_SIDE = Path(translation.__file__).parent
HELLO = N_("{name} is here.")
LANGUAGE_PACK = "[jupyterlab.languagepack]\n{code} = {package}\n"
OF_ONE_EXTENSION = "[jupyterlab.locale]\ntorchenstein = {package}\n"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    translation._installed.cache_clear()
    yield
    speak(translation.ENGLISH)
    translation._installed.cache_clear()


class Packages:
    """Installs packages with catalogues into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(
        self,
        code: str,
        messages: dict[Any, Any],
        points: str = LANGUAGE_PACK,
        of: str | None = None,
    ) -> str:
        """The package with the messages in language `code`, and an entry point for `of`."""
        package = f"pack_{code}_{len(list(self.folder.iterdir()))}"
        place = self.folder / package / "locale" / code / "LC_MESSAGES"
        place.mkdir(parents=True)
        (self.folder / package / "__init__.py").write_text("raise SystemExit('imported')\n")
        catalog = Catalog(locale=code)
        for english, other in messages.items():
            catalog.add(english, other)
        with (place / "torchenstein.mo").open("wb") as file:
            write_mo(file, catalog)
        about = self.folder / f"{package}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(points.format(code=of or code, package=package))
        return package


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packages:
    monkeypatch.syspath_prepend(tmp_path)
    return Packages(tmp_path)


class Saying:
    """A catalogue that has the same for every message."""

    def __init__(self, said: str) -> None:
        self._said = said

    def gettext(self, message: str) -> str:
        return self._said

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self._said


@pytest.mark.parametrize("points", [LANGUAGE_PACK, OF_ONE_EXTENSION])
@pytest.mark.parametrize("code", ["de_DE", "de-DE"])
def test_speaks_the_language_of_an_installed_package(
    packages: Packages, points: str, code: str
) -> None:
    package = packages.install("de_DE", {HELLO: "{name} ist da."}, points)
    speak(code)
    assert _(HELLO, name="x") == "x ist da."
    assert _("Another sentence.") == "Another sentence."
    assert package not in sys.modules
    speak("en")
    assert _(HELLO, name="x") == "x is here."


def test_a_language_stands_in_for_that_of_a_country(packages: Packages) -> None:
    packages.install("de", {HELLO: "{name} ist da."}, OF_ONE_EXTENSION)
    speak("de-AT")
    assert _(HELLO, name="x") == "x ist da."


def test_what_one_package_lacks_another_may_have(packages: Packages) -> None:
    packages.install("de_DE", {HELLO: "{name} ist da."})
    packages.install("de_DE", {HELLO: "veraltet", "No.": "Nein."}, OF_ONE_EXTENSION)
    speak("de-DE")
    assert (_(HELLO, name="x"), _("No.")) == ("x ist da.", "Nein.")


def test_counts_as_the_language_does(packages: Packages) -> None:
    forms = ("{number} kanał", "{number} kanały", "{number} kanałów")
    packages.install("pl_PL", {("{number} channel", "{number} channels"): forms})
    english = ("{number} channel", "{number} channels")
    assert [ngettext(*english, n) for n in (1, 2)] == ["1 channel", "2 channels"]
    speak("pl-PL")
    assert [ngettext(*english, n) for n in (1, 2, 5)] == ["1 kanał", "2 kanały", "5 kanałów"]


@pytest.mark.parametrize(
    "language",
    ["tlh", "", "en-GB", "../../etc", "de_DE/../..", "C", "x" * 10_000, "\0", None, 7, ["de"], {}],
    ids=lambda language: repr(language)[:20],
)
def test_any_other_language_is_english(language: object) -> None:
    speak(language)
    assert _(HELLO, name="x") == "x is here."


def test_a_broken_catalogue_is_english(packages: Packages) -> None:
    package = packages.install("de_DE", {HELLO: "{name} ist da."})
    for file in (packages.folder / package).rglob("*.mo"):
        file.write_bytes(b"\xde\x12\x04\x95" + bytes(range(200)))
    speak("de-DE")
    assert _(HELLO, name="x") == "x is here."


def test_nothing_is_looked_for_while_the_page_is_in_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(**_options: object) -> None:
        raise AssertionError("looked for packages")

    monkeypatch.setattr(metadata, "entry_points", refuse)
    speak("en")
    assert _(HELLO, name="x") == "x is here."
    with pytest.raises(AssertionError):
        speak("de-DE")


@pytest.mark.parametrize(
    "said",
    ["{nobody} ist da.", "{name", "}", "{}", "{0}", "{name.nothing}", "{name:,}", "{name!z}"],
)
def test_a_slip_in_a_translation_gives_the_english_sentence(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(translation, "_catalogue", Saying(said))
    assert _(HELLO, name="x") == "x is here."
    assert ngettext("one", "{number} of {name}", 2, name="x") == "2 of x"


@given(said=st.text(alphabet="{}!:.[]0 name", max_size=20), name=st.text())
def test_no_translation_raises(said: str, name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translation, "_catalogue", Saying(said))
        assert type(_(HELLO, name=name)) is str


@given(name=st.text())
def test_what_is_put_in_stays_as_it_is(name: str) -> None:
    assert _(HELLO, name=name) == f"{name} is here."


def test_an_answer_is_in_the_language_that_is_asked_for_and_then_in_english() -> None:
    with spoken():
        assert not english_in(inspector.reply("snapshot", language=CODE).content["message"])
        assert english_in(inspector.reply("snapshot").content["message"])
        assert english_in(inspector.reply("snapshot", language={}).content["message"])


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every sentence of the kernel side that is marked, and the place where."""
    for path in sorted(KERNEL_SIDE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="_" | "ngettext")):
                    yield f"{path.relative_to(KERNEL_SIDE)}:{node.lineno}", node


def named(message: str) -> set[str]:
    """The names in the braces of a sentence."""
    return {name for _text, name, _spec, _as in string.Formatter().parse(message) if name}


def test_every_sentence_is_given_what_it_names() -> None:
    wrong = []
    for place, call in calls():
        messages = [a.value for a in call.args if isinstance(a, ast.Constant)]
        given = {keyword.arg for keyword in call.keywords if keyword.arg is not None}
        wanted = set().union(*(named(m) for m in messages if isinstance(m, str)))
        wanted -= {"number"} if len(call.args) == 3 else set()
        shared = any(keyword.arg is None for keyword in call.keywords)
        if messages and (not given <= wanted if shared else given != wanted):
            wrong.append((place, given ^ wanted))
    assert wrong == []


def test_translators_get_every_sentence() -> None:
    found = set()
    for _file, _line, message, _comments, _context in extract_from_dir(str(KERNEL_SIDE)):
        found |= {message} if isinstance(message, str) else set(message)
    literal = {
        argument.value
        for _place, call in calls()
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
    assert literal <= found
    assert len(found) > 400
