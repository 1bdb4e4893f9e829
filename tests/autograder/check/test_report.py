"""One report, three surfaces: text, HTML, JSON; and the score that nbgrader reads."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from torchgrade.check.report import MIME, Outcome, Report, Score


def report(**changes: Any) -> Report:
    checks = (
        Outcome("f(1)", "passed"),
        Outcome("f <b>", "failed", 0.0, 2.0, ("expected 1, got <script>",), "a & b are swapped"),
        Outcome("later", "failed", 0.0, 1.0, ("never shown",)),
    )
    return replace(Report("f", "partial", checks, 2.5, 5.5), **changes)


def test_the_text_explains_the_first_failure_only() -> None:
    assert report().text().splitlines() == [
        "◐ f: partly there, 2.5 of 5.5 points",
        "  ✓ f(1)",
        "  ✗ f <b>",
        "      expected 1, got <script>",
        "      This is what you get when a & b are swapped.",
        "  ✗ later",
    ]


def test_the_html_escapes_everything_that_is_not_ours() -> None:
    page = report(exercise="<i>f</i>").html()
    assert "<script>" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "expected 1, got &lt;script&gt;" in page
    assert "a &amp; b are swapped" in page


def test_the_html_is_balanced_and_has_no_styles_of_its_own() -> None:
    open_tags: list[str] = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag in {"div", "span"}
            assert {name for name, _ in attrs} <= {"style", "role", "aria-hidden"}
            open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Balance().feed(report().html())
    assert open_tags == []


def test_no_verdict_is_carried_by_colour_or_mark_alone() -> None:
    page = re.sub(r'<span[^>]*aria-hidden="true">[^<]*</span>', "", report().html())
    assert "· passed" in page
    assert "· failed" in page
    assert "partly there" in page


def test_the_json_has_its_schema() -> None:
    found = report().json()
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {
        "version", "exercise", "status", "points", "max_points", "mistake", "summary", "checks"
    }  # fmt: skip
    assert found["version"] == 1
    assert found["mistake"] == "a & b are swapped"
    assert found["checks"][1] == {
        "title": "f <b>",
        "status": "failed",
        "points": 0.0,
        "max_points": 2.0,
        "message": ["expected 1, got <script>"],
        "mistake": "a & b are swapped",
    }


def test_the_mime_bundle_has_all_three() -> None:
    bundle = report()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", MIME}
    assert bundle[MIME]["status"] == "partial"


def test_a_passed_and_an_unfinished_report_are_one_line() -> None:
    done = report(status="passed", checks=(Outcome("f(1)", "passed"),))
    assert len(done.text().splitlines()) == 1
    waiting = report(
        status="unfinished", checks=(Outcome("f", "unfinished", message=("not done yet",)),)
    )
    assert waiting.text() == "… f: not done yet"


def test_a_score_prints_as_a_number_that_nbgrader_parses() -> None:
    for points, text in ((0.0, "0.0"), (2.0, "2.0"), (2.5, "2.5"), (1 / 3, "0.333333")):
        score = Score(report(points=points))
        assert repr(score) == text
        assert abs(float(repr(score)) - points) < 1e-6
    shown = Score(report())._repr_mimebundle_()
    assert shown["text/plain"] == "2.5"
    assert "2.5 of 5.5 points" in shown["text/html"]
    assert shown[MIME] == report().json()


def test_a_score_without_points_is_zero() -> None:
    score = Score(report(points=None, max_points=None))
    assert repr(score) == "0.0"
    assert score._repr_mimebundle_()["text/plain"] == "0.0"
