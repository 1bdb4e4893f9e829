"""A report runs no script of a submission; what a lesson says and a verdict shows stays."""

from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from torchgrade.check.report import Outcome, Report
from torchgrade.nbgrader.markup import QuietMarkup


def quiet(*cells: Any) -> list[Any]:
    nb, _ = QuietMarkup()(new_notebook(cells=list(cells)), {})  # as an exporter calls it
    return list(nb.cells)


def shown(data: dict[str, Any]) -> dict[str, Any]:
    output = new_output("display_data", data=data)
    return dict(quiet(new_code_cell("x", outputs=[output]))[0].outputs[0].data)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe srcdoc='<script>1</script>'></iframe>",
        "<svg onload=alert(1)></svg>",
        "<form action='/formgrader'><input></form>",
    ],
)
def test_live_markup_is_text_in_outputs_and_in_prose(html: str) -> None:
    prose = quiet(new_markdown_cell(html))[0].source
    for text in (shown({"text/html": html})["text/html"], prose):
        assert "<script" not in text
        assert "<iframe" not in text
        assert "<svg" not in text
        assert "<form" not in text
        assert "<img" not in text or "onerror" not in text
        assert "javascript:" not in text or "<a" not in text


def test_scripts_as_outputs_go() -> None:
    assert shown({"application/javascript": "alert(1)", "text/plain": "x"}) == {"text/plain": "x"}


def test_a_lessons_own_text_stays_as_it_is() -> None:
    text = "> a quote with `x > 0` & $a < b$\n\n<blockquote class='torchenstein-voice'>\n\nHo!\n"
    assert quiet(new_markdown_cell(text))[0].source == text


def test_a_verdict_keeps_its_words_and_its_looks() -> None:
    report = Report(
        "f", "failed", (Outcome("values", "failed", message=("expected 1",)),), 0.0, 2.0
    )
    html = shown({"text/html": report.html(), "text/plain": "0.0"})["text/html"]
    assert "expected 1" in html
    assert "border-left" in html
    assert 'role="status"' in html


@pytest.mark.parametrize("link", ["[x](javascript:alert(1))", "[x](&#106;avascript:alert(1))"])
def test_links_of_markdown_run_nothing(link: str) -> None:
    for text in (
        shown({"text/markdown": link})["text/markdown"],
        quiet(new_markdown_cell(link))[0].source,
    ):
        assert "javascript:" not in text
        assert "&#106;" not in text
